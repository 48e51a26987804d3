"""Dart constraints: ``^1.2.3``, ``>=1.0.0 <2.0.0``, ``any`` (https://dart.dev/tools/pub/dependencies#version-constraints).

``<2.0.0`` leaves the pre-releases of 2.0.0 out, unless the lower limit is one of them.
"""

from assay.model.ecosystem import Ecosystem
from assay.versions.notation.comparators import OPERATORS, alternatives, items, refuse
from assay.versions.notation.semver_range import caret, partial
from assay.versions.pub import key as key_of
from assay.versions.semver import SHAPE


def satisfies(_ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils the constraint; raises InvalidVersion or Invalid."""
    key = key_of(version)
    answers = [_fulfils(key, part) for part in alternatives(constraint)]
    return any(answers)


def _fulfils(key: bytes, conjunction: str) -> bool:
    if conjunction in ("any", ""):
        return True
    found = list(items("pub", conjunction))
    results = []
    for operator, wanted in found:
        if operator == "^":
            results.append(all(entry.test(key, entry.key) for entry in caret(partial("pub", wanted))))
        elif operator == "<" and "-" not in wanted and not _has_pre_release_of(wanted, found):
            results.append(key < key_of(f"{wanted.partition('+')[0]}-0"))
        elif operator in OPERATORS:
            results.append(OPERATORS[operator](key, key_of(wanted)))
        else:
            refuse("pub", conjunction)
    return all(results)


def _has_pre_release_of(wanted: str, found: list[tuple[str, str]]) -> bool:
    for operator, low in found:
        shape = SHAPE(low) if operator in (">", ">=") else None
        if shape and shape["pre"] and key_of(shape["numbers"]) == key_of(wanted):
            return True
    return False
