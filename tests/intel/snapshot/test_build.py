"""What feeds said, compiled: statements by package, facts by flaw, what is covered and how fresh it is."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path

import pytest

from assay.errors import Unavailable, Unreadable
from assay.intel.build import DamagedShelf, Source, build
from assay.intel.feed import Covers, Ignored, Lifecycle, Malformed, Record
from assay.intel.lookup import Snapshot
from assay.intel.shelf import Count, left_out, shelf_count, write_shelf
from assay.model.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    Cvss,
    Epss,
    Exploit,
    FixState,
    Kev,
    Reference,
    Vulnerability,
)
from assay.model.candidate import Candidate
from assay.model.ecosystem import Ecosystem
from assay.model.report import IntelSource, IntelStatus
from assay.versions.registry import version_key

NOON = datetime(2026, 8, 22, 12, tzinfo=UTC)


def package(name: str = "django", fixed: str | None = "1.2", **more: object) -> AffectedPackage:
    return AffectedPackage("pypi", "pypi", name, (AffectedRange("0", fixed),), **more)  # type: ignore[arg-type]


def key(version: str, ecosystem: Ecosystem = Ecosystem.PYPI) -> bytes:
    return version_key(ecosystem, version)


def test_a_package_is_found_with_everything_said_about_it(opened) -> None:
    deb = AffectedPackage("deb", "debian:12", "openssl", (AffectedRange("0", "3.0.11-1~deb12u2"),), source=True)
    index = opened({
        "osv-pypi": [Advisory("PYSEC-1", "osv-pypi", (package(severity="low"),), ("CVE-2024-0001",), severity="HIGH"),
                     Advisory("GHSA-a", "osv-pypi", (package(),), ("CVE-2024-0001",), severity="HIGH")],
        "osv-debian": [Advisory("DSA-1", "osv-debian", (deb,), cves=("CVE-2024-0002", "CVE-2024-0001"))],
    })  # fmt: skip
    low, high = package(severity="low"), package(severity="HIGH")
    bounds = ((None, key("1.2"), False),)
    assert index.affecting([("pypi", "django"), ("debian:12", "openssl"), ("pypi", "flask"), ("alpine:3.1", "x")]) == {
        ("pypi", "django"): [
            Candidate("GHSA-a", "osv-pypi", ("CVE-2024-0001",), high, bounds, "https://github.com/advisories/GHSA-a"),
            Candidate("PYSEC-1", "osv-pypi", ("CVE-2024-0001",), low, bounds, "https://osv.dev/vulnerability/PYSEC-1"),
        ],
        ("debian:12", "openssl"): [
            Candidate("DSA-1", "osv-debian", ("CVE-2024-0001", "CVE-2024-0002"), deb,
                      ((None, key("3.0.11-1~deb12u2", Ecosystem.DEB), False),),
                      "https://security-tracker.debian.org/tracker/DSA-1"),
        ],
    }  # fmt: skip


def test_every_kind_of_limit_has_its_bounds(opened) -> None:
    ranges = (
        AffectedRange("1.0.0", "1.5.0"),
        AffectedRange("2.0.0", last_affected="2.4.0"),
        AffectedRange("3.0.0"),
        AffectedRange("what?", "4.0.0"),
        AffectedRange("0", "what?"),
    )
    affected = AffectedPackage("npm", "npm", "x", ranges, ("1.1.0", "2.9.0", "what?"), FixState.UNFIXED)
    (candidate,) = opened({"f": [Advisory("A-1", "f", (affected,))]}).affecting([("npm", "x")])["npm", "x"]
    assert candidate.bounds == (
        (key("1.0.0", Ecosystem.NPM), key("1.5.0", Ecosystem.NPM), False),
        (key("2.0.0", Ecosystem.NPM), key("2.4.0", Ecosystem.NPM), True),
        (key("3.0.0", Ecosystem.NPM), None, False),
        None,
        None,
    )
    assert candidate.affected.ranges == ranges
    assert candidate.affected.versions == ("2.9.0", "what?")


def test_all_of_a_statement_comes_back(opened) -> None:
    affected = AffectedPackage(
        "rpm", "rhel:9", "nodejs", state=FixState.NOT_AFFECTED, module="nodejs:18", arches=("x86_64", "s390x"),
        severity="Moderate", status_text="Not affected", source=True,
    )  # fmt: skip
    index = opened({"f": [Advisory("A-1", "f", (affected, affected))]})
    assert [(c.affected, c.bounds) for c in index.affecting([("rhel:9", "nodejs")])["rhel:9", "nodejs"]] == [
        (affected, ())
    ]


def test_several_statements_of_one_record_stay_apart(opened) -> None:
    first, second = package(fixed="1.2"), AffectedPackage("pypi", "pypi", "django", versions=("7.0", "7.1"))
    index = opened({"f": [Advisory("A-1", "f", (first, second))]})
    found = index.affecting([("pypi", "django")])["pypi", "django"]
    assert [(c.affected, len(c.bounds)) for c in found] == [(first, 1), (second, 0)]


def test_an_ecosystem_without_an_order_is_not_compared(opened) -> None:
    affected = AffectedPackage("hackage", "hackage", "x", (AffectedRange("0", "1"),))
    (candidate,) = opened({"f": [Advisory("A-1", "f", (affected,))]}).affecting([("hackage", "x")])["hackage", "x"]
    assert candidate.bounds == (None,)


def test_a_withdrawn_record_closes_what_it_opened(opened) -> None:
    withdrawn = Advisory("PYSEC-1", "f", (package(),), ("CVE-2024-0001",), withdrawn=NOON)
    index = opened({"f": [withdrawn]})
    assert index.affecting([("pypi", "django")]) == {}
    assert index.vulnerabilities(["CVE-2024-0001", "PYSEC-1"]) == {}
    assert index.canonical("PYSEC-1") == "PYSEC-1"


def test_what_another_live_record_states_stays(opened) -> None:
    withdrawn = Advisory("PYSEC-1", "f", (package(),), ("CVE-2024-0001",), withdrawn=NOON)
    live = Advisory("GHSA-a", "f", (package(),), ("CVE-2024-0001",))
    (candidate,) = opened({"f": [withdrawn, live]}).affecting([("pypi", "django")])["pypi", "django"]
    assert (candidate.advisory, candidate.vulnerabilities) == ("GHSA-a", ("CVE-2024-0001",))


def test_of_two_versions_of_a_record_the_one_modified_last_counts(opened) -> None:
    old = Advisory("A-1", "f", (package(fixed="1.0"),), modified=datetime(2024, 1, 1, tzinfo=UTC))
    new = Advisory("A-1", "f", (package(fixed="2.0"),), modified=datetime(2024, 2, 1, tzinfo=UTC))
    for records in ([old, new], [new, old]):
        (candidate,) = opened({"f": records}).affecting([("pypi", "django")])["pypi", "django"]
        assert candidate.affected.ranges == (AffectedRange("0", "2.0"),)


def test_ids_lead_to_the_canonical_one(opened) -> None:
    index = opened(
        {"f": [Advisory("PYSEC-1", "f", (package(),), ("GHSA-a",)), Advisory("GHSA-a", "f", (), ("CVE-2024-0001",))]}
    )
    assert [index.canonical(name) for name in ("PYSEC-1", "GHSA-a", "CVE-2024-0001", "nobody")] == [
        "CVE-2024-0001", "CVE-2024-0001", "CVE-2024-0001", "nobody"]  # fmt: skip


def test_facts_of_all_feeds_are_joined(opened) -> None:
    nvd = Cvss("3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, "NVD")
    github = Cvss("3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5, "GITHUB")
    link, page = Reference("https://example.org/1"), Reference("https://example.org/2", "FIX")
    advisory = Advisory(
        "GHSA-a", "osv-pypi", (package(),), ("CVE-2024-0001",), summary="Short", details="Long", severity="HIGH",
        cvss=(github,), cwes=("CWE-79",), references=(page, link), published=datetime(2024, 1, 2, tzinfo=UTC),
        modified=datetime(2024, 1, 3, tzinfo=UTC),
    )  # fmt: skip
    bulletin = Advisory("DSA-1", "osv-debian", cves=("CVE-2024-0001", "CVE-2024-0002"), summary="x - security update",
                        severity="high", references=(Reference("https://example.org/many"),))  # fmt: skip
    index = opened({
        "osv-pypi": [advisory],
        "osv-debian": [bulletin],
        "nvd": [Vulnerability("CVE-2024-0001", details="The NVD says", cvss=(nvd,), cwes=("CWE-79", "CWE-80"),
                              references=(link,), published=datetime(2024, 1, 1, tzinfo=UTC), rejected=True)],
        "epss": [Vulnerability("CVE-2024-0001", epss=Epss(0.5, 0.9, date(2026, 8, 22)))],
        "kev": [Vulnerability("CVE-2024-0001", kev=Kev(date(2024, 2, 1), date(2024, 3, 1), "patch", "X", ransomware=True))],
        "poc": [Vulnerability("CVE-2024-0001", exploits=(Exploit("poc", "https://example.org/poc"),))],
        "exploit-db": [Vulnerability("CVE-2024-0001", exploits=(Exploit("exploit-db", "https://example.org/e", "remote"),))],
        "attention": [Vulnerability("GHSA-a", attention=3)],
        "cve": [Vulnerability("CVE-2024-0001", ssvc=(("Exploitation", "active"),), severities=(("cna", "HIGH"),))],
    })  # fmt: skip
    assert index.vulnerabilities(["CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003"]) == {
        "CVE-2024-0001": Vulnerability(
            id="CVE-2024-0001",
            aliases=("GHSA-a",),
            summary="Short",
            details="The NVD says",
            cvss=(nvd, github),
            severities=(("cna", "HIGH"), ("GITHUB", "HIGH")),
            cwes=("CWE-79", "CWE-80"),
            references=(link, page, Reference("https://security-tracker.debian.org/tracker/DSA-1", "ADVISORY")),
            published=datetime(2024, 1, 1, tzinfo=UTC),
            modified=datetime(2024, 1, 3, tzinfo=UTC),
            epss=Epss(0.5, 0.9, date(2026, 8, 22)),
            kev=Kev(date(2024, 2, 1), date(2024, 3, 1), "patch", "X", ransomware=True),
            exploits=(
                Exploit("exploit-db", "https://example.org/e", "remote"),
                Exploit("poc", "https://example.org/poc"),
            ),
            attention=3,
            ssvc=(("Exploitation", "active"),),
            rejected=True,
        ),
        "CVE-2024-0002": Vulnerability(
            id="CVE-2024-0002",
            summary="x - security update",
            references=(Reference("https://security-tracker.debian.org/tracker/DSA-1", "ADVISORY"),),
        ),
    }


def test_the_best_description_wins(opened) -> None:
    told = [
        Vulnerability("CVE-2024-0001", details="the CVE record's"),
        Advisory("GHSA-a", "f", (), ("CVE-2024-0001",), details="GitHub's"),
        Advisory("RUBYSEC-1", "f", (), ("CVE-2024-0001",), details="the ecosystem's"),
        Advisory("DSA-1", "f", (), cves=("CVE-2024-0001",), details="a distribution's"),
        Advisory("ALSA-1", "f", (), cves=("CVE-2024-0001", "CVE-2024-0002"), summary="an erratum's"),
    ]
    best = []
    while told:
        source = "cve" if isinstance(told[0], Vulnerability) else "f"
        index = opened({source: told[:1], "g": [record for record in told[1:] if isinstance(record, Advisory)]})
        found = index.vulnerabilities(["CVE-2024-0001"])["CVE-2024-0001"]
        best.append(found.details or found.summary)
        told.pop(0)
    assert best == ["the CVE record's", "GitHub's", "the ecosystem's", "a distribution's", "an erratum's"]


def test_a_score_of_nothing_is_not_the_lack_of_one(opened) -> None:
    index = opened({"epss": [Vulnerability("CVE-2024-0001", epss=Epss(0.0, 0.0), attention=0)]})
    assert index.vulnerabilities(["CVE-2024-0001"]) == {
        "CVE-2024-0001": Vulnerability("CVE-2024-0001", epss=Epss(0.0, 0.0), attention=0)
    }


def test_coverage_and_end_of_life(opened) -> None:
    index = opened({
        "osv-pypi": [Covers("pypi"), Covers("pypi"), Advisory("A-1", "f", (package(),))],
        "lifecycle": [Lifecycle("debian:11", date(2026, 8, 31)), Lifecycle("debian:13", None),
                      Lifecycle("debian:12", date(2026, 1, 1)), Lifecycle("debian:12", date(2028, 6, 30))],
        "other": [Lifecycle("debian:11", None), Lifecycle("debian:13", date(2030, 6, 30))],
    })  # fmt: skip
    assert (index.covers("pypi"), index.covers("npm")) == (True, False)
    ends = [index.end_of_life(f"debian:{n}") for n in (11, 12, 13, 14)]
    assert ends == [date(2026, 8, 31), date(2028, 6, 30), date(2030, 6, 30), None]


def test_freshness_is_kept_per_source(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf.db"
    count = write_shelf(
        shelf, [Covers("pypi"), Advisory("A-1", "f", (package(),)), Malformed("x", "bad"), Ignored("y", 4)]
    )
    assert count == Count(1, 1, 4)
    path = build(
        [
            Source("osv-pypi", shelf, "stale", NOON, NOON, 1, 1, 4, "no answer"),
            Source("kev", None, "missing", message="never read"),
        ],
        tmp_path,
    )
    with Snapshot(path) as index:
        assert index.status() == IntelStatus(path.stem, NOON, (
            IntelSource("kev", "missing", message="never read"),
            IntelSource("osv-pypi", "stale", NOON, NOON, 1, "no answer", ("pypi",)),
        ))  # fmt: skip


RECORDS: tuple[Record, ...] = (
    Advisory("GHSA-a", "f", (package(), package("flask", "3")), ("CVE-2024-0001",)),
    Advisory("PYSEC-1", "f", (package(fixed="1.3"),), ("GHSA-a",), summary="s"),
    Advisory("DSA-1", "f", (), cves=("CVE-2024-0001", "CVE-2024-0002")),
    Vulnerability("CVE-2024-0001", details="one"),
    Vulnerability("CVE-2024-0001", details="two"),
    Covers("pypi"),
)


def test_the_same_records_in_any_order_give_the_same_file(compiled) -> None:
    files = {}
    for order in list(permutations(RECORDS))[::97]:
        path = compiled({"b": order[:3], "a": order[3:]} if len(files) % 2 else {"a": order[3:], "b": order[:3]})
        files.setdefault(frozenset(map(repr, order[:3])), set()).add((path.name, path.read_bytes()))
    assert [len(contents) for contents in files.values()] == [1] * len(files)


def test_the_digest_is_about_what_is_said_and_not_about_when_it_was_asked(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf.db"
    write_shelf(shelf, RECORDS)
    first = build([Source("f", shelf, fetched_at=NOON)], tmp_path / "one")
    later = build([Source("f", shelf, "stale", fetched_at=datetime(2027, 1, 1, tzinfo=UTC))], tmp_path / "one")
    assert first == later
    with Snapshot(later) as index:
        assert index.status().sources[0].status == "stale"


@pytest.mark.parametrize(
    "other",
    [
        RECORDS[1:],
        (*RECORDS, Covers("npm")),
        (*RECORDS, Lifecycle("debian:1", None)),
        (*RECORDS[1:], Advisory("GHSA-a", "f", (package(fixed="1.9"), package("flask", "3")), ("CVE-2024-0001",))),
        (*RECORDS, Vulnerability("CVE-2024-0001", epss=Epss(0.1, 0.1))),
        (*RECORDS, Vulnerability("CVE-2024-0009")),
    ],
)
def test_whatever_is_said_differently_changes_the_digest(compiled, other: tuple[Record, ...]) -> None:
    assert compiled({"f": RECORDS}).name != compiled({"f": other}).name


def test_reading_leaves_no_half_shelf_behind(tmp_path: Path) -> None:
    def broken():
        yield Covers("pypi")
        raise Unreadable("all.zip: broken")

    with pytest.raises(Unreadable, match="broken"):
        write_shelf(tmp_path / "shelf.db", broken())
    assert list(tmp_path.iterdir()) == []


def test_a_shelf_that_is_none_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shelf.db"
    assert shelf_count(path) is None
    path.write_bytes(b"no database" * 100)
    assert shelf_count(path) is None
    assert left_out(path) == ""


def test_a_record_that_cannot_be_stored_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no text"):
        write_shelf(tmp_path / "shelf.db", [Advisory("A-1", "f", summary="bad \udcff")])
    with pytest.raises(Unreadable, match="no number"):
        write_shelf(tmp_path / "shelf.db", [Vulnerability("CVE-2024-0001", attention=1 << 70)])


def test_attention_has_a_largest_number(opened) -> None:
    index = opened({"f": [Vulnerability("CVE-2024-0001", attention=1 << 63)]})
    assert index.vulnerabilities(["CVE-2024-0001"])["CVE-2024-0001"].attention == (1 << 63) - 1


def test_a_damaged_shelf_names_its_feed(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf.db"
    write_shelf(shelf, RECORDS)
    with closing(sqlite3.connect(shelf)) as db:
        db.execute("DROP TABLE statement")
        db.commit()
    with pytest.raises(DamagedShelf, match="kept data are damaged") as error:
        build([Source("kev", shelf)], tmp_path)
    assert error.value.source == "kev"
    with pytest.raises(DamagedShelf, match="kept data are gone"):
        build([Source("kev", tmp_path / "no" / "where")], tmp_path)
    assert not list(tmp_path.glob("**/.build*"))


def test_a_statement_without_its_record_is_damage(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf.db"
    write_shelf(shelf, RECORDS)
    with closing(sqlite3.connect(shelf)) as db:
        db.execute("DELETE FROM advisory WHERE name = 'PYSEC-1'")
        db.commit()
    with pytest.raises(DamagedShelf, match="1 kept statements belong to no record"):
        build([Source("f", shelf)], tmp_path)


def test_a_record_that_breaks_the_layout_is_not_written(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf.db"
    write_shelf(shelf, RECORDS)
    with closing(sqlite3.connect(shelf)) as db:
        db.execute("UPDATE advisory SET url = NULL")
        db.commit()
    with pytest.raises(Unavailable, match="cannot be written"):
        build([Source("f", shelf)], tmp_path)
    assert not list(tmp_path.glob("*.assaydb"))


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be written"):
        build([], tmp_path / "file")
    with pytest.raises(Unavailable, match="cannot be written"):
        write_shelf(tmp_path / "file" / "shelf.db", [])


def test_an_empty_build_answers_nothing_and_covers_nothing(tmp_path: Path) -> None:
    with Snapshot(build([], tmp_path)) as index:
        assert index.affecting([("pypi", "x")]) == {}
        assert not index.covers("pypi")
        assert index.status().built_at is None
