"""Version limits as byte strings: a range test is ``low <= key < high``."""

from collections.abc import Sequence
from functools import lru_cache

from assay.errors import Invalid
from assay.intel.schema import NO_LIMIT
from assay.model.advisory import AffectedPackage, AffectedRange
from assay.model.ecosystem import Ecosystem
from assay.versions.registry import version_key

Limits = tuple[bytes | None, bytes | None]
"""(low, high); both None when a version of the range has no order."""
_UNORDERED: Limits = (None, None)


def limits_of(affected: AffectedPackage) -> tuple[list[Limits], list[str]]:
    """The limits of each range, then of each listed version that no range holds; and those versions."""
    ranges = [range_limits(affected.ecosystem, r) for r in affected.ranges]
    versions, points = [], []
    for version in affected.versions:
        key = _key(affected.ecosystem, version)
        if key is None or not _holds(ranges, key):
            versions.append(version)
            points.append(_UNORDERED if key is None else (key, key + b"\0"))
    return ranges + points, versions


@lru_cache(maxsize=1 << 14)
def range_limits(ecosystem: str, affected: AffectedRange) -> Limits:
    """The limits of one range. The successor of a key in byte order is the key and a zero byte, so an inclusive
    upper limit becomes an exclusive one.
    """
    low = b"" if affected.introduced in {"0", ""} else _key(ecosystem, affected.introduced)
    high: bytes | None = NO_LIMIT
    if affected.fixed is not None:
        high = _key(ecosystem, affected.fixed)
    elif affected.last_affected is not None:
        last = _key(ecosystem, affected.last_affected)
        high = None if last is None else last + b"\0"
    return _UNORDERED if low is None or high is None else (low, high)


def _holds(ranges: Sequence[Limits], key: bytes) -> bool:
    return any(low is not None and high is not None and low <= key < high for low, high in ranges)


@lru_cache(maxsize=1 << 16)
def _key(ecosystem: str, version: str) -> bytes | None:
    try:
        return version_key(Ecosystem(ecosystem), version)
    except (Invalid, ValueError):
        return None
