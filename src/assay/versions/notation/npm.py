"""npm ranges, as node-semver reads them: ``^1.2 || ~3``, ``1.2.3 - 2.3``, ``>=1.0 <2``, ``1.x``.

Commas between comparators and tabs written as ``\\t`` are taken as blanks: GitHub advisories write the one, text that
was escaped twice holds the other.
"""

import re

from assay.model.ecosystem import Ecosystem
from assay.versions.notation.comparators import refuse
from assay.versions.notation.semver_range import Limit, Partial, below, fulfils, limit, limits, partial, successor
from assay.versions.npm import split

_ALTERNATIVES = re.compile(r"\s*+\|\|\s*+").split
_HYPHEN = re.compile(r"(\S++)\s++-\s++(\S++)").fullmatch
_OPERATOR_BLANK = re.compile(r"([<>=~^])[\s,]++").sub
_SEPARATOR = re.compile(r"[\s,]++").split
_ITEM = re.compile(r"([<>]=?|~>?|\^|={1,2})?+(.*+)", re.DOTALL).fullmatch


def satisfies(_ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version lies in the range; raises InvalidVersion or Invalid."""
    numbers, pre = split(version)
    text = constraint.replace("\\t", " ").strip()
    answers = [fulfils(numbers, pre, _parse(part)) for part in _ALTERNATIVES(text)]
    return any(answers)


def _parse(conjunction: str) -> tuple[Limit, ...]:
    hyphen = _HYPHEN(conjunction)
    if hyphen:
        return _between(partial("npm", hyphen[1]), partial("npm", hyphen[2]))
    found: list[Limit] = []
    for text in _SEPARATOR(_OPERATOR_BLANK(r"\1", conjunction)):
        if text:
            item = _ITEM(text)
            if item is None or not item[2]:
                refuse("npm", conjunction)
            operator = {None: "=", "~>": "~"}.get(item[1], item[1])
            found.extend(limits(operator, partial("npm", item[2])))
    return tuple(found)


def _between(low: Partial, high: Partial) -> tuple[Limit, ...]:
    """``1.2.3 - 2.3``: both ends included, a partial end with all that begins so."""
    found: list[Limit] = []
    if low.numbers:
        found.append(limit(">=", low.numbers, low.pre))
    if len(high.numbers) == 3:
        found.append(limit("<=", high.numbers, high.pre))
    elif high.numbers:
        found.append(below(successor(high.numbers)))
    return tuple(found)
