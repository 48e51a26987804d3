"""Intervals in mathematical notation, as Maven, NuGet and Go's retractions write them: ``[1.0,2.0),[3.0,)``.

Maven: https://maven.apache.org/pom.html#dependency-version-requirement-specification, NuGet:
https://learn.microsoft.com/nuget/concepts/package-versioning#version-ranges. A bare version is the lowest one
allowed in NuGet (``1.0`` allows 1.1 too) and exactly that version elsewhere: in Maven it is only a wish, and an
advisory that names one means it. Text without brackets is read as comparators.
"""

import re

from assay.model.ecosystem import Ecosystem
from assay.versions.notation import comparators
from assay.versions.registry import version_key

_INTERVAL = re.compile(r"\s*+([\[(])([^\[\]()]*+)([\])])\s*+,?+").match
_BARE = re.compile(r"[0-9A-Za-z][^\s<>=!,|\[\]()*]*+").fullmatch
_FLOATING = re.compile(r"((?:[0-9]++\.)*+)(?:\*(-\*)?|([0-9]++)-\*)").fullmatch


def satisfies(ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version lies in one of the intervals; raises InvalidVersion or Invalid."""
    text = constraint.strip()
    if ecosystem is Ecosystem.NUGET and "[" not in text and "(" not in text:
        if _BARE(text):
            text = f">={text}"
        elif "*" in text:
            return _floats(version, text)
    if not text.startswith(("[", "(")):
        return comparators.satisfies(ecosystem, version, text)
    key = version_key(ecosystem, version)
    found = False
    position = 0
    while position < len(text):
        interval = _INTERVAL(text, position)
        if interval is None:
            comparators.refuse(ecosystem.value, constraint)
        found |= _holds(ecosystem, key, interval, constraint)
        position = interval.end()
    return found


def _holds(ecosystem: Ecosystem, key: bytes, interval: re.Match[str], constraint: str) -> bool:
    opening, inside, closing = interval.groups()
    low, comma, high = (part.strip() for part in inside.partition(","))
    if not comma:
        if not low or opening + closing != "[]":
            comparators.refuse(ecosystem.value, constraint)
        return key == version_key(ecosystem, low)
    if low:
        limit = version_key(ecosystem, low)
        if key < limit or (key == limit and opening == "("):
            return False
    if high:
        limit = version_key(ecosystem, high)
        return key < limit or (key == limit and closing == "]")
    return True


def _floats(version: str, text: str) -> bool:
    """NuGet's floating versions: the versions that ``1.2.*`` (releases), ``1.2.*-*`` (pre-releases too) and ``1.2-*``
    (1.2 and its pre-releases) stand for.
    """
    found = _FLOATING(text)
    if found is None:
        comparators.refuse("nuget", text)
    key = version_key(Ecosystem.NUGET, version)
    numbers, pre_releases, last = found.groups()
    if last is not None:
        exact = numbers + last
        return version_key(Ecosystem.NUGET, f"{exact}-0") <= key <= version_key(Ecosystem.NUGET, exact)
    stated = [part.lstrip("0") for part in numbers.split(".")[:-1]]
    release, dash, _ = version.strip().partition("+")[0].partition("-")
    own = [part.lstrip("0") for part in release.split(".")]
    own += [""] * (len(stated) - len(own))
    return own[: len(stated)] == stated and (not dash or pre_releases is not None)
