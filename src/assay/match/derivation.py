"""The steps of a derivation: what was tested, against what, and how it came out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assay.match.statement import Outcome, Tested, key_of
from assay.model.advisory import AffectedRange, FixState
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem

_OPERATORS = {-1: "<", 0: "=", 1: ">"}
_LISTED_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its ``kind`` (package, looked up, gap, statement, set aside, verdict), what it says, and details."""

    kind: str
    text: str
    details: tuple[str, ...] = ()


def statement_steps(component: Component, tested: Sequence[Tested]) -> Iterator[Step]:
    """One step per tested statement, with every comparison that was made."""
    for item in tested:
        candidate = item.candidate
        head = f"{candidate.advisory} ({candidate.source}, {item.view.key[0]}): {item.outcome}"
        yield Step("statement", head, tuple(_details(component.ecosystem, item)))


def _details(ecosystem: Ecosystem, item: Tested) -> Iterator[str]:
    affected, version = item.candidate.affected, item.view.version
    for part in affected.ranges:
        yield " and ".join(_limits(ecosystem, version, part)) or f"every version, {version} too"
    if affected.versions:
        shown = ", ".join(affected.versions[:_LISTED_SHOWN])
        more = len(affected.versions) - _LISTED_SHOWN
        yield f"listed: {shown}{f' and {more} more' if more > 0 else ''}"
    if affected.state is FixState.NOT_AFFECTED:
        yield f"states that {item.view.key[1]} is not affected"
    elif affected.state is not FixState.FIXED:
        yield f"state: {affected.state}"
    if affected.status_text:
        yield f"in its words: {affected.status_text}"
    if item.why:
        yield item.why
    if item.outcome is Outcome.HOLDS:
        yield f"so {version} is in {item.span}"
    if item.candidate.url:
        yield item.candidate.url


def _limits(ecosystem: Ecosystem, version: str, part: AffectedRange) -> Iterator[str]:
    """The comparisons with the ends of a range, by their encoded forms."""
    if part.introduced not in ("0", ""):
        yield f"{compared(ecosystem, version, part.introduced)} (introduced)"
    if part.fixed is not None:
        yield f"{compared(ecosystem, version, part.fixed)} (fixed)"
    elif part.last_affected is not None:
        yield f"{compared(ecosystem, version, part.last_affected)} (last affected)"


def compared(ecosystem: Ecosystem, left: str, right: str) -> str:
    """``1.1.1n-0+deb11u3 < 1.1.1n-0+deb11u4``; with ``?`` when one of them has no place in the order."""
    a, b = key_of(ecosystem, left), key_of(ecosystem, right)
    sign = "?" if a is None or b is None else _OPERATORS[(a > b) - (a < b)]
    return f"{left} {sign} {right}"
