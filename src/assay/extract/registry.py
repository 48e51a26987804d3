"""All extractors, in one place; a test asserts that every extractor module is listed here."""

from assay.extract.contract import Extractor


def installed() -> tuple[Extractor, ...]:
    """Extractors of what is installed: package databases, installed metadata, archives, binaries."""
    return ()


def declared() -> tuple[Extractor, ...]:
    """Extractors of what is declared: manifests and lock files. In a root with an operating system they prove
    nothing, so the merge drops their packages there.
    """
    return ()


def all_extractors() -> tuple[Extractor, ...]:
    """Every extractor, installed ones first."""
    return installed() + declared()
