"""What matching asks of the knowledge: advisories by (scope, name). The intel snapshot is one such index."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from assay.model.advisory import Vulnerability
from assay.model.candidate import Candidate, LookupKey

__all__ = ["AdvisoryIndex", "Candidate", "LookupKey"]


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
