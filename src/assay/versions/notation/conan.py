"""Conan ranges: ``[>=1.0 <2.0]``, ``[~1.2]``, ``[^1.2 || 3.0]``, ``[*]``, with or without the brackets.

https://docs.conan.io/2/tutorial/versioning/version_ranges.html. Options after a comma (``include_prerelease``)
concern which version is chosen, not which one fits, so pre-releases fit by their place in the order.
"""

import re

from assay.model.ecosystem import Ecosystem
from assay.versions.conan import key as key_of
from assay.versions.notation.comparators import OPERATORS, alternatives, items, refuse

_OPTION = re.compile(r",\s*+(?:include_prerelease|loose)(?:\s*+=\s*+\w++)?").sub
_DOTTED = re.compile(r"[0-9]{1,100}+(?:\.[0-9]{1,100}+)*+").match


def satisfies(_ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version lies in the range; raises InvalidVersion or Invalid."""
    key = key_of(version)
    text = constraint.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    answers = [_fulfils(key, part) for part in alternatives(_OPTION("", text))]
    return any(answers)


def _fulfils(key: bytes, conjunction: str) -> bool:
    results = []
    for operator, wanted in items("conan", conjunction):
        if wanted == "*":
            results.append(True)
        elif operator in ("~", "^"):
            end = key_of(f"{_end(operator, wanted)}-")
            results.append(key_of(wanted) <= key < end)
        elif operator in OPERATORS:
            results.append(OPERATORS[operator](key, key_of(wanted)))
        else:
            refuse("conan", conjunction)
    return all(results)


def _end(operator: str, wanted: str) -> str:
    """The first version that ``~`` or ``^`` excludes."""
    found = _DOTTED(wanted)
    if found is None:
        refuse("conan", wanted)
    numbers = [int(part) for part in found[0].split(".")]
    if operator == "~":
        kept = 2
    else:
        kept = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1) + 1
    numbers = numbers[:kept]
    numbers[-1] += 1
    return ".".join(map(str, numbers))
