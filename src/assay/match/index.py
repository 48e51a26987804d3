"""What matching asks of the knowledge: advisories by (scope, name). The intel snapshot is one such index."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from assay.model.advisory import AffectedPackage, Vulnerability

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


class AdvisoryIndex(Protocol):
    """Read access to one immutable state of knowledge."""

    def affecting(self, keys: Collection[LookupKey], /) -> Mapping[LookupKey, Sequence[Candidate]]:
        """All statements on the given packages; keys without any are absent. One call per inventory."""

    def covers(self, scope: str, /) -> bool:
        """Whether a source with good data covers the scope. False means "unknown", never "no findings"."""

    def vulnerabilities(self, ids: Collection[str], /) -> Mapping[str, Vulnerability]:
        """The facts on the given canonical ids; unknown ids are absent."""

    def canonical(self, identifier: str, /) -> str:
        """The canonical id of any alias (a GHSA becomes its CVE); the identifier itself when unknown."""

    def end_of_life(self, scope: str, /) -> date | None:
        """The day from which the operating system release gets no more fixes; None when unknown."""
