"""Zips and tars as roots: what honest writers make is read, what lies is refused, entry by entry."""

import bz2
import contextlib
import gzip
import io
import lzma
import random
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from assay.collect.archive import open_archive_tree
from assay.collect.limits import DEFAULT_LIMITS, Limits
from assay.errors import AssayError, Invalid, LimitExceeded, NotFound, Unreadable
from assay.model.tree import Entry, Kind

NOISE = random.Random(7).randbytes(900_000)
FILES = {"a": b"", "b/c": b"text" * 500, "b/d": NOISE, "ü": bytes(2_000_000)}


def read_all(path: Path, limits: Limits = DEFAULT_LIMITS) -> tuple[dict[str, object], list[str]]:
    found: dict[str, object] = {}
    with open_archive_tree(str(path), limits) as tree:
        for entry in tree.entries():
            if entry.kind is not Kind.FILE:
                found[entry.path] = (entry.kind, entry.link)
                continue
            try:
                with tree.open(entry) as file:
                    found[entry.path] = file.read()
                    assert len(found[entry.path]) == entry.size
            except AssayError as error:
                found[entry.path] = error
        return found, [f"{problem.path}|{problem.message}" for problem in tree.problems]


def zip_of(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "archive"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_zips_are_read_whatever_their_method(put: Callable[[bytes], Path], method: int) -> None:
    assert read_all(put(zip_of(FILES, method))) == (FILES, [])


@pytest.mark.parametrize(
    "compress",
    [
        lambda data: data,
        gzip.compress,
        bz2.compress,
        lzma.compress,
        zstandard.compress,
        lambda data: gzip.compress(data[:5000]) + gzip.compress(data[5000:]) + bytes(100),
        lambda data: bz2.compress(data[:5000]) + bz2.compress(data[5000:]),
        lambda data: lzma.compress(data[:5000]) + bytes(8) + lzma.compress(data[5000:]),
        lambda data: zstandard.compress(data[:5000]) + b"\x50\x2a\x4d\x18\3\0\0\0abc" + zstandard.compress(data[5000:]),
    ],
    ids="plain gzip bzip2 xz zstd gzip-members bzip2-streams xz-streams zstd-frames".split(),
)
def test_tars_are_read_whatever_their_compression(
    put: Callable[[bytes], Path], tar: Callable, compress: Callable
) -> None:
    assert read_all(put(compress(tar(FILES)))) == (FILES, [])


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_cut_or_damaged_stream_is_told_after_what_was_readable(
    put: Callable[[bytes], Path], tar: Callable, compress: Callable
) -> None:
    data = compress(tar({"first": b"1", "noise": NOISE, "last": b"2"}))
    with pytest.raises(Unreadable, match=r"stream is cut off|the archive ends"):
        read_all(put(data[: len(data) * 9 // 10]))
    if compress is not zstandard.compress:  # which adds no checksum unless asked to
        with pytest.raises(Unreadable):
            read_all(put(data[:300_000] + bytes(64) + data[300_064:]))


def test_directories_and_links_in_zips(put: Callable[[bytes], Path]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("dir/", b"")
        for name, mode, data in [
            ("link", 0o120777, b"../target"),
            ("long", 0o120777, b"x" * 5000),
            ("pipe", 0o010644, b""),
            ("run", 0o100755, b"#!"),
        ]:
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, mode << 16
            archive.writestr(info, data)
    path = put(out.getvalue())
    found, problems = read_all(path)
    assert found == {
        "dir": (Kind.DIRECTORY, ""),
        "link": (Kind.SYMLINK, "../target"),
        "long": (Kind.OTHER, ""),
        "pipe": (Kind.OTHER, ""),
        "run": b"#!",
    }
    assert problems == ["long|a link of 5000 bytes"]
    with open_archive_tree(str(path)) as tree:
        assert [entry.mode for entry in tree.entries()][-1] == 0o755


def test_names_written_on_windows_and_names_that_lead_out(put: Callable[[bytes], Path]) -> None:
    data = (
        zip_of({"bin/x": b"1", "../out": b"2", "C/abs": b"3"}).replace(b"bin/x", b"bin\\x").replace(b"C/abs", b"/\\abs")
    )
    data = bytearray(data)
    for at in (index for index in range(len(data)) if data[index : index + 4] == b"PK\1\2"):
        data[at + 5] = 0
    found, problems = read_all(put(bytes(data)))
    assert found == {"bin/x": b"1", "abs": b"3"}
    assert problems == [f"|{put(bytes(data))}: the name b'../out' leads out of the archive"]


def test_data_before_the_zip_is_passed_over(put: Callable[[bytes], Path]) -> None:
    assert read_all(put(b"#!/bin/sh\nexec java -jar $0\n" + zip_of({"a": b"1"})))[0] == {"a": b"1"}


def test_zip64_in_all_its_places(put: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    data = zip_of({"a": b"1", "b": NOISE})
    assert b"PK\6\6" in data
    assert read_all(put(data))[0] == {"a": b"1", "b": NOISE}
    assert read_all(put(b"front" + data))[0] == {"a": b"1", "b": NOISE}
    with pytest.raises(Unreadable, match="zip64 end of the central directory is missing"):
        read_all(put(data.replace(b"PK\6\6", b"PK\6\5")))


@pytest.mark.parametrize("value", [1 << 63, (1 << 64) - 1, 1 << 40])
def test_offsets_and_sizes_beyond_all_bounds(put: Callable[[bytes], Path], value: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("a")
        info.extra = struct.pack("<HHQQQ", 1, 24, value, value, value)
        archive.writestr(info, b"1")
    data = change(out.getvalue(), b"PK\1\2", 20, "<LL", 0xFFFFFFFF, 0xFFFFFFFF)
    data = change(data, b"PK\1\2", 42, "<L", 0xFFFFFFFF)
    assert isinstance(read_all(put(data), Limits(file_size=1 << 65))[0]["a"], Unreadable)


def test_encrypted_entries_are_a_problem(put: Callable[[bytes], Path]) -> None:
    data = bytearray(zip_of({"open": b"1", "secret": b"2"}))
    at = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    data[at + 8] |= 1
    path = put(bytes(data))
    found, problems = read_all(path)
    assert found["open"] == b"1"
    assert str(found["secret"]) == f"{path}: secret: is encrypted"
    assert problems == [f"|{path}: 1 entries are encrypted and cannot be read"]


def change(data: bytes, signature: bytes, offset: int, form: str, *values: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(form, changed, changed.index(signature) + offset, *values)
    return bytes(changed)


@pytest.mark.parametrize(
    ("signature", "offset", "form", "value", "message"),
    [
        (b"PK\3\4", 30, "<B", 66, "the local header names another file"),
        (b"PK\3\4", 8, "<H", 0, "the local header names another file or method"),
        (b"PK\1\2", 42, "<L", 7, "no local header where the central directory says"),
        (b"PK\1\2", 20, "<L", 1 << 30, "data lies beyond the end"),
        (b"PK\1\2", 24, "<L", 3, "another size than the directory says"),
        (b"PK\1\2", 24, "<L", 1 << 20, "another size than the directory says"),
        (b"PK\1\2", 16, "<L", 0, "another checksum than the directory says"),
    ],
)
def test_a_directory_that_lies_costs_only_the_entry(
    put: Callable[[bytes], Path], signature: bytes, offset: int, form: str, value: int, message: str
) -> None:
    found, _ = read_all(put(change(zip_of({"a": b"some text " * 9}), signature, offset, form, value)))
    assert message in str(found["a"])


def test_an_unknown_method_costs_only_the_entry(put: Callable[[bytes], Path]) -> None:
    data = change(change(zip_of({"a": b"1"}), b"PK\1\2", 10, "<H", 97), b"PK\3\4", 8, "<H", 97)
    assert str(read_all(put(data))[0]["a"]).endswith("a: compression method 97 is not known")


@pytest.mark.parametrize(
    ("offset", "form", "value", "message"),
    [
        (10, "<H", 5, "2 entries, but the directory's end says 5"),
        (12, "<L", 1 << 20, "impossible size of the central directory"),
        (16, "<L", 1 << 20, "does not begin where its end says"),
        (12, "<L", 20, "does not begin|broken central directory"),
    ],
)
def test_an_end_record_that_lies_is_unreadable(
    put: Callable[[bytes], Path], offset: int, form: str, value: int, message: str
) -> None:
    data = zip_of({"a": b"1", "b": b"2"})
    with pytest.raises(Unreadable, match=message):
        read_all(put(change(data, b"PK\5\6", offset, form, value)))


def test_overlapping_entries_are_refused(put: Callable[[bytes], Path]) -> None:
    data = zip_of({"a": b"1" * 100, "b": b"2"})
    first, second = data.index(b"PK\1\2"), data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    bomb = bytearray(data)
    bomb[second + 42 : second + 46] = bomb[first + 42 : first + 46]
    found, _ = read_all(put(bytes(bomb)))
    assert {str(value).rpartition(": ")[2] for value in found.values()} == {"shares its data with other entries"}


def test_a_name_that_comes_twice_is_shown_twice(put: Callable[[bytes], Path], recwarn: pytest.WarningsRecorder) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a", b"2")
    with open_archive_tree(str(put(out.getvalue()))) as tree:
        contents = []
        for entry in tree.entries():
            with tree.open(entry) as file:
                contents.append(file.read())
    assert contents == [b"1", b"2"]


def test_limits_of_zips(put: Callable[[bytes], Path]) -> None:
    path = put(zip_of({"a": bytes(3_000_000), "b": b"1"}))
    with pytest.raises(LimitExceeded, match="2 entries, at most 1 are read"):
        read_all(path, Limits(entries=1))
    assert isinstance(read_all(path, Limits(file_size=1000))[0]["a"], LimitExceeded)
    assert "more than 100 to 1" in str(read_all(path, Limits(ratio=100, ratio_from=1000))[0]["a"])


def test_an_entry_is_opened_only_in_its_turn(put: Callable[[bytes], Path]) -> None:
    with open_archive_tree(str(put(zip_of({"a": b"1", "b": b"2"})))) as tree:
        entries = list(tree.entries())
        with pytest.raises(Invalid, match="yielded last"):
            tree.open(entries[0])
        with pytest.raises(Invalid):
            tree.open(Entry("a", Kind.DIRECTORY))


def test_archives_can_be_walked_twice(put: Callable[[bytes], Path], tar: Callable) -> None:
    for data in (zip_of({"a": b"1", "../b": b"2"}), gzip.compress(tar({"a": b"1", "../b": b"2"}))):
        with open_archive_tree(str(put(data))) as tree:
            with pytest.raises(Invalid, match="yielded last"):
                tree.open(Entry("a", Kind.FILE))
            assert (list(tree.problems), tree.complete) == ([], False)
            for _ in range(2):
                assert [entry.path for entry in tree.entries()] == ["a"]
                assert (len(tree.problems), tree.complete) == (1, True)


def test_what_is_no_archive_is_unreadable(put: Callable[[bytes], Path], tmp_path: Path) -> None:
    for data in (b"", b"hello", b"PK\5\6", bytes(4000)):
        with pytest.raises(Unreadable, match="not a zip file"):
            read_all(put(data))
    with pytest.raises(NotFound):
        read_all(tmp_path / "none")


@pytest.mark.skipif(not shutil.which("zip"), reason="needs Info-ZIP")
def test_zips_of_info_zip(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(NOISE)
    (tmp_path / "in" / "l").symlink_to("a")
    subprocess.run(["zip", "-qry", "../out.zip", "."], cwd=tmp_path / "in", check=True)
    assert read_all(tmp_path / "out.zip") == ({"a": NOISE, "l": (Kind.SYMLINK, "a")}, [])


def test_damaged_zips_raise_only_typed_errors(put: Callable[[bytes], Path]) -> None:
    chance = random.Random(11)
    seeds = [zip_of({"a": b"1" * 1000, "b/c": b"2" * 300, "d/": b""}, method) for method in (0, 8, 12)]
    for number in range(1200):
        data = bytearray(chance.choice(seeds))
        if number % 5 == 0:
            del data[chance.randrange(len(data)) :]
        for _ in range(chance.randrange(1, 5)):
            if data:
                data[chance.randrange(len(data))] = chance.choice((0, 255, chance.randrange(256)))
        with contextlib.suppress(AssayError):
            read_all(put(bytes(data)))
