"""Composer constraints: ``^1.2``, ``~1.2.3``, ``1.2.*``, ``1.0 - 2.0``, ``>=1.0,<2.0|>=3.0@beta``, ``dev-main``.

https://getcomposer.org/doc/articles/versions.md#writing-version-constraints. A lower limit without a stability
includes the pre-releases of its version, an upper limit excludes them.
"""

import re

from assay.errors import InvalidVersion
from assay.model.ecosystem import Ecosystem
from assay.versions.composer import key as key_of
from assay.versions.notation.comparators import OPERATORS, refuse
from assay.versions.notation.composer_version import MODIFIER, can_normalise, is_branch, normalise

Limit = tuple[str, str]
"""Operator and normal form."""

_ALTERNATIVES = re.compile(r"\s*+\|\|?\s*+").split
_CONJUNCTION = re.compile(r"(?<![=>< ,-])(?<!\bas) *(?:,| ) *(?![-,]|as )").split
_ALIAS = re.compile(r"([^,\s]++) ++as ++[^,\s]++").fullmatch
_STABILITY = re.compile(r"([^,\s]*?)@(stable|rc|beta|alpha|dev)", re.IGNORECASE).fullmatch
_REFERENCE = re.compile(r"(dev-[^,\s@]+?|[^,\s@]+?\.x-dev)#.++", re.IGNORECASE).fullmatch
_ANY = re.compile(r"(v)?[xX*]((?:\.[xX*])*+)", re.IGNORECASE).fullmatch
_VERSION = (
    r"v?([0-9]{1,100}+)(?:\.([0-9]{1,100}+))?(?:\.([0-9]{1,100}+))?(?:\.([0-9]{1,100}+))?"
    rf"(?:{MODIFIER}|\.([xX*][.-]?dev))(?:\+\S++)?"
)
_RANGE = re.compile(r"([~^])" + _VERSION, re.IGNORECASE).fullmatch
_WILDCARD = re.compile(r"v?([0-9]{1,100}+)(?:\.([0-9]{1,100}+))?(?:\.([0-9]{1,100}+))?(?:\.[xX*])++").fullmatch
_HYPHEN = re.compile(r"([^\s,]++) +- +([^\s,]++)").fullmatch
_FULL = re.compile(_VERSION, re.IGNORECASE).fullmatch
_BASIC = re.compile(r"(<>|!=|>=?|<=?|==?)?+\s*+(.*+)", re.DOTALL).fullmatch
_ENDS_WITH_STABILITY = re.compile(rf"-{MODIFIER}\Z").search
_UNSTABLE = re.compile(r"-(?:alpha|beta|RC|dev)").search
_ZERO = "0.0.0.0-dev"


def satisfies(_ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils the constraint; raises InvalidVersion or Invalid."""
    normal = normalise(version)
    answers = [_fulfils(normal, part) for part in _ALTERNATIVES(constraint.strip())]
    return any(answers)


def _fulfils(normal: str, conjunction: str) -> bool:
    limits = [limit for part in _split(conjunction) for limit in _parse(part)]
    return all(_holds(normal, operator, wanted) for operator, wanted in limits)


def _split(conjunction: str) -> list[str]:
    return [conjunction] if _HYPHEN(conjunction) else _CONJUNCTION(conjunction)


def _holds(normal: str, operator: str, wanted: str) -> bool:
    if is_branch(normal) or is_branch(wanted):
        same = normal == wanted
        return not same if operator in ("!=", "<>") else same and operator in ("=", "==")
    return OPERATORS[operator](key_of(normal), key_of(wanted))


def _parse(text: str) -> list[Limit]:
    alias = _ALIAS(text)
    text = alias[1] if alias else text
    stability = _STABILITY(text)
    flag = ""
    if stability:
        text = stability[1] or "*"
        flag = "" if stability[2].lower() == "stable" else stability[2]
    reference = _REFERENCE(text)
    text = reference[1] if reference else text
    anything = _ANY(text)
    if anything:
        return [(">=", _ZERO)] if anything[1] or anything[2] else []
    return _parse_range(text) or [_parse_basic(text, flag)]


def _parse_range(text: str) -> list[Limit]:
    """The limits of ``~``, ``^``, wildcards and hyphens; none when it is something else."""
    found = _RANGE(text)
    if found:
        return _raised_from(found)
    found = _WILDCARD(text)
    if found:
        given = [part for part in found.groups() if part]
        low, high = _filled(given), _filled(given, len(given))
        return [("<", high)] if low == _ZERO else [(">=", low), ("<", high)]
    found = _HYPHEN(text)
    return _between(text, found[1], found[2]) if found else []


def _raised_from(found: re.Match[str]) -> list[Limit]:
    given = [part for part in found.group(2, 3, 4, 5) if part is not None]
    stable = not (found[6] or found[8] or found[9])
    if found[1] == "~":
        position = max(1, len(given) - (0 if found[9] else 1))
    else:
        # The first number that is not a single 0 decides, of those that are written, the third at the latest.
        written = given[:3]
        position = next((index for index, part in enumerate(written) if part != "0"), len(written) - 1) + 1
    low = normalise(found[0][1:] + ("-dev" if stable else ""))
    return [(">=", low), ("<", _filled(given, position))]


def _between(text: str, low: str, high: str) -> list[Limit]:
    start, end = _FULL(low), _FULL(high)
    if start is None or end is None:
        refuse("composer", text)
    first = normalise(low) + ("" if start[5] or start[7] or start[8] else "-dev")
    if (end[2] and end[3]) or end[5] or end[7] or end[8]:
        return [(">=", first), ("<=", normalise(high))]
    normalise(high)
    return [(">=", first), ("<", _filled([end[1], *([end[2]] if end[2] else [])], 2 if end[2] else 1))]


def _filled(given: list[str], position: int = 0) -> str:
    """Four numbers from those given, cut after ``position`` (from 1) whose number is raised; 0 raises none."""
    numbers = [int(part) for part in given]
    if position:
        numbers = [*numbers, 0, 0, 0][:position]
        numbers[-1] += 1
    return ".".join(map(str, [*numbers, 0, 0, 0, 0][:4])) + "-dev"


def _parse_basic(text: str, flag: str) -> Limit:
    found = _BASIC(text)
    operator, wanted = (found[1] or "=", found[2]) if found else ("=", "")
    try:
        if wanted.endswith("-dev") and not can_normalise(wanted):
            wanted = f"dev-{wanted.removesuffix('-dev')}"
        normal = normalise(wanted)
    except InvalidVersion:
        refuse("composer", text)
    if operator not in ("=", "==") and flag and not is_branch(normal) and not _UNSTABLE(normal):
        return operator, f"{normal}-{flag}"
    if operator in ("<", ">=") and not is_branch(normal) and not _ENDS_WITH_STABILITY(wanted.lower()):
        return operator, f"{normal}-dev"
    return operator, normal
