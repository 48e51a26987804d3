"""Gem requirements: ``~> 2.3, >= 2.3.4``, ``!= 1.5`` (https://guides.rubygems.org/patterns/#declaring-dependencies)."""

import re

from assay.model.ecosystem import Ecosystem
from assay.versions.gem import key as key_of
from assay.versions.gem import written_segments
from assay.versions.notation.comparators import OPERATORS, alternatives, refuse

_ITEM = re.compile(r"\s*+(~>|[<>]=?|!=|==?)?+\s*+([^\s,]++)\s*+").fullmatch


def satisfies(_ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils all requirements (of one alternative); raises InvalidVersion or Invalid."""
    key = key_of(version)
    answers = [_fulfils_all(version, key, part) for part in alternatives(constraint)]
    return any(answers)


def _fulfils_all(version: str, key: bytes, conjunction: str) -> bool:
    answers = [_fulfils(version, key, item) for item in conjunction.split(",")]
    return all(answers)


def _fulfils(version: str, key: bytes, text: str) -> bool:
    item = _ITEM(text)
    if item is None:
        refuse("gem", text)
    operator, wanted = item[1] or "=", item[2]
    if operator != "~>":
        return OPERATORS[operator](key, key_of(wanted))
    return key >= key_of(wanted) and key_of(_release(version)) < key_of(_bumped(wanted))


def _release(version: str) -> str:
    """The version without its pre-release part: numbers up to the first word."""
    return ".".join(_leading_numbers(version))


def _bumped(version: str) -> str:
    """``1.2.3`` becomes ``1.3``, ``1`` becomes ``2``; words do not count."""
    numbers = _leading_numbers(version)
    if len(numbers) > 1:
        numbers.pop()
    return ".".join([*numbers[:-1], _raised(numbers[-1])])


def _leading_numbers(version: str) -> list[str]:
    parts = written_segments(version)
    words = next((index for index, part in enumerate(parts) if not part[0].isdigit()), len(parts))
    return parts[:words]


def _raised(digits: str) -> str:
    """The number after it, without limit on the number of digits."""
    kept = digits.rstrip("9")
    nines = "0" * (len(digits) - len(kept))
    if not kept:
        return "1" + nines
    return kept[:-1] + chr(ord(kept[-1]) + 1) + nines
