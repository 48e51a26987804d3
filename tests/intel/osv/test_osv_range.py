"""Timelines of events become ranges that hold exactly the versions OSV's own evaluation holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.intel.bounds import range_limits
from assay.intel.osv_range import ranges_of
from assay.intel.osv_schema import OsvEvent
from assay.model.advisory import AffectedRange
from assay.model.ecosystem import Ecosystem
from assay.versions.registry import version_key


def introduced(version: str) -> OsvEvent:
    return OsvEvent(introduced=version)


def fixed(version: str) -> OsvEvent:
    return OsvEvent(fixed=version)


def last(version: str) -> OsvEvent:
    return OsvEvent(last_affected=version)


@pytest.mark.parametrize(
    ("events", "ranges"),
    [
        ([introduced("0"), fixed("1.2")], [AffectedRange("0", "1.2")]),
        ([introduced("1.0")], [AffectedRange("1.0")]),
        ([introduced("1.0"), last("1.4")], [AffectedRange("1.0", last_affected="1.4")]),
        ([introduced("0"), fixed("1.2"), introduced("2.0"), fixed("2.1")], [AffectedRange("0", "1.2"), AffectedRange("2.0", "2.1")]),
        ([introduced("2.0"), fixed("2.1"), introduced("0"), fixed("1.2")], [AffectedRange("2.0", "2.1"), AffectedRange("0", "1.2")]),
        ([introduced("0"), introduced("2.0"), fixed("1.2"), fixed("2.1")], [AffectedRange("0", "1.2"), AffectedRange("2.0", "2.1")]),
        ([introduced("0"), fixed("1.3"), fixed("1.2")], [AffectedRange("0", "1.2")]),
        ([introduced("1.0"), introduced("2.0")], [AffectedRange("1.0")]),
        ([fixed("1.2")], [AffectedRange("0", "1.2")]),
        ([introduced("0"), OsvEvent(limit="*")], [AffectedRange("0")]),
        ([introduced("0"), OsvEvent(limit="3.0")], [AffectedRange("0", "3.0")]),
        ([OsvEvent(introduced="1.0", fixed="1.5")], [AffectedRange("1.0", "1.5")]),
        ([OsvEvent()], []),
        ([], []),
        ([introduced("not a version"), introduced("0"), fixed("1.0")], [AffectedRange("not a version", "1.0")]),
    ],
)  # fmt: skip
def test_a_timeline_becomes_ranges(events: list[OsvEvent], ranges: list[AffectedRange]) -> None:
    assert list(ranges_of(events, Ecosystem.PYPI)) == ranges


VERSIONS = [f"{major}.{minor}" for major in range(4) for minor in range(4)]


def osv_evaluates(events: list[OsvEvent], version: str) -> bool:
    """The evaluation of the OSV schema: walk the events in order and remember the last one's word."""
    key = version_key(Ecosystem.PYPI, version)

    def at(event: OsvEvent) -> tuple[bytes, int]:
        text = event.introduced or event.fixed or event.last_affected or ""
        rank = 1 if event.introduced else 2 if event.last_affected else 0
        return (b"" if text == "0" else version_key(Ecosystem.PYPI, text)), rank

    affected = False
    for event in sorted(events, key=at):
        where, _ = at(event)
        if event.introduced and key >= where:
            affected = True
        elif (event.fixed and key >= where) or (event.last_affected and key > where):
            affected = False
    return affected


versions = st.sampled_from(VERSIONS)
ends = st.one_of(versions.map(fixed), versions.map(last))


def where(event: OsvEvent) -> str | None:
    return event.introduced or event.fixed or event.last_affected


@given(st.lists(st.one_of(versions.map(introduced), ends), max_size=6, unique_by=where), st.sampled_from(VERSIONS))
def test_ranges_hold_what_the_schema_says_they_hold(events: list[OsvEvent], version: str) -> None:
    timeline = [introduced("0"), introduced("0"), *events]  # two beginnings: never taken as written
    key = version_key(Ecosystem.PYPI, version)
    limits = [range_limits(Ecosystem.PYPI, r) for r in ranges_of(timeline, Ecosystem.PYPI)]
    held = any(low is not None and high is not None and low <= key < high for low, high in limits)
    assert held == osv_evaluates(timeline, version)
