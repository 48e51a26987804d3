"""Fixes of one flaw in several minor releases of Red Hat Enterprise Linux, as ranges that do not disturb each other.

A fix for the 9.2 stream is ``curl-7.76.1-23.el9_2.4``, for the 9.3 stream ``curl-7.76.1-26.el9_3.2``. A host of the
9.2 stream with the first must not be measured by the second. Builds of a stream carry its tag (``el9_2``) in their
release, so everything between a stream's fix and the next stream's tag at the same base is fixed
(https://access.redhat.com/solutions/2074 explains the numbering of errata builds).
"""

import re
from collections.abc import Iterable

from assay.errors import InvalidVersion
from assay.model.advisory import AffectedRange
from assay.model.ecosystem import Ecosystem
from assay.versions.registry import version_key

_TAGS = (
    re.compile(r"(?P<head>.*[.\d]el\d+_)(?P<minor>\d{1,4})"),
    re.compile(r"(?P<head>.*\.module\+el\d+\.)(?P<minor>\d{1,4})"),
)


def stream_ranges(fixes: Iterable[str]) -> tuple[tuple[AffectedRange, ...], str]:
    """The affected ranges, lowest first, and the version from which later streams begin ("" when unknown).

    A fix without a stream's tag gives way to the next higher one, and so do versions that cannot be ordered: they
    become ranges of their own.
    """
    ordered: list[tuple[bytes, str]] = []
    ranges: list[AffectedRange] = []
    for fix in sorted(set(fixes)):
        try:
            ordered.append((version_key(Ecosystem.RPM, fix), fix))
        except InvalidVersion:
            ranges.append(AffectedRange(fixed=fix))
    ordered.sort()
    start = "0"
    for index, (_, fix) in enumerate(ordered):
        following = next_stream(fix)
        if index + 1 < len(ordered):
            if not following or version_key(Ecosystem.RPM, following) >= ordered[index + 1][0]:
                continue
            ranges.append(AffectedRange(start, fix))
            start = following
        else:
            ranges.append(AffectedRange(start, fix))
            return tuple(ranges), following
    return tuple(ranges), ""


def next_stream(fix: str) -> str:
    """The lowest version with the same base in the next minor release: ``1-23.el9_3`` for ``1-23.el9_2.4``."""
    for tag in _TAGS:
        found = tag.match(fix)
        if found is not None:
            return f"{found['head']}{int(found['minor']) + 1}"
    return ""
