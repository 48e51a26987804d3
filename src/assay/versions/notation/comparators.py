"""Comparators joined by commas or blanks, alternatives by ``||``: ``>= 1.0, < 2.0``.

This is how GitHub advisories write every ecosystem, how dpkg and rpm write dependencies (``<<`` and ``>>`` are
strictly earlier and later), and what the other notations fall back to. A bare version means exactly that version.
"""

import re
from collections.abc import Callable, Iterator
from operator import eq, ge, gt, le, lt, ne
from typing import NoReturn

from assay.errors import Invalid
from assay.model.ecosystem import Ecosystem
from assay.versions.registry import version_key

Test = Callable[[bytes, bytes], bool]

OPERATORS: dict[str, Test] = {
    "<": lt,
    "<<": lt,
    "<=": le,
    "=<": le,
    "": eq,
    "=": eq,
    "==": eq,
    "!=": ne,
    "<>": ne,
    ">=": ge,
    "=>": ge,
    ">": gt,
    ">>": gt,
}
_OPERATOR_BLANK = re.compile(r"([<>=!~^])\s++").sub
_SEPARATOR = re.compile(r"[\s,]++").split
_ITEM = re.compile(r"([<>=!~^]*+)(.*+)", re.DOTALL).fullmatch
_ALTERNATIVES = re.compile(r"\|\|?").split


def refuse(notation: str, constraint: str) -> NoReturn:
    """Raise Invalid, naming the notation and the beginning of the constraint."""
    raise Invalid(f"{constraint[:80]!r} is not a constraint in the notation of {notation}")


def alternatives(constraint: str) -> list[str]:
    """The parts between ``||`` (or ``|``), without surrounding blanks."""
    return [part.strip() for part in _ALTERNATIVES(constraint)]


def items(notation: str, conjunction: str) -> Iterator[tuple[str, str]]:
    """Operator ("" when there is none) and version of each comparator; raises Invalid for an operator alone."""
    for text in _SEPARATOR(_OPERATOR_BLANK(r"\1", conjunction)):
        found = _ITEM(text)
        if not text or found is None:
            continue
        operator, version = found[1], found[2]
        if not version:
            refuse(notation, conjunction)
        yield operator, version


def satisfies(ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils the constraint in its ecosystem's order.

    Raises InvalidVersion for a version that cannot be ordered and Invalid for a constraint that is none.
    """
    key = version_key(ecosystem, version)
    answers = [_fulfils(ecosystem, key, part) for part in alternatives(constraint)]
    return any(answers)


def _fulfils(ecosystem: Ecosystem, key: bytes, conjunction: str) -> bool:
    results = []
    for operator, limit in items(ecosystem.value, conjunction):
        if limit == "*" and operator in ("", "="):
            results.append(True)
            continue
        test = OPERATORS.get(operator)
        if test is None:
            refuse(ecosystem.value, conjunction)
        results.append(test(key, version_key(ecosystem, limit)))
    if not results:
        refuse(ecosystem.value, conjunction)
    return all(results)
