"""Partial semantic versions (``1.2``, ``1.x``) and what caret, tilde and comparators make of them.

npm and Cargo mean the same intervals (https://github.com/npm/node-semver#advanced-range-syntax,
https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html); Conan, Dart and Swift borrow parts of them.
An upper limit such as ``<2.0.0-0`` keeps the pre-releases of 2.0.0 out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from assay.versions.notation.comparators import OPERATORS, Test, refuse
from assay.versions.semver import numbers_key, parts_key

_PARTIAL = re.compile(
    r"[v=\s]*+([xX*]|[0-9]{1,100}+)(?:\.([xX*]|[0-9]{1,100}+)(?:\.([xX*]|[0-9]{1,100}+)"
    r"(?:-?([0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+))?)?)?(?:\+[0-9A-Za-z.-]*+)?"
).fullmatch


@dataclass(frozen=True, slots=True)
class Partial:
    """A version of which the end may be missing; ``numbers`` holds what is there, at most three."""

    numbers: tuple[int, ...]
    pre: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """One comparator: ``key`` is compared by ``test``; ``core`` are the numbers alone when it has a pre-release."""

    test: Test
    key: bytes
    core: bytes | None = None


def partial(notation: str, text: str) -> Partial:
    """Read a partial version; everything from the first ``x`` or ``*`` on is missing."""
    found = _PARTIAL(text)
    if found is None:
        refuse(notation, text)
    numbers: list[int] = []
    for part in found.group(1, 2, 3):
        if part is None or part in "xX*":
            break
        numbers.append(int(part))
    return Partial(tuple(numbers), (found[4] or "") if len(numbers) == 3 else "")


def limit(operator: str, numbers: tuple[int, ...], pre: str = "") -> Limit:
    """A comparator with a full version; missing numbers are 0."""
    dotted = ".".join(map(str, numbers))
    core = numbers_key(dotted) if pre else None
    return Limit(OPERATORS[operator], parts_key(dotted, pre or None), core)


def below(numbers: tuple[int, ...]) -> Limit:
    """Before the version and before all its pre-releases."""
    return limit("<", numbers, "0")


def successor(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The last number raised by one."""
    return (*numbers[:-1], numbers[-1] + 1)


def caret(version: Partial) -> tuple[Limit, ...]:
    """``^1.2.3``: up to the next change of the first number that is not zero."""
    numbers = version.numbers
    if not numbers:
        return ()
    fixed = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1) + 1
    return (limit(">=", numbers, version.pre), below(successor(numbers[:fixed])))


def tilde(version: Partial) -> tuple[Limit, ...]:
    """``~1.2.3``: up to the next minor version, or the next major one when only that is given."""
    numbers = version.numbers
    if not numbers:
        return ()
    return (limit(">=", numbers, version.pre), below(successor(numbers[:2])))


def equal(version: Partial) -> tuple[Limit, ...]:
    """``1.2``: every version that begins so."""
    numbers = version.numbers
    if len(numbers) == 3:
        return (limit("=", numbers, version.pre),)
    return (limit(">=", numbers), below(successor(numbers))) if numbers else ()


def compare(operator: str, version: Partial) -> tuple[Limit, ...]:
    """``>=1.2``, ``>1.2`` (after every 1.2), ``<=1.2`` (up to every 1.2), ``<1.2``."""
    numbers = version.numbers
    if len(numbers) == 3:
        return (limit(operator, numbers, version.pre),)
    if not numbers:
        return (below((0,)),) if operator in ("<", ">") else ()
    if operator == ">":
        return (limit(">=", successor(numbers)),)
    if operator == "<=":
        return (below(successor(numbers)),)
    return (below(numbers),) if operator == "<" else (limit(operator, numbers),)


_MEANINGS: dict[str, Callable[[Partial], tuple[Limit, ...]]] = {"^": caret, "~": tilde, "=": equal, "==": equal}


def limits(operator: str, version: Partial) -> tuple[Limit, ...]:
    """What ``^``, ``~``, ``=``, ``==`` or a comparator makes of a version."""
    meaning = _MEANINGS.get(operator)
    return meaning(version) if meaning is not None else compare(operator, version)


def fulfils(numbers: str, pre: str | None, wanted: tuple[Limit, ...]) -> bool:
    """Whether all limits hold. A pre-release must be asked for: a limit names a pre-release of the same numbers."""
    key = parts_key(numbers, pre)
    if not all(entry.test(key, entry.key) for entry in wanted):
        return False
    if pre is None:
        return True
    core = numbers_key(numbers)
    return any(entry.core == core for entry in wanted)
