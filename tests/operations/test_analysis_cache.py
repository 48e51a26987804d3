"""Analyses that outlive the process that made them."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assay.extract.contract import OsRelease, Wants
from assay.extract.walk import Analysis, OwnedFiles
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.inventory import ExtractError, OperatingSystem
from assay.operations.analysis_cache import AnalysisCache

DIGEST = "sha256:" + "ab" * 32
ANALYSIS = Analysis(
    packages=(Package(Component(Ecosystem.NPM, "a", "1"), "a/package.json", direct=True, licenses=("MIT",)),),
    owned=(OwnedFiles("var/lib/dpkg/info/a.list", "a", ("usr/lib/a.jar",)),),
    releases=(OsRelease(OperatingSystem("debian", "12", like=("x",)), 0),),
    errors=(ExtractError("jar", "b.jar", "broken"),),
    removed=("c",),
    opaque=("d",),
    names=("a/package.json", "é"),
    links={"lib": "usr/lib"},
)


@dataclass(frozen=True)
class Fixed:
    name: str = "fixed"
    version: int = 1
    wants: Wants = field(default_factory=Wants)
    max_size: int = 1
    needs_siblings: bool = False

    def extract(self, file):
        return iter(())


def cache(folder: Path, version: int = 1, limit: int = 1 << 20) -> AnalysisCache:
    return AnalysisCache(folder, [Fixed(version=version)], limit=limit)


def test_an_analysis_comes_back_as_it_was(tmp_path: Path) -> None:
    cache(tmp_path).save(DIGEST, ANALYSIS)
    assert cache(tmp_path).load(DIGEST) == ANALYSIS


def test_a_newer_extractor_makes_it_stale(tmp_path: Path) -> None:
    cache(tmp_path).save(DIGEST, ANALYSIS)
    assert cache(tmp_path, version=2).load(DIGEST) is None


def test_a_layer_that_broke_off_is_not_kept(tmp_path: Path) -> None:
    cache(tmp_path).save(DIGEST, Analysis(errors=(ExtractError("root", "", "breaks off"),)))
    assert cache(tmp_path).load(DIGEST) is None


@pytest.mark.parametrize("digest", ["", "sha256:../../etc/passwd", "sha256:zz", "nonsense"])
def test_only_digests_become_file_names(tmp_path: Path, digest: str) -> None:
    cache(tmp_path).save(digest, ANALYSIS)
    assert list(tmp_path.iterdir()) == []
    assert cache(tmp_path).load(digest) is None


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\x28\xb5\x2f\xfd\x00\x00"])
def test_a_damaged_entry_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    cache(tmp_path).save(DIGEST, ANALYSIS)
    (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
    entry.write_bytes(damage)
    assert cache(tmp_path).load(DIGEST) is None
    assert not entry.exists()


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    cache(blocked).save(DIGEST, ANALYSIS)
    assert cache(blocked).load(DIGEST) is None


def test_many_writers_leave_one_whole_entry(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: cache(tmp_path).save(DIGEST, ANALYSIS), range(40)))
    assert cache(tmp_path).load(DIGEST) == ANALYSIS
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_trimming_drops_what_was_used_the_longest_time_ago(tmp_path: Path) -> None:
    other = "sha256:" + "cd" * 32
    for age, digest in ((100, DIGEST), (200, other)):
        cache(tmp_path).save(digest, ANALYSIS)
        for path in tmp_path.rglob("*"):
            if path.is_file() and path.stat().st_mtime > 1000:
                os.utime(path, (age, age))
                size = path.stat().st_size
    cache(tmp_path, limit=size).trim()
    assert cache(tmp_path).load(DIGEST) is None
    assert cache(tmp_path).load(other) == ANALYSIS


def test_what_this_machine_had_no_room_for_is_not_kept(tmp_path: Path) -> None:
    error = ExtractError("jar", "a.jar", "cannot be read: No space left on device")
    cache(tmp_path).save(DIGEST, Analysis(errors=(error,), complete=False))
    assert cache(tmp_path).load(DIGEST) is None


def test_a_cache_that_may_only_be_read_still_serves(tmp_path: Path, monkeypatch) -> None:
    cache(tmp_path).save(DIGEST, ANALYSIS)
    monkeypatch.setattr("os.utime", refused)
    assert cache(tmp_path).load(DIGEST) == ANALYSIS


def test_a_damaged_entry_that_may_not_be_removed_is_a_miss(tmp_path: Path, monkeypatch) -> None:
    cache(tmp_path).save(DIGEST, ANALYSIS)
    (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
    entry.write_bytes(b"garbage")
    monkeypatch.setattr("pathlib.Path.unlink", refused)
    assert cache(tmp_path).load(DIGEST) is None
    cache(tmp_path, limit=0).trim()


def refused(*_arguments: object, **_options: object) -> None:
    raise PermissionError(30, "Read-only file system")


def test_an_entry_that_claims_to_be_huge_is_not_unpacked(tmp_path: Path) -> None:
    cache(tmp_path).save(DIGEST, ANALYSIS)
    (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
    entry.write_bytes(b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\x00\x00")
    assert cache(tmp_path).load(DIGEST) is None


def test_trimming_removes_what_a_killed_process_left_and_not_what_is_being_written(tmp_path: Path) -> None:
    cache(tmp_path).save(DIGEST, ANALYSIS)
    (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
    for name, age in ((".new-old", 0), (".new-fresh", None)):
        (entry.parent / name).mkdir()
        (entry.parent / name / "analysis").write_bytes(b"half")
        if age is not None:
            os.utime(entry.parent / name, (age, age))
    cache(tmp_path, limit=0).trim()
    assert [path.name for path in entry.parent.iterdir()] == [".new-fresh"]
