"""GitHub's notation for vulnerable versions: clauses joined by commas, as ``>= 1.0, < 2.0``.

https://docs.github.com/en/graphql/reference/objects#securityvulnerability names the forms: ``= V``, ``<= V``,
``< V``, ``>= V, < V`` and ``>= V``; records also use ``> V`` and ``, <= V``.
"""

import re
from dataclasses import dataclass

from assay.errors import Unreadable
from assay.model.advisory import AffectedRange
from assay.model.ecosystem import Ecosystem

_CLAUSE = re.compile(r"\s*(>=|<=|>|<|==?)\s*([^\s,<>=]+)\s*\Z")
_THREE = re.compile(r"v?(\d{1,18})\.(\d{1,18})\.(\d{1,18})\Z", re.ASCII)
_SEMVER = frozenset({Ecosystem.NPM, Ecosystem.CARGO, Ecosystem.GOLANG, Ecosystem.HEX, Ecosystem.PUB, Ecosystem.SWIFT})


@dataclass(frozen=True, slots=True)
class Versions:
    """What a notation means: a range, or one listed version."""

    ranges: tuple[AffectedRange, ...] = ()
    listed: tuple[str, ...] = ()


def parse_range(text: str, patched: str | None, ecosystem: Ecosystem) -> Versions:
    """Read one notation. ``patched`` is the first patched version that its publisher names.

    ``<= V`` with a patched version ends before the latter, as GitHub's own OSV records say it. An exclusive lower
    bound is exact for semver (the lowest version above 1.2.3 is 1.2.4-0) and includes the bound elsewhere: a range
    cannot exclude it, and a version too many is better than one too few. Raises Unreadable for other forms.
    """
    low, fixed, last = "0", None, None
    for clause in text.split(","):
        found = _CLAUSE.match(clause)
        if found is None:
            raise Unreadable(f"not a version range: {text[:80]!r}")
        operator, version = found.groups()
        match operator:
            case "=" | "==":
                return Versions(listed=(version,))
            case ">=":
                low = version
            case ">":
                low = _above(version, ecosystem)
            case "<":
                fixed = version
            case _:
                last = version
    if fixed is None and last is not None and patched:
        fixed = patched
    return Versions((AffectedRange(low, fixed, last if fixed is None else None),))


def _above(version: str, ecosystem: Ecosystem) -> str:
    found = _THREE.match(version)
    if ecosystem not in _SEMVER or found is None:
        return version
    major, minor, patch = (int(part) for part in found.groups())
    return f"{major}.{minor}.{patch + 1}-0"
