"""Export and import: a snapshot arrives whole or not at all."""

import hashlib
import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import zstandard

from assay.errors import NotFound, Unavailable, Unreadable
from assay.intel.feed import Covers, Record
from assay.intel.lookup import Snapshot
from assay.intel.snapshots import current_snapshot, make_current, prune
from assay.intel.transfer import export_snapshot, import_snapshot
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Vulnerability


def records(count: int = 60) -> list[Record]:
    made: list[Record] = [Covers("pypi")]
    for n in range(count):
        affected = AffectedPackage("pypi", "pypi", f"package-{n}", (AffectedRange("0", f"1.{n}"),))
        made += [Advisory(f"PYSEC-{n}", "f", (affected,), summary=f"Flaw {n}"), Vulnerability(f"CVE-2024-{n:04}")]
    return made


@pytest.fixture
def exported(compiled, tmp_path: Path) -> Path:
    target = tmp_path / "intel.assay"
    assert export_snapshot(compiled({"f": records()}), target) == target.stat().st_size
    return target


def test_what_is_exported_is_imported(compiled, exported: Path, tmp_path: Path) -> None:
    path = import_snapshot(exported, tmp_path / "data")
    assert path == current_snapshot(tmp_path / "data")
    assert path.read_bytes() == compiled({"f": records()}).read_bytes()
    with Snapshot(path) as index:
        assert index.digest == path.stem
        assert len(index.affecting([("pypi", "package-7")])) == 1


def test_importing_twice_changes_nothing(exported: Path, tmp_path: Path) -> None:
    first = import_snapshot(exported, tmp_path / "data")
    assert import_snapshot(exported, tmp_path / "data") == first
    assert sorted(path.name for path in (tmp_path / "data" / "snapshots").iterdir()) == sorted([first.name, "current"])


def refused(source: Path, data: Path) -> bool:
    """Whether an import fails with one kind of error and leaves nothing behind."""
    with pytest.raises(Unreadable):
        import_snapshot(source, data)
    return not list((data / "snapshots").iterdir())


def test_a_truncated_file_is_refused_at_every_point(exported: Path, tmp_path: Path) -> None:
    whole, cut = exported.read_bytes(), tmp_path / "cut"
    for size in [*range(400), *range(400, len(whole), 211), len(whole) - 1]:
        cut.write_bytes(whole[:size])
        assert refused(cut, tmp_path / "data")


def test_an_altered_file_is_refused_wherever_it_is_altered(exported: Path, tmp_path: Path) -> None:
    whole, other, noise = exported.read_bytes(), tmp_path / "other", random.Random(5)
    for at in [*range(0, 180, 3), *(noise.randrange(len(whole)) for _ in range(150))]:
        other.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << noise.randrange(8))]) + whole[at + 1 :])
        if at < 512:
            with_suppressed_equal_header(other, tmp_path / "data")
        else:
            assert refused(other, tmp_path / "data")


def with_suppressed_equal_header(source: Path, data: Path) -> None:
    """A bit of the header may lie outside of what the header means; then the import is the true one."""
    try:
        path = import_snapshot(source, data)
    except Unreadable:
        return
    with Snapshot(path) as index:
        assert index.digest == path.stem
    for file in (data / "snapshots").iterdir():
        file.unlink()


def test_more_than_the_file_is_refused(exported: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    for tail in (b"x", b"\0" * 9, zstandard.compress(b"more"), exported.read_bytes()):
        more.write_bytes(exported.read_bytes() + tail)
        assert refused(more, tmp_path / "data")


def packed(snapshot: bytes, digest: str, size: int | None = None) -> bytes:
    frame = zstandard.compress(snapshot)
    size = len(snapshot) if size is None else size
    header = {"digest": digest, "size": size, "sha256": hashlib.sha256(snapshot).hexdigest(), "packed": len(frame)}
    return (b"ASSAYDB1\n" + msgspec.json.encode(header)).ljust(511) + b"\n" + frame


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE package SET name = 'other' WHERE name = 'package-1'",
        "UPDATE statement SET high = x'00'",
        "UPDATE vulnerability SET epss = 1.0",
        "UPDATE alias SET canonical = 'CVE-2024-0002'",
        "UPDATE block SET mark = x'00'",
        "INSERT INTO coverage VALUES ('npm', 'f')",
        "DELETE FROM meta",
        "UPDATE meta SET value = 'x' WHERE key = 'digest'",
        "CREATE VIEW extra AS SELECT 1",
        "CREATE TRIGGER extra AFTER INSERT ON alias BEGIN SELECT 1; END",
        "PRAGMA user_version = 2",
        "PRAGMA application_id = 7",
    ],
)
def test_a_snapshot_that_was_changed_is_refused_even_with_a_fitting_checksum(
    compiled, tmp_path: Path, change: str
) -> None:
    path = compiled({"f": [*records(), Advisory("GHSA-a", "f", (), ("CVE-2024-0001",))]})
    with closing(sqlite3.connect(path)) as db:
        db.execute(change)
        db.commit()
    (tmp_path / "x").write_bytes(packed(path.read_bytes(), path.stem))
    assert refused(tmp_path / "x", tmp_path / "data")


def test_a_header_must_be_possible_and_true(compiled, tmp_path: Path) -> None:
    path = compiled({"f": records()})
    whole, source = path.read_bytes(), tmp_path / "x"
    bad = [
        packed(whole, "../../etc"),
        packed(whole, "0" * 64),
        packed(whole, path.stem, 0),
        packed(whole, path.stem, -5),
        packed(whole, path.stem, 1 << 60),
        packed(whole, path.stem, len(whole) - 1),
        packed(whole, path.stem, len(whole) + 1),
        b"ASSAYDB1\nno json\n" + zstandard.compress(whole),
        packed(whole, path.stem)[:512] + b"\0" * (len(packed(whole, path.stem)) - 512),
        b"ASSAYDB1\n" + b"{" * 10_000,
        b"something else",
        packed(b"no database", path.stem),
    ]
    for content in bad:
        source.write_bytes(content)
        assert refused(source, tmp_path / "data")


def test_a_failed_import_keeps_what_is_in_use(compiled, exported: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    before = import_snapshot(exported, data)
    (tmp_path / "cut").write_bytes(exported.read_bytes()[:-9])
    with pytest.raises(Unreadable, match=r"cut"):
        import_snapshot(tmp_path / "cut", data)
    assert current_snapshot(data) == before


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such file"):
        import_snapshot(tmp_path / "none", tmp_path / "data")
    with pytest.raises(NotFound, match="no snapshot"):
        export_snapshot(tmp_path / "none", tmp_path / "out")


def test_a_disk_that_refuses_is_unavailable(compiled, exported: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be written"):
        import_snapshot(exported, tmp_path / "file")
    with pytest.raises(Unavailable, match="cannot be written"):
        export_snapshot(compiled({"f": records()}), tmp_path / "no" / "where")


def test_a_data_folder_without_a_snapshot_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="assay intel sync"):
        current_snapshot(tmp_path)
    assert prune(tmp_path, 1) == []


@pytest.mark.parametrize("content", [b"", b"../../etc/passwd\n", b"\xff", b"x.assaydb"])
def test_a_damaged_pointer_is_unreadable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "current").write_bytes(content)
    with pytest.raises(Unreadable, match="current"):
        current_snapshot(tmp_path)


def test_old_snapshots_are_removed_and_the_current_one_never(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    names = [folder / f"{n:064x}.assaydb" for n in range(5)]
    for age, path in enumerate(names):
        path.write_bytes(b"")
        os.utime(path, ns=(0, 10**9 * (age + 1)))
    make_current(tmp_path, names[0])
    assert prune(tmp_path, 2) == [names[2], names[1]]
    assert sorted(folder.glob("*.assaydb")) == [names[0], names[3], names[4]]


def test_a_pointer_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        make_current(tmp_path / "none", tmp_path / "x.assaydb")
