"""Compare versions for people and for programs."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from assay.errors import Invalid
from assay.versions.native import satisfies
from assay.versions.registry import compare, ecosystem_of

_SIGNS = {-1: "<", 0: "=", 1: ">"}
_LONGEST_LINE = 1 << 20


def relation(ecosystem: str, left: str, right: str) -> str:
    """``<``, ``=`` or ``>``; raises Invalid for an unknown ecosystem, InvalidVersion for a version without order."""
    return _SIGNS[compare(ecosystem_of(ecosystem), left, right)]


def compare_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Answer each JSON line with itself and ``op``, ``satisfied`` or ``error``; blank lines are left out."""
    for line in lines:
        if line.strip():
            yield msgspec.json.encode(_answered(line)) + b"\n"


def _answered(line: bytes) -> dict[str, Any]:
    if len(line) > _LONGEST_LINE:
        return {"error": f"a line of {len(line)} bytes, more than {_LONGEST_LINE}"}
    try:
        question = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        return {"error": f"not a JSON object: {error}"}
    try:
        return {**question, **_answer(question)}
    except Invalid as error:
        return {**question, "error": str(error)}


def _answer(question: dict[str, Any]) -> dict[str, str | bool]:
    ecosystem = ecosystem_of(_text(question, "ecosystem"))
    if "constraint" in question:
        return {"satisfied": satisfies(ecosystem, _text(question, "version"), _text(question, "constraint"))}
    return {"op": _SIGNS[compare(ecosystem, _text(question, "left"), _text(question, "right"))]}


def _text(question: dict[str, Any], key: str) -> str:
    value = question.get(key)
    if not isinstance(value, str):
        raise Invalid(f"{key} is missing or no text")
    return value
