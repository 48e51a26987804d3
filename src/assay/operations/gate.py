"""Whether findings reach a threshold a pipeline was given."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assay.errors import Invalid
from assay.model.report import Finding, Severity

_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*-[A-Za-z0-9:._-]+")


@dataclass(frozen=True, slots=True)
class Gate:
    """Counts per severity, an EPSS score and ids that must not be reached. A count of 0 is ignored."""

    counts: Mapping[Severity, int] = field(default_factory=dict)
    total: int = 0
    epss: float | None = None
    ids: frozenset[str] = frozenset()

    def reached(self, findings: Sequence[Finding]) -> tuple[str, ...]:
        """One sentence for each threshold that is reached: a count with as many findings or more, an EPSS score as
        high or higher, an id (or an alias of it) that is present.
        """
        found = Counter(finding.score.severity for finding in findings)
        reasons = [
            f"{found[severity]} {severity.value.lower()} findings reach the threshold of {limit}"
            for severity, limit in sorted(self.counts.items(), key=lambda item: -item[0].rank)
            if 0 < limit <= found[severity]
        ]
        if 0 < self.total <= len(findings):
            reasons.append(f"{len(findings)} findings reach the threshold of {self.total}")
        if self.epss is not None:
            reasons += self._epss_reasons(findings, self.epss)
        named = sorted({finding.id for finding in findings if self.ids & {finding.id, *finding.vulnerability.aliases}})
        return (*reasons, *(f"{identifier} is present" for identifier in named))

    def _epss_reasons(self, findings: Sequence[Finding], limit: float) -> list[str]:
        scores = {f.id: f.vulnerability.epss.score for f in findings if f.vulnerability.epss}
        worst = max(scores.items(), key=lambda item: (item[1], item[0]), default=("", -1.0))
        if worst[1] < limit:
            return []
        return [f"{worst[0]} has an EPSS score of {worst[1]:.4f}, the threshold is {limit:g}"]


def parse_gate(thresholds: Iterable[str], fail_on: Iterable[str]) -> Gate:
    """Read ``critical=1,high=10``, ``any=100``, ``epss=0.5`` and lists of ids; raises Invalid."""
    counts: dict[Severity, int] = {}
    total = 0
    epss: float | None = None
    for part in _parts(thresholds):
        name, separator, text = (piece.strip() for piece in part.partition("="))
        if not separator:
            raise Invalid(f"threshold {part!r}: expected NAME=NUMBER such as critical=1 or epss=0.5")
        if name.lower() == "epss":
            epss = _probability(part, text)
        elif name.lower() == "any":
            total = _count(part, text)
        elif name.upper() in Severity.__members__:
            counts[Severity(name.upper())] = _count(part, text)
        else:
            names = ", ".join(severity.value.lower() for severity in Severity)
            raise Invalid(f"threshold {part!r}: the name must be one of {names}, any, epss")
    ids = frozenset(_parts(fail_on))
    for identifier in ids:
        if not _ID.fullmatch(identifier):
            raise Invalid(f"{identifier!r} is no vulnerability id")
    return Gate(counts, total, epss, ids)


def _parts(texts: Iterable[str]) -> list[str]:
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def _count(part: str, text: str) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 9:
        raise Invalid(f"threshold {part!r}: expected a whole number")
    return int(text)


def _probability(part: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Invalid(f"threshold {part!r}: expected a number from 0 to 1") from None
    if not 0 <= value <= 1:
        raise Invalid(f"threshold {part!r}: expected a number from 0 to 1")
    return value
