"""Affected ranges as OSV defines them, tested by comparing bytes (https://ossf.github.io/osv-schema/#evaluation).

A range from an advisory becomes ``Bounds`` once; after that a test is two comparisons of keys. Whatever cannot be
ordered is a value of its own, ``Uncompared``: a gap that the user gets to see, never "not affected".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from assay.errors import Invalid, InvalidVersion
from assay.model.advisory import AffectedPackage, AffectedRange
from assay.model.ecosystem import Ecosystem
from assay.versions.names import ecosystem_of
from assay.versions.registry import version_key

Bounds = tuple[bytes | None, bytes | None, bool]
"""Lowest key (included; None = from the first version), highest key (None = no end), whether that is included."""


@dataclass(frozen=True, slots=True)
class Affected:
    """The version is affected: by ``range``, or listed as ``listed`` when ``range`` is None.

    ``words`` are the range for people: ``>= 0, < 1.2.3`` or ``= 1.2.3 (listed)``.
    """

    words: str
    range: AffectedRange | None = None
    listed: str = ""


@dataclass(frozen=True, slots=True)
class Unaffected:
    """The version lies outside everything that the statement names."""


@dataclass(frozen=True, slots=True)
class Uncompared:
    """The version or a limit cannot be ordered; ``reason`` names it."""

    reason: str


Outcome = Affected | Unaffected | Uncompared


def bounds_of(ecosystem: Ecosystem, affected: AffectedRange) -> Bounds:
    """The encoded limits of a range; raises InvalidVersion when one of its versions cannot be ordered."""
    low = None if affected.introduced in ("0", "") else version_key(ecosystem, affected.introduced)
    if affected.fixed is not None:
        return low, version_key(ecosystem, affected.fixed), False
    if affected.last_affected is not None:
        return low, version_key(ecosystem, affected.last_affected), True
    return low, None, False


def within(key: bytes, bounds: Bounds) -> bool:
    """Whether the key lies in the bounds."""
    low, high, inclusive = bounds
    if low is not None and key < low:
        return False
    return high is None or key < high or (inclusive and key == high)


def words_of(affected: AffectedRange) -> str:
    """The range for people: ``>= 1.0, < 1.2.3``."""
    if affected.fixed is not None:
        return f">= {affected.introduced}, < {affected.fixed}"
    if affected.last_affected is not None:
        return f">= {affected.introduced}, <= {affected.last_affected}"
    return f">= {affected.introduced}"


def is_affected(ecosystem: Ecosystem, version: str, affected: AffectedPackage) -> Outcome:
    """Whether the statement's listed versions or ranges hold the version.

    A listed version is recognised by its text or as an equal version. One range that holds the version decides,
    also when another limit cannot be ordered.
    """
    if version and version in affected.versions:
        return _listed(version)
    try:
        key = version_key(ecosystem, version)
    except InvalidVersion as error:
        return Uncompared(str(error))
    trouble = ""
    for candidate in affected.ranges:
        try:
            if within(key, bounds_of(ecosystem, candidate)):
                return Affected(words_of(candidate), range=candidate)
        except InvalidVersion as error:
            trouble = trouble or f"{words_of(candidate)}: {error}"
    for listed in affected.versions:
        try:
            if version_key(ecosystem, listed) == key:
                return _listed(listed)
        except InvalidVersion:
            continue  # a listed text that is no version names no other version than itself
    return Uncompared(trouble) if trouble else Unaffected()


def _listed(version: str) -> Affected:
    return Affected(f"= {version} (listed)", listed=version)


def ranges_of_events(ecosystem: Ecosystem | str, events: Iterable[Mapping[str, str]]) -> tuple[AffectedRange, ...]:
    """The ranges that the ``events`` of one OSV range describe, lowest first; the events may come in any order.

    Each event has one key: ``introduced`` (``0`` = before every version), ``fixed``, ``last_affected`` or ``limit``
    (``*`` = none). Raises InvalidVersion for a version that cannot be ordered, Invalid for another kind of event.
    """
    scheme = ecosystem if isinstance(ecosystem, Ecosystem) else ecosystem_of(ecosystem)
    ordered: list[tuple[bytes, str, str]] = []
    limits: list[tuple[bytes, str]] = []
    for event in events:
        for kind, version in event.items():
            if kind == "limit":
                if version != "*":
                    limits.append((version_key(scheme, version), version))
            elif kind in ("introduced", "fixed", "last_affected"):
                key = b"" if kind == "introduced" and version == "0" else version_key(scheme, version)
                ordered.append((key, kind, version))
            else:
                raise Invalid(f"{kind!r} is not an OSV event")
    found = _join(sorted(ordered, key=itemgetter(0)))
    return tuple(_cut(scheme, found, max(limits))) if limits else tuple(found)


def _join(events: list[tuple[bytes, str, str]]) -> list[AffectedRange]:
    """Walk the sorted events; at one version an open range is closed first and a closed one opened first."""
    found: list[AffectedRange] = []
    opened: tuple[bytes, str] | None = None
    for _, group in groupby(events, key=itemgetter(0)):
        same = sorted(group, key=lambda event: (event[1] == "introduced") is (opened is not None))
        for key, kind, version in same:
            if kind == "introduced":
                opened = opened or (key, version)
            elif opened is not None:
                if kind == "last_affected":
                    found.append(AffectedRange(opened[1], last_affected=version))
                elif opened[0] != key:
                    found.append(AffectedRange(opened[1], fixed=version))
                opened = None
    if opened is not None:
        found.append(AffectedRange(opened[1]))
    return found


def _cut(scheme: Ecosystem, found: list[AffectedRange], limit: tuple[bytes, str]) -> Iterable[AffectedRange]:
    """What of the ranges lies before the limit."""
    for candidate in found:
        low, high, _ = bounds_of(scheme, candidate)
        if low is not None and low >= limit[0]:
            continue
        yield candidate if high is not None and high < limit[0] else AffectedRange(candidate.introduced, fixed=limit[1])
