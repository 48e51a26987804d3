"""Swift package requirements: ``1.0.0..<2.0.0``, ``1.0.0...1.5.0``, ``from: "1.2.0"``, ``exact: "1.2.3"``, comparators.

https://docs.swift.org/package-manager/PackageDescription/PackageDescription.html#package-dependency-requirement
"""

import re

from assay.model.ecosystem import Ecosystem
from assay.versions.notation import comparators
from assay.versions.notation.semver_range import Limit, below, partial, successor
from assay.versions.swift import key as key_of

_RANGE = re.compile(r"\s*+([0-9A-Za-z.+-]+?)(\.\.[<.])([0-9A-Za-z+-][0-9A-Za-z.+-]*+)\s*+").fullmatch
_CALL = re.compile(
    r'\s*+\.?(from|exact|upToNextMajor|upToNextMinor)\s*+[:(]\s*+(?:from:\s*+)?"?([^"\s)]++)"?\)?\s*+'
).fullmatch


def satisfies(ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils the requirement; raises InvalidVersion or Invalid."""
    key = key_of(version)
    found = _RANGE(constraint.replace('"', ""))
    if found:
        high = key_of(found[3])
        return key_of(found[1]) <= key and (key < high or (found[2] == "..." and key == high))
    call = _CALL(constraint)
    if call is None:
        return comparators.satisfies(ecosystem, version, constraint)
    kind, wanted = call.groups()
    if kind == "exact":
        return key == key_of(wanted)
    end = _end(wanted, 2 if kind == "upToNextMinor" else 1)
    return key_of(wanted) <= key and end.test(key, end.key)


def _end(wanted: str, kept: int) -> Limit:
    numbers = partial("swift", wanted).numbers
    padded = (*numbers, 0, 0)
    return below(successor(padded[:kept]))
