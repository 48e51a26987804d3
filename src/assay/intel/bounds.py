"""Version limits as they are stored: a range test is ``low <= key < high``, byte by byte."""

from collections.abc import Sequence

from assay.errors import Invalid
from assay.intel.schema import NO_LIMIT
from assay.model.advisory import AffectedPackage, AffectedRange
from assay.model.ecosystem import Ecosystem
from assay.versions.ranges import bounds_of
from assay.versions.registry import version_key

Limits = tuple[bytes | None, bytes | None]
"""(low, high); both None when a version of the range has no order."""
_UNORDERED: Limits = (None, None)


def limits_of(affected: AffectedPackage) -> tuple[list[Limits], list[str]]:
    """The limits of each range, then of each listed version that no range holds; and those versions."""
    try:
        ecosystem = Ecosystem(affected.ecosystem)
    except ValueError:
        return [_UNORDERED] * (len(affected.ranges) + len(affected.versions)), list(affected.versions)
    ranges = [range_limits(ecosystem, r) for r in affected.ranges]
    versions, points = [], []
    for version in affected.versions:
        key = _key(ecosystem, version)
        if key is None or not _holds(ranges, key):
            versions.append(version)
            points.append(_UNORDERED if key is None else (key, key + b"\0"))
    return ranges + points, versions


def range_limits(ecosystem: Ecosystem, affected: AffectedRange) -> Limits:
    """The limits of one range. The successor of a key in byte order is the key and a zero byte, so an inclusive
    upper limit becomes an exclusive one.
    """
    try:
        low, high, inclusive = bounds_of(ecosystem, affected)
    except Invalid:
        return _UNORDERED
    if high is None:
        return low or b"", NO_LIMIT
    return low or b"", high + b"\0" if inclusive else high


def _holds(ranges: Sequence[Limits], key: bytes) -> bool:
    return any(low is not None and high is not None and low <= key < high for low, high in ranges)


def _key(ecosystem: Ecosystem, version: str) -> bytes | None:
    try:
        return version_key(ecosystem, version)
    except Invalid:
        return None
