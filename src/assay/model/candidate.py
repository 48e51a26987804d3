"""What the knowledge answers when it is asked for a package: one candidate per advisory's statement."""

from dataclasses import dataclass

from assay.model.advisory import AffectedPackage

LookupKey = tuple[str, str]
"""(scope, normalised package name)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One advisory's statement on one package.

    ``vulnerabilities`` are the canonical ids of the flaws it speaks of: the CVE where there is one, else the
    record's own id; a bulletin that covers several CVEs has several. ``bounds`` are the encoded limits of
    ``affected.ranges`` in the same order, as (low, high, high inclusive); None for a limit without end, the whole
    entry None when one of its versions cannot be ordered.
    """

    advisory: str
    source: str
    vulnerabilities: tuple[str, ...]
    affected: AffectedPackage
    bounds: tuple[tuple[bytes | None, bytes | None, bool] | None, ...]
    url: str = ""
