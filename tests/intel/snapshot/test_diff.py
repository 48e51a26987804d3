"""The difference of two snapshots is exactly what comparing everything in them would find."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import NotFound, Unreadable
from assay.intel.build import Source, build
from assay.intel.diff import FACTS, SnapshotDiff, VulnerabilityChange, diff
from assay.intel.feed import Covers, Lifecycle, Record
from assay.intel.lookup import Snapshot
from assay.intel.shelf import write_shelf
from assay.model.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    Cvss,
    Epss,
    Exploit,
    Kev,
    Reference,
    Vulnerability,
)


def advisory(identifier: str, name: str = "django", fixed: str = "1.2", cve: str = "CVE-2024-0001") -> Advisory:
    return Advisory(identifier, "f", (AffectedPackage("pypi", "pypi", name, (AffectedRange("0", fixed),)),), (cve,))


def compare(folder: Path, old: list[Record], new: list[Record]) -> SnapshotDiff:
    paths = []
    for name, records in (("old", old), ("new", new)):
        write_shelf(folder / f"{name}.db", records)
        paths.append(build([Source("f", folder / f"{name}.db")], folder / name))
    return diff(*paths)


def test_equal_snapshots_do_not_differ(tmp_path: Path) -> None:
    found = compare(tmp_path, [advisory("A-1")], [advisory("A-1")])
    assert found == SnapshotDiff(found.old, found.old)


def test_a_new_advisory_names_its_package_and_its_flaw(tmp_path: Path) -> None:
    found = compare(tmp_path, [advisory("A-1")], [advisory("A-1"), advisory("A-2", "flask", cve="CVE-2024-0002")])
    assert found.keys == (("pypi", "flask"),)
    assert found.vulnerabilities == (VulnerabilityChange("CVE-2024-0002", ("added",)),)
    assert found.aliases == ("A-2",)


def test_a_changed_range_names_its_package_only(tmp_path: Path) -> None:
    found = compare(tmp_path, [advisory("A-1")], [advisory("A-1", fixed="1.3")])
    assert (found.keys, found.vulnerabilities) == ((("pypi", "django"),), ())


def test_a_withdrawn_advisory_names_what_it_closes(tmp_path: Path) -> None:
    withdrawn = replace(advisory("A-1"), withdrawn=datetime(2024, 1, 1, tzinfo=UTC))
    found = compare(tmp_path, [advisory("A-1")], [withdrawn])
    assert found.keys == (("pypi", "django"),)
    assert found.vulnerabilities == (VulnerabilityChange("CVE-2024-0001", ("removed",)),)


def test_a_joined_alias_names_the_packages_it_concerns(tmp_path: Path) -> None:
    alone = replace(advisory("PYSEC-1"), aliases=("GHSA-a",))
    found = compare(tmp_path, [alone], [alone, replace(advisory("GHSA-a"), affected=())])
    assert found.keys == (("pypi", "django"),)
    assert found.aliases == ("GHSA-a", "PYSEC-1")


FLAW = Vulnerability("CVE-2024-0001")


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("epss", Epss(0.5, 0.6)),
        ("kev", Kev(date(2024, 1, 1))),
        ("attention", 7),
        ("summary", "x"),
        ("details", "x"),
        ("cvss", (Cvss("3.1", "CVSS:3.1/AV:N", 9.8, "NVD"),)),
        ("severities", (("NVD", "HIGH"),)),
        ("cwes", ("CWE-1",)),
        ("references", (Reference("https://example.org"),)),
        ("published", datetime(2024, 1, 1, tzinfo=UTC)),
        ("modified", datetime(2024, 1, 1, tzinfo=UTC)),
        ("exploits", (Exploit("poc", "https://example.org"),)),
        ("ssvc", (("Exploitation", "poc"),)),
        ("rejected", True),
    ],
)
def test_each_fact_is_named(tmp_path: Path, fact: str, value: object) -> None:
    other = Vulnerability("CVE-2024-0002", details="stays")
    found = compare(tmp_path, [FLAW, other], [replace(FLAW, **{fact: value}), other])  # type: ignore[arg-type]  # by name
    assert found.vulnerabilities == (VulnerabilityChange("CVE-2024-0001", (fact,)),)
    assert fact in FACTS
    assert found.keys == ()


def test_the_day_of_a_score_alone_is_no_change(tmp_path: Path) -> None:
    monday, tuesday = (replace(FLAW, epss=Epss(0.5, 0.6, date(2024, 1, day))) for day in (1, 2))
    found = compare(tmp_path, [monday], [tuesday])
    assert found.old != found.new
    assert found.vulnerabilities == ()


def test_coverage_and_lifecycle(tmp_path: Path) -> None:
    old = [Covers("pypi"), Covers("npm"), Lifecycle("debian:11", date(2024, 1, 1)), Lifecycle("debian:10", None)]
    new = [Covers("pypi"), Covers("gem"), Lifecycle("debian:11", date(2025, 1, 1)), Lifecycle("debian:12", None)]
    found = compare(tmp_path, [FLAW, *old], [FLAW, *new])
    assert (found.covered, found.uncovered) == (("gem",), ("npm",))
    assert found.lifecycle == ("debian:10", "debian:11", "debian:12")


cves = st.integers(1, 9).map(lambda n: f"CVE-2024-000{n}")
advisories = st.builds(
    advisory,
    st.integers(1, 6).map(lambda n: f"A-{n}"),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["1", "2"]),
    cves,
)
facts = st.builds(
    Vulnerability,
    cves,
    details=st.sampled_from(["", "x", "y"]),
    epss=st.sampled_from([None, Epss(0.1, 0.1), Epss(0.2, 0.1)]),
    kev=st.sampled_from([None, Kev(date(2024, 1, 1))]),
    rejected=st.booleans(),
)
feeds = st.lists(st.one_of(advisories, facts), max_size=12)


@given(feeds, feeds)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_agrees_with_comparing_everything(tmp_path: Path, old: list[Record], new: list[Record]) -> None:
    found = compare(tmp_path, old, new)
    sides = [next((tmp_path / name).glob(f"{digest}.*")) for name, digest in (("old", found.old), ("new", found.new))]
    (old_keys, old_flaws), (new_keys, new_flaws) = map(everything, sides)
    assert list(found.keys) == sorted(
        k for k in old_keys.keys() | new_keys.keys() if old_keys.get(k) != new_keys.get(k)
    )
    expected = {}
    for flaw in sorted(old_flaws.keys() | new_flaws.keys()):
        left, right = old_flaws.get(flaw), new_flaws.get(flaw)
        if left is None or right is None:
            expected[flaw] = {"added" if left is None else "removed"}
        elif left != right:
            expected[flaw] = {fact for fact in FACTS[2:] if getattr(left, fact) != getattr(right, fact)}
    assert {change.id: set(change.facts) for change in found.vulnerabilities} == expected


def everything(path: Path) -> tuple[dict[tuple[str, str], object], dict[str, Vulnerability]]:
    with closing(sqlite3.connect(path)) as db:
        keys = db.execute("SELECT scope, name FROM package").fetchall()
        ids = [row[0] for row in db.execute("SELECT id FROM vulnerability")]
    with Snapshot(path) as index:
        return dict(index.affecting(keys)), dict(index.vulnerabilities(ids))


def test_what_cannot_be_read_cannot_be_compared(compiled, tmp_path: Path) -> None:
    path = compiled({"f": [FLAW]})
    with pytest.raises(NotFound):
        diff(path, tmp_path / "none")
    (tmp_path / "text").write_text("text" * 4000)
    with pytest.raises(Unreadable):
        diff(tmp_path / "text", path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("UPDATE block SET mark = x'00', body = x'00'", "a block of the snapshot is damaged"),
        (
            f"UPDATE block SET mark = x'00', body = x'{zstandard.compress(bytes([0x80])).hex()}'",
            "facts on .* are missing",
        ),
        (
            f"UPDATE block SET mark = x'00', body = x'{zstandard.compress(msgspec.msgpack.encode({FLAW.id: 1})).hex()}'",
            "facts on CVE-2024-0001 are damaged",
        ),
        ("DROP TABLE package", "cannot be compared"),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: str, message: str) -> None:
    paths = []
    for details in ("one", "two"):
        write_shelf(tmp_path / "s.db", [replace(FLAW, details=details)])
        paths.append(build([Source("f", tmp_path / "s.db")], tmp_path))
    with closing(sqlite3.connect(paths[1])) as db:
        db.execute(damage)
        db.commit()
    with pytest.raises(Unreadable, match=message):
        diff(*paths)
