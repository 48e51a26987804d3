"""Cargo requirements: ``1.2`` means ``^1.2``; comparators are joined by commas.

https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html
"""

import re

from assay.model.ecosystem import Ecosystem
from assay.versions.encoding import refuse as refuse_version
from assay.versions.notation.comparators import refuse
from assay.versions.notation.semver_range import Limit, fulfils, limits, partial
from assay.versions.semver import SHAPE

_ITEM = re.compile(r"\s*+([<>]=?|~|\^|=)?+\s*+([0-9A-Za-z.*+-]++)\s*+").fullmatch


def satisfies(_ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils the requirement; raises InvalidVersion or Invalid."""
    found = SHAPE(version.strip())
    if found is None:
        refuse_version("cargo", version)
    wanted: list[Limit] = []
    for text in constraint.split(","):
        item = _ITEM(text)
        if item is None:
            refuse("cargo", constraint)
        wanted.extend(limits(item[1] or "^", partial("cargo", item[2])))
    return fulfils(found["numbers"], found["pre"], tuple(wanted))
