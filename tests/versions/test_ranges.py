"""OSV ranges: events to ranges, ranges to bounds, and the three outcomes of a test."""

from collections.abc import Sequence

import pytest

from assay.errors import Invalid, InvalidVersion
from assay.model.advisory import AffectedPackage, AffectedRange
from assay.model.ecosystem import Ecosystem
from assay.versions.bulk import hits, spans
from assay.versions.ranges import (
    Affected,
    Outcome,
    Unaffected,
    Uncompared,
    bounds_of,
    is_affected,
    ranges_of_events,
    within,
    words_of,
)
from assay.versions.registry import version_key


def affected(*ranges: AffectedRange, versions: Sequence[str] = (), ecosystem: str = "pypi") -> AffectedPackage:
    return AffectedPackage(ecosystem, ecosystem, "name", ranges=tuple(ranges), versions=tuple(versions))


def verdict(version: str, package: AffectedPackage) -> Outcome:
    return is_affected(Ecosystem(package.ecosystem), version, package)


FIXED = AffectedRange("1.0", fixed="1.5")
LAST = AffectedRange("2.0", last_affected="2.4")
OPEN = AffectedRange("3.0")


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.9", Unaffected()),
        ("1.0rc1", Unaffected()),
        ("1.0", Affected(">= 1.0, < 1.5", range=FIXED)),
        ("1.5rc1", Affected(">= 1.0, < 1.5", range=FIXED)),
        ("1.5", Unaffected()),
        ("2.4", Affected(">= 2.0, <= 2.4", range=LAST)),
        ("2.4.1", Unaffected()),
        ("4!0", Affected(">= 3.0", range=OPEN)),
    ],
)
def test_a_version_is_tested_against_each_range(version: str, expected: Outcome) -> None:
    assert verdict(version, affected(FIXED, LAST, OPEN)) == expected


def test_zero_comes_before_every_version() -> None:
    assert verdict("0.dev0", affected(AffectedRange("0", fixed="1"))) == Affected(
        ">= 0, < 1", range=AffectedRange("0", fixed="1")
    )
    assert bounds_of(Ecosystem.DEB, AffectedRange("0")) == (None, None, False)
    assert words_of(AffectedRange()) == ">= 0"


def test_a_listed_version_is_known_by_its_text_or_as_an_equal_version() -> None:
    package = affected(versions=("1.0", "2.0", "not comparable at all"))
    assert verdict("1.0", package) == Affected("= 1.0 (listed)", listed="1.0")
    assert verdict("2.0.0", package) == Affected("= 2.0 (listed)", listed="2.0")
    assert verdict("not comparable at all", package) == Affected(
        "= not comparable at all (listed)", listed="not comparable at all"
    )
    assert verdict("3.0", package) == Unaffected()


@pytest.mark.parametrize("version", ["", "latest", "1.x"])
def test_a_version_without_order_is_never_unaffected(version: str) -> None:
    outcome = verdict(version, affected(AffectedRange("0", fixed="1.0.0"), ecosystem="npm"))
    assert outcome == Uncompared(f"{version!r} is not a version that npm can order")
    assert isinstance(verdict(version, affected(versions=("1.0.0",), ecosystem="npm")), Uncompared)


def test_a_limit_without_order_leaves_the_other_ranges_to_decide() -> None:
    broken = AffectedRange("0", fixed="soon")
    fine = AffectedRange("2.0.0", fixed="3.0.0")
    assert verdict("2.5.0", affected(broken, fine, ecosystem="npm")) == Affected(">= 2.0.0, < 3.0.0", range=fine)
    assert verdict("4.0.0", affected(broken, fine, ecosystem="npm")) == Uncompared(
        ">= 0, < soon: 'soon' is not a version that npm can order"
    )
    assert isinstance(verdict("4.0.0", affected(broken, broken, ecosystem="npm")), Uncompared)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([{"introduced": "0"}, {"fixed": "1.0"}], [AffectedRange("0", fixed="1.0")]),
        ([{"fixed": "1.0"}, {"introduced": "0"}], [AffectedRange("0", fixed="1.0")]),
        ([{"introduced": "0", "fixed": "1.0"}], [AffectedRange("0", fixed="1.0")]),
        ([{"introduced": "1.10"}], [AffectedRange("1.10")]),
        (
            [{"introduced": "1.10"}, {"introduced": "1.2"}, {"fixed": "1.9"}, {"last_affected": "1.12"}],
            [AffectedRange("1.2", fixed="1.9"), AffectedRange("1.10", last_affected="1.12")],
        ),
        ([{"introduced": "1"}, {"introduced": "2"}, {"fixed": "3"}, {"fixed": "4"}], [AffectedRange("1", fixed="3")]),
        (
            [{"introduced": "1"}, {"fixed": "2"}, {"introduced": "2"}, {"fixed": "3"}],
            [AffectedRange("1", fixed="2"), AffectedRange("2", fixed="3")],
        ),
        ([{"introduced": "1"}, {"fixed": "1"}], []),
        ([{"introduced": "1"}, {"last_affected": "1"}], [AffectedRange("1", last_affected="1")]),
        ([{"fixed": "1"}], []),
        ([], []),
        ([{"introduced": "0"}, {"limit": "2.0"}], [AffectedRange("0", fixed="2.0")]),
        ([{"introduced": "0"}, {"limit": "*"}], [AffectedRange("0")]),
        ([{"introduced": "0"}, {"limit": "1.0"}, {"limit": "2.0"}], [AffectedRange("0", fixed="2.0")]),
        (
            [{"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "1.5"}, {"introduced": "3.0"}, {"limit": "2.0"}],
            [AffectedRange("0", fixed="1.0"), AffectedRange("1.5", fixed="2.0")],
        ),
        ([{"introduced": "3.0"}, {"limit": "2.0"}], []),
    ],
)
def test_events_in_any_order_become_ranges(events: list[dict[str, str]], expected: list[AffectedRange]) -> None:
    assert ranges_of_events("PyPI", events) == tuple(expected)
    assert ranges_of_events(Ecosystem.PYPI, events) == tuple(expected)


def test_events_that_mean_nothing_are_refused() -> None:
    with pytest.raises(Invalid, match="'released' is not an OSV event"):
        ranges_of_events("npm", [{"released": "1.0.0"}])
    with pytest.raises(InvalidVersion):
        ranges_of_events("npm", [{"introduced": "0"}, {"fixed": "soon"}])


def test_many_keys_are_tested_against_many_bounds_at_once() -> None:
    versions = ["3.0", "1.0", "2.0", "2.4", "1.5", "2.0"]
    keys = [version_key(Ecosystem.PYPI, version) for version in versions]
    bounds = [*(bounds_of(Ecosystem.PYPI, entry) for entry in (FIXED, LAST, OPEN, AffectedRange("9"))), None]
    assert [(place, [versions[position] for position in found]) for place, found in hits(keys, bounds)] == [
        (0, ["1.0"]),
        (1, ["2.0", "2.0", "2.4"]),
        (2, ["3.0"]),
    ]
    assert spans(sorted(keys), [(None, None, False), None]) == [(0, 6), (0, 0)]


def test_bulk_and_single_tests_agree() -> None:
    keys = sorted(
        version_key(Ecosystem.DEB, f"{major}.{minor}-{revision}")
        for major in range(4)
        for minor in range(5)
        for revision in range(3)
    )
    bounds = [
        (low, high, inclusive)
        for low in (None, *keys[::7])
        for high in (None, *keys[::5])
        for inclusive in (False, True)
    ]
    for (start, stop), entry in zip(spans(keys, bounds), bounds, strict=True):
        assert keys[start:stop] == [key for key in keys if within(key, entry)]
