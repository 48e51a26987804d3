"""A hostile file can hold millions of broken records; the user needs to see some of them and how many there are."""

from collections.abc import Iterator

from assay.errors import Unreadable
from assay.extract.contract import Fact, Problem

_SHOWN = 50


def capped(facts: Iterator[Fact]) -> Iterator[Fact]:
    """The facts with at most fifty of their problems, and one more that counts the rest."""
    count = 0
    try:
        for fact in facts:
            if isinstance(fact, Problem):
                count += 1
                if count > _SHOWN:
                    continue
            yield fact
    except Unreadable:
        yield from _rest(count)
        raise
    yield from _rest(count)


def _rest(count: int) -> Iterator[Fact]:
    if count > _SHOWN:
        yield Problem(f"{count - _SHOWN} more problems of this kind")
