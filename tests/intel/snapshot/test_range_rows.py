"""A range test is two byte comparisons, and SQL and Python give the same answer as the ecosystem's order."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import InvalidVersion
from assay.intel.bounds import limits_of
from assay.intel.build import Source, build
from assay.intel.lookup import Snapshot
from assay.intel.schema import NO_LIMIT
from assay.intel.shelf import write_shelf
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange
from assay.model.ecosystem import Ecosystem
from assay.versions.registry import SCHEMES, version_key

ECOSYSTEMS = sorted(SCHEMES)
numbers = st.integers(0, 12).map(str)
tails = st.sampled_from(
    ["", "", "", "-1", "-rc1", ".post1", "~a", "^b", "+x", "-r3", ".el8", "-alpha.1", "-1ubuntu1", "a"]
)
epochs = st.sampled_from(["", "", "", "1:", "0:"])
versions = st.builds(
    lambda epoch, parts, tail: epoch + ".".join(parts) + tail, epochs, st.lists(numbers, min_size=1, max_size=4), tails
)


def key(ecosystem: Ecosystem, version: str) -> bytes | None:
    try:
        return version_key(ecosystem, version)
    except InvalidVersion:
        return None


def is_in(ecosystem: Ecosystem, version: str, limits: AffectedRange) -> bool | None:
    """The meaning of a range, by comparing keys only; None when something has no order."""
    installed = key(ecosystem, version)
    marks = [
        key(ecosystem, text)
        for text in (limits.introduced, limits.fixed, limits.last_affected)
        if text not in (None, "0")
    ]
    if installed is None or None in marks:
        return None
    if limits.introduced != "0" and installed < version_key(ecosystem, limits.introduced):
        return False
    if limits.fixed is not None:
        return installed < version_key(ecosystem, limits.fixed)
    return limits.last_affected is None or installed <= version_key(ecosystem, limits.last_affected)


ranges = st.builds(
    lambda low, end, kind: AffectedRange(low, **({kind: end} if kind else {})),
    st.one_of(st.just("0"), versions),
    versions,
    st.sampled_from(["fixed", "last_affected", ""]),
)


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(ranges, min_size=1, max_size=3), st.lists(versions, max_size=3), st.lists(versions, min_size=1, max_size=6)
)
def test_sql_and_python_agree_with_the_order(
    tmp_path: Path, ecosystem: Ecosystem, held: list[AffectedRange], listed: list[str], installed: list[str]
) -> None:
    affected = AffectedPackage(ecosystem.value, "scope", "x", tuple(held), tuple(listed))
    write_shelf(tmp_path / "shelf.db", [Advisory("A-1", "f", (affected,))])
    path = build([Source("f", tmp_path / "shelf.db")], tmp_path)
    with Snapshot(path) as index:
        (candidate,) = index.affecting([("scope", "x")])["scope", "x"]
    with closing(sqlite3.connect(path)) as db:
        for version in installed:
            own = key(ecosystem, version)
            if own is None:
                continue
            expected = [is_in(ecosystem, version, r) for r in held]
            in_python = [None if bound is None else _holds(bound, own) for bound in candidate.bounds]
            assert in_python == expected
            in_sql = db.execute("SELECT count(*) FROM statement WHERE low <= ?1 AND ?1 < high", (own,)).fetchone()[0]
            same = any(own == key(ecosystem, text) for text in listed)
            assert bool(in_sql) == (True in expected or same)


def _holds(bound: tuple[bytes | None, bytes | None, bool], own: bytes) -> bool:
    low, high, inclusive = bound
    return (low is None or low <= own) and (high is None or own < high or (inclusive and own == high))


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
@given(st.one_of(versions, st.text(max_size=12)))
@settings(max_examples=80, deadline=None)
def test_no_version_is_above_the_limit_that_stands_for_none(ecosystem: Ecosystem, version: str) -> None:
    own = key(ecosystem, version)
    assert own is None or b"" <= own < NO_LIMIT


@given(st.lists(versions, max_size=6), st.lists(ranges, max_size=3))
@settings(max_examples=100, deadline=None)
def test_listed_versions_that_a_range_holds_are_left_out_without_loss(
    listed: list[str], held: list[AffectedRange]
) -> None:
    affected = AffectedPackage("deb", "debian:12", "x", tuple(held), tuple(dict.fromkeys(listed)))
    limits, kept = limits_of(affected)
    assert len(limits) == len(held) + len(kept)
    for version in listed:
        in_ranges = any(is_in(Ecosystem.DEB, version, r) for r in held)
        assert in_ranges != (version in kept)


def test_an_unknown_ecosystem_has_no_order() -> None:
    affected = AffectedPackage("no such", "x", "x", (AffectedRange("0", "1"),), ("1",))
    assert limits_of(affected) == ([(None, None), (None, None)], ["1"])
