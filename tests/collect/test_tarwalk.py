"""The tar walker reads what tarfile and GNU tar write, and only raises typed errors for what nobody should write."""

import io
import random
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.collect.limits import Limits
from assay.collect.stream import FileSlice
from assay.collect.tarwalk import TarTree
from assay.errors import AssayError, Conflict, Invalid, LimitExceeded, Unreadable
from assay.model.tree import Entry, Kind


class Slow(io.RawIOBase):
    """Hands out a few bytes at a time, as a network does."""

    def __init__(self, data: bytes, most: int = 700) -> None:
        self._data = io.BytesIO(data)
        self._most = most

    def readinto(self, buffer: memoryview) -> int:
        data = self._data.read(min(len(buffer), self._most))
        buffer[: len(data)] = data
        return len(data)


def walk(data: bytes, **options: object) -> list[Entry]:
    return list(TarTree(io.BytesIO(data), "a.tar", **options).entries())


def contents(tree: TarTree) -> dict[str, bytes]:
    return {entry.path: tree.open(entry).read() for entry in tree.entries() if entry.kind is Kind.FILE}


def block(
    name: bytes,
    size: int = 0,
    flag: bytes = b"0",
    size_field: bytes = b"",
    link: bytes = b"",
    magic: bytes = b"ustar\x0000",
) -> bytes:
    """A header written by hand."""
    header = bytearray(512)
    header[: len(name)] = name
    header[100:108] = b"0000644\0"
    header[124:136] = size_field or b"%011o\0" % size
    header[156:157] = flag
    header[157 : 157 + len(link)] = link
    header[257 : 257 + len(magic)] = magic
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


END = bytes(1024)


def test_files_directories_and_links_come_in_the_archives_order(tar: Callable[..., bytes]) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("./etc/"))
        for name, kind, link in [
            ("./etc", tarfile.DIRTYPE, ""),
            ("etc/a", tarfile.REGTYPE, ""),
            ("etc/b", tarfile.SYMTYPE, "../a"),
            ("etc/c", tarfile.LNKTYPE, "./etc/a"),
            ("etc/d", tarfile.FIFOTYPE, ""),
            ("./", tarfile.DIRTYPE, ""),
        ]:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mode = kind, link, 0o750
            archive.addfile(member)
    assert walk(out.getvalue())[1:] == [
        Entry("etc", Kind.DIRECTORY, 0o750),
        Entry("etc/a", Kind.FILE, 0o750),
        Entry("etc/b", Kind.SYMLINK, 0o750, 0, "../a"),
        Entry("etc/c", Kind.HARDLINK, 0o750, 0, "etc/a"),
        Entry("etc/d", Kind.OTHER, 0o750),
    ]


@pytest.mark.parametrize("style", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("wrap", [io.BytesIO, Slow])
def test_contents_are_read_in_every_format(
    tar: Callable[..., bytes], style: int, wrap: Callable[[bytes], io.RawIOBase]
) -> None:
    files = {
        "a": b"",
        "b": b"x" * 511,
        "c": b"y" * 512,
        "d" * 90 + "/" + "e" * 90: b"z" * 70_000,
        "f": random.Random(1).randbytes(1_500_000),
        "g": b"end",
    }
    tree = TarTree(wrap(tar(files, style)), "a.tar")
    assert not tree.complete
    assert contents(tree) == files
    assert tree.problems == []
    assert tree.complete


@pytest.mark.parametrize("style", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_links_and_bytes_that_are_not_text(tar: Callable[..., bytes], style: int) -> None:
    name, link = "n" * 300 + "/caf\udce9", "l" * 400
    assert [(entry.path, entry.link) for entry in walk(tar({f"{name} -> {link}": None, "ü": b""}, style))] == [
        (name, link),
        ("ü", ""),
    ]


def test_a_file_in_place_is_skipped_by_moving(tmp_path: Path, tar: Callable[..., bytes]) -> None:
    files = {f"f{number}": bytes([number]) * 200_000 for number in range(9)}
    path = tmp_path / "x"
    path.write_bytes(b"front" + tar(files) + b"back")
    with FileSlice(str(path), 5, len(tar(files))) as source:
        tree = TarTree(source, "x")
        read = {entry.path: tree.open(entry).read() for entry in tree.entries() if entry.path in {"f3", "f8"}}
    assert read == {"f3": files["f3"], "f8": files["f8"]}


def test_whiteouts_count_only_in_layers(tar: Callable[..., bytes]) -> None:
    data = tar({"etc/.wh.passwd": b"", "var/.wh..wh..opq": b"", ".wh..wh.plnk": None, ".wh.top": b"", "a.wh.b": b""})
    assert walk(data, layer=True) == [
        Entry("etc/passwd", Kind.WHITEOUT),
        Entry("var", Kind.OPAQUE),
        Entry("top", Kind.WHITEOUT),
        Entry("a.wh.b", Kind.FILE, 0o644),
    ]
    assert [entry.path for entry in walk(data)][:2] == ["etc/.wh.passwd", "var/.wh..wh..opq"]


def test_names_are_cleaned_and_those_that_lead_out_are_refused(tar: Callable[..., bytes]) -> None:
    names = ["/abs", "a//b", "a/./c", "a/../d", "../up", "x/../../up", "..", "dots..ok/..a"]
    tree = TarTree(io.BytesIO(tar(dict.fromkeys(names, b""))), "a.tar", layer=True)
    assert [entry.path for entry in tree.entries()] == ["abs", "a/b", "a/c", "d", "dots..ok/..a"]
    assert [problem.message for problem in tree.problems] == [
        "a.tar: the name b'../up' leads out of the archive",
        "a.tar: the name b'x/../../up' leads out of the archive",
        "a.tar: the name b'..' leads out of the archive",
    ]


def test_sizes_beyond_octal_are_read_and_absurd_ones_end_the_walk() -> None:
    big = block(b"big", size_field=b"\x80" + (3).to_bytes(11, "big")) + b"abc".ljust(512, b"\0") + END
    tree = TarTree(io.BytesIO(big), "a.tar")
    assert contents(tree) == {"big": b"abc"}
    for field in (b"\xff" * 12, b"-0000000001\0", b"0x10\0", b"99999999999\0", b"\x80" + b"\x7f" * 11, b"1_000\0"):
        with pytest.raises(Unreadable, match="impossible size"):
            walk(block(b"big", size_field=field) + END)
    with pytest.raises(Unreadable, match="ends before byte"):
        walk(block(b"big", size_field=b"\x80\0\0\0" + b"\x7f" + b"\xff" * 7) + END)


def test_a_wrong_checksum_is_told_with_its_place() -> None:
    data = block(b"a") + block(b"b")[:-1] + b"!" + END
    with pytest.raises(Unreadable, match=r"a\.tar: at byte 512: not a tar header \(wrong checksum\)"):
        walk(data)


def test_old_writers_signed_checksums_hold() -> None:
    header = bytearray(block("é".encode("latin-1") * 5))
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 256 - 5 * 256)
    assert [entry.path for entry in walk(bytes(header) + END)] == ["\udce9" * 5]


def test_pax_records_override_the_header() -> None:
    records = b"19 path=longer/name\n12 size=600\n"
    records = b"".join(b"%d %s\n" % (len(r) + 4, r) for r in (b"path=longer/name", b"size=0600")) + b"7 a=\n\n\n"
    data = (
        block(b"x", len(records), b"x") + records.ljust(512, b"\0") + block(b"short", 1) + b"A" * 600 + bytes(424) + END
    )
    tree = TarTree(io.BytesIO(data), "a.tar")
    assert contents(tree) == {"longer/name": b"A" * 600}


@pytest.mark.parametrize(
    "records",
    [b"8 path=b\n", b"path=", b"99999 path=a\n", b"0 path=\n", b"12 pathsize=", b"99999999999999999999999 path=b\n"],
)
def test_broken_extended_headers_are_unreadable(records: bytes) -> None:
    data = block(b"x", len(records), b"x") + records.ljust(512, b"\0") + block(b"a") + END
    with pytest.raises(Unreadable, match="broken extended header"):
        walk(data)


def test_global_headers_count_in_plain_archives_but_not_in_layers() -> None:
    data = block(b"g", 14, b"g") + b"14 path=other\n".ljust(512, b"\0") + block(b"own") + END
    assert [entry.path for entry in walk(data)] == ["other"]
    assert [entry.path for entry in walk(data, layer=True)] == ["own"]


def test_an_archive_without_end_mark_says_so(tar: Callable[..., bytes]) -> None:
    tree = TarTree(io.BytesIO(block(b"a")), "a.tar")
    assert [entry.path for entry in tree.entries()] == ["a"]
    assert [problem.message for problem in tree.problems] == ["a.tar: the archive has no end mark, it may be cut off"]


def test_data_after_a_single_empty_block_is_not_hidden() -> None:
    with pytest.raises(Unreadable, match="data after a single empty block"):
        walk(block(b"a") + bytes(512) + block(b"b") + END)


def test_an_entrys_bytes_are_there_only_in_its_turn(tar: Callable[..., bytes]) -> None:
    tree = TarTree(io.BytesIO(tar({"a": b"1" * 100_000, "b": b"2" * 100_000, "c": None})), "a.tar")
    entries = tree.entries()
    first = next(entries)
    reader = tree.open(first)
    assert reader.read(3) == b"111"
    with pytest.raises(Conflict, match="opened before"):
        tree.open(first)
    second = next(entries)
    with pytest.raises(ValueError, match="closed"):
        reader.read(200_000)
    with pytest.raises(Invalid, match="yielded last"):
        tree.open(first)
    with tree.open(second) as file:
        assert file.read(70_000) == b"2" * 70_000
    with pytest.raises(Invalid):
        tree.open(next(entries))


def test_limits_stop_the_walk() -> None:
    many = b"".join(block(b"%d" % number) for number in range(20)) + END
    with pytest.raises(LimitExceeded, match="more than 10 entries"):
        walk(many, limits=Limits(entries=10))
    with pytest.raises(LimitExceeded, match="extended header of 99999"):
        walk(block(b"x", 99_999, b"x") + END, limits=Limits(metadata_bytes=1000))
    tree = TarTree(io.BytesIO(block(b"a", 4) + b"abcd".ljust(512, b"\0") + END), "a.tar", limits=Limits(file_size=3))
    with pytest.raises(LimitExceeded, match="a has 4 bytes, 3 are read"):
        [tree.open(entry) for entry in tree.entries()]


def test_the_list_of_problems_is_bounded() -> None:
    tree = TarTree(io.BytesIO(block(b"..") * 1500 + END), "a.tar")
    assert list(tree.entries()) == []
    assert len(tree.problems) == 1001
    assert tree.problems[-1].message == "500 more problems of this tree are not listed"


@pytest.mark.skipif(not shutil.which("tar"), reason="needs GNU tar")
@pytest.mark.parametrize(
    "style", [["--format=gnu"], *(["--format=posix", f"--sparse-version={v}"] for v in ("0.0", "0.1", "1.0"))]
)
def test_sparse_files_of_gnu_tar(tmp_path: Path, style: list[str]) -> None:
    pieces = [(n * 300_000, bytes([65 + n]) * 5000) for n in range(30)]
    with open(tmp_path / "sparse", "wb") as file:
        for offset, data in pieces:
            file.seek(offset)
            file.write(data)
        file.truncate(10_000_000)
    (tmp_path / "after").write_bytes(b"after")
    subprocess.run(["tar", *style, "--sparse", "-cf", "out.tar", "sparse", "after"], cwd=tmp_path, check=True)
    data = (tmp_path / "out.tar").read_bytes()
    assert len(data) < 2_000_000
    tree = TarTree(io.BytesIO(data), "a.tar")
    assert contents(tree) == {"sparse": (tmp_path / "sparse").read_bytes(), "after": b"after"}
    assert [(entry.path, entry.size) for entry in walk(data)] == [("sparse", 10_000_000), ("after", 5)]


def survive(data: bytes) -> None:
    tree = TarTree(Slow(data, 1 << 16), "a.tar", layer=True, limits=Limits(file_size=1 << 22))
    try:
        for entry in tree.entries():
            if entry.kind is Kind.FILE:
                try:
                    with tree.open(entry) as file:
                        while file.read(1 << 16):
                            pass
                except AssayError:
                    pass
    except AssayError:
        pass


def test_truncation_at_every_block_raises_only_typed_errors(tar: Callable[..., bytes]) -> None:
    data = tar({"d" * 150: b"1" * 3000, "e -> " + "f" * 200: None, "g": b"2" * 700, ".wh.x": b""}, tarfile.GNU_FORMAT)
    for cut in range(0, len(data), 512):
        survive(data[:cut])
        survive(data[: cut + 100])


def test_random_bytes_in_headers_raise_only_typed_errors(tar: Callable[..., bytes]) -> None:
    chance = random.Random(20)
    seeds = [
        tar({"d" * 90 + "/" + "e" * 60: b"1" * 3000, "e -> " + "f" * 90: None, "g" + "\u00fc" * 5 * f: b"2" * 700}, f)
        for f in (0, 1, 2)
    ]
    for _ in range(3000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        for start in range(0, len(data) - 512, 512):
            if data[start + 257 : start + 262] == b"ustar" and chance.random() < 0.9:
                header = data[start : start + 512]
                header[148:156] = b" " * 8
                data[start + 148 : start + 156] = b"%06o\0 " % sum(header)
        survive(bytes(data))
