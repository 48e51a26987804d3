"""Opening a snapshot, reading it from many threads, and meeting damage."""

import gc
import random
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from assay.errors import NotFound, Unreadable
from assay.intel import lookup
from assay.intel.feed import Covers, Lifecycle, Record
from assay.intel.lookup import Snapshot
from assay.intel.search import search
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Epss, Vulnerability


def records(count: int = 300) -> list[Record]:
    made: list[Record] = [Covers("pypi"), Lifecycle("debian:1", None)]
    for n in range(count):
        affected = AffectedPackage("pypi", "pypi", f"package-{n}", (AffectedRange("0", f"1.{n}"),))
        made.append(Advisory(f"PYSEC-{n}", "f", (affected,), (f"CVE-2024-{n:04}",), summary=f"Flaw {n} " * 20))
        made.append(Vulnerability(f"CVE-2024-{n:04}", details=f"Details {n}", epss=Epss(n / 1000, 0.5)))
    return made


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no snapshot"):
        Snapshot(tmp_path / "none.assaydb")


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"\0" * 5000, b"text" * 3000])
def test_a_file_that_is_no_database_is_unreadable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.assaydb"
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        Snapshot(path)


def test_a_foreign_database_is_unreadable(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as db:
        db.execute("CREATE TABLE t (x)")
    with pytest.raises(Unreadable, match="not an intel snapshot"):
        Snapshot(tmp_path / "x.db")


def test_a_snapshot_of_another_format_is_unreadable(compiled) -> None:
    path = compiled({"f": records(3)})
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(Unreadable, match="format 99; this program reads format 1"):
        Snapshot(path)


def test_an_unfinished_snapshot_is_unreadable(compiled) -> None:
    path = compiled({"f": records(3)})
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM meta")
        db.commit()
    with pytest.raises(Unreadable, match="not finished"):
        Snapshot(path)


def test_a_truncated_snapshot_is_refused(compiled) -> None:
    path = compiled({"f": records()})
    whole = path.read_bytes()
    for size in range(0, len(whole), 4096):
        path.write_bytes(whole[:size])
        with pytest.raises(Unreadable):
            Snapshot(path)
    path.write_bytes(whole[:-1])
    with pytest.raises(Unreadable, match="truncated"):
        Snapshot(path)


def test_damage_inside_raises_one_kind_of_error_only(compiled) -> None:
    path = compiled({"f": records(40)})
    whole, noise = path.read_bytes(), random.Random(7)
    keys = [("pypi", f"package-{n}") for n in range(40)]
    ids = [f"CVE-2024-{n:04}" for n in range(40)]
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(20):
            damaged[noise.randrange(100, len(whole))] = noise.randrange(256)
        path.write_bytes(damaged)
        with suppress(Unreadable, NotFound), Snapshot(path) as index:
            for ask in (
                lambda: index.affecting(keys),
                lambda: index.vulnerabilities(ids),
                lambda: index.canonical("PYSEC-1"),
                index.status,
                lambda: search(index, "PYSEC-2"),
                lambda: search(index, "package-3"),
            ):
                with suppress(Unreadable):
                    ask()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("DELETE FROM block", "block 2 is missing"),
        ("UPDATE block SET body = x'00'", "block of the snapshot is damaged"),
        ("UPDATE vulnerability SET kev = x'c1'", "facts on CVE-2024-0001 are damaged"),
        ("UPDATE vulnerability SET epss_date = 'soon'", "facts on CVE-2024-0001 are damaged"),
        ("UPDATE statement SET body = x'c1'", "a statement on pypi is damaged"),
        ("UPDATE advisory SET flaws = '{'", "an advisory is damaged"),
        ("DELETE FROM advisory", "a statement on pypi is damaged"),
        ("DROP TABLE statement", "the snapshot is damaged"),
    ],
)
def test_damage_is_named(compiled, damage: str, message: str) -> None:
    path = compiled({"f": records(3)})
    with closing(sqlite3.connect(path)) as db:
        db.execute(damage)
        db.commit()
    with Snapshot(path) as index, pytest.raises(Unreadable, match=message):
        read_all(index)


def read_all(index: Snapshot) -> None:
    index.vulnerabilities(["CVE-2024-0001"])
    index.affecting([("pypi", "package-1")])


def test_a_broken_date_is_damage(compiled) -> None:
    path = compiled({"f": records(3)})
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE lifecycle SET until = 'soon'")
        db.commit()
    with pytest.raises(Unreadable, match="a date is damaged"):
        Snapshot(path)


def test_names_that_are_no_text_are_unknown(opened) -> None:
    index = opened({"f": records(3)})
    assert list(index.affecting([("pypi", "bad\udcff"), ("pypi", "package-1"), ("pypi", "nul\0")])) == [
        ("pypi", "package-1")
    ]
    assert index.canonical("bad\udcff") == "bad\udcff"
    assert list(index.vulnerabilities(["bad\udcff", "CVE-2024-0001"])) == ["CVE-2024-0001"]


def test_many_threads_read_at_once(opened) -> None:
    index = opened({"f": records()})
    keys = [("pypi", f"package-{n}") for n in range(300)]
    expected = index.affecting(keys), index.vulnerabilities([f"CVE-2024-{n:04}" for n in range(300)])
    wrong: list[object] = []

    def read() -> None:
        for _ in range(5):
            got = index.affecting(keys), index.vulnerabilities([f"CVE-2024-{n:04}" for n in range(300)])
            if got != expected:
                wrong.append(got)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert gc.isenabled()


def test_a_closed_snapshot_says_so(opened) -> None:
    index = opened({"f": records(3)})
    index.close()
    with pytest.raises(Unreadable, match="closed"):
        index.canonical("PYSEC-1")
    seen: list[str] = []

    def read() -> None:
        try:
            index.canonical("PYSEC-1")
        except Unreadable as error:
            seen.append(str(error))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert len(seen) == 1


def test_an_inventory_of_any_size_is_one_call(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "_CHUNK", 7)
    monkeypatch.setattr(lookup, "_REMEMBERED", 20)
    index = opened({"f": records()})
    for _ in range(2):
        assert len(index.affecting({("pypi", f"package-{n}") for n in range(400)})) == 300


def test_the_collector_stays_off_where_it_was_off(opened) -> None:
    index = opened({"f": records(3)})
    gc.disable()
    try:
        index.affecting([("pypi", "package-1")])
        assert not gc.isenabled()
    finally:
        gc.enable()
