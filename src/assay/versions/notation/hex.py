"""Elixir requirements: ``~> 2.1 and != 2.1.3 or >= 3.0.0`` (https://hexdocs.pm/elixir/Version.html#module-requirements)."""

import re

from assay.model.ecosystem import Ecosystem
from assay.versions.hex import key as key_of
from assay.versions.notation.comparators import OPERATORS, refuse
from assay.versions.notation.semver_range import below, partial, successor

_OR = re.compile(r"\s++or\s++|\s*+\|\|\s*+").split
_AND = re.compile(r"\s++and\s++|\s*+,\s*+").split
_ITEM = re.compile(r"\s*+(~>|[<>]=?|==?|!=|!)?+\s*+([0-9A-Za-z.+-]++)\s*+").fullmatch


def satisfies(_ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils the requirement; raises InvalidVersion or Invalid."""
    key = key_of(version)
    answers = [_fulfils_all(key, part) for part in _OR(constraint)]
    return any(answers)


def _fulfils_all(key: bytes, conjunction: str) -> bool:
    answers = [_fulfils(key, item) for item in _AND(conjunction)]
    return all(answers)


def _fulfils(key: bytes, text: str) -> bool:
    item = _ITEM(text)
    if item is None:
        refuse("hex", text)
    operator, wanted = item[1] or "==", item[2]
    if operator != "~>":
        return OPERATORS["!=" if operator == "!" else operator](key, key_of(wanted))
    numbers = partial("hex", wanted).numbers
    if len(numbers) < 2:
        refuse("hex", text)
    end = below(successor(numbers[:-1]))
    return key_of(wanted) <= key and end.test(key, end.key)
