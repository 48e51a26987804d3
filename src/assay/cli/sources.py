"""Which sources of a snapshot deserve a word: those that were there and could not be read."""

from assay.model.report import IntelSource


def never_offered(source: IntelSource) -> bool:
    """Whether a source is missing because it was never asked for or its mirror does not hold it, which is no news."""
    return source.status == "missing" and (
        "not in the mirror" in source.message or source.message in ("", "never read")
    )


def broken(source: IntelSource) -> bool:
    """Whether a source could not be read, with or without former data to fall back on."""
    return source.status != "ok" and not never_offered(source)
