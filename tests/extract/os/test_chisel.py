"""Packages of chiselled Ubuntu images."""

import io

import pytest
import zstandard

from assay.errors import LimitExceeded, Unreadable
from assay.extract.contract import Ownership, Problem
from assay.extract.dpkg_chisel import Chisel
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

PATH = "var/lib/chisel/manifest.wall"


def wall(*lines: str, count: int | None = None) -> bytes:
    header = f'{{"jsonwall":"1.0","schema":"1.0","count":{len(lines) + 1 if count is None else count}}}'
    return zstandard.compress("\n".join([header, *lines, ""]).encode())


def test_packages_and_their_files_are_read(read) -> None:
    data = wall(
        '{"kind":"content","slice":"libssl3_libs","path":"/usr/lib/libssl.so.3"}',
        '{"kind":"package","name":"libssl3","version":"3.0.2-0ubuntu1.15","sha256":"00","arch":"amd64"}',
        '{"kind":"path","path":"/usr/lib/","mode":"0755","slices":["libssl3_libs"]}',
        '{"kind":"path","path":"/usr/lib/libssl.so.3","mode":"0644","slices":["libssl3_libs"],"size":1}',
        '{"kind":"slice","name":"libssl3_libs"}',
    )
    version = "3.0.2-0ubuntu1.15"
    component = Component(
        Ecosystem.DEB, "libssl3", version, arch="amd64", source_name="libssl3", source_version=version
    )
    assert read(Chisel(), PATH, data) == [
        Package(component, PATH, extractor="chisel"),
        Ownership("libssl3", ("usr/lib/libssl.so.3",)),
    ]


def test_a_package_without_a_version_is_a_problem(read) -> None:
    data = wall('{"kind":"package","name":"a"}')
    assert read(Chisel(), PATH, data) == [Problem("package without name or version: 'a'")]


def test_problems_before_the_break_are_counted() -> None:
    data = wall(*['{"kind":"package","name":"a"}'] * 60, count=99)
    facts = Chisel().extract(SourceFile(PATH, len(data), lambda: io.BytesIO(data)))
    assert [next(facts) for _ in range(51)][-1] == Problem("10 more problems of this kind")
    with pytest.raises(Unreadable, match="ends after 61 of 99 lines"):
        next(facts)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"not zstd", "not a zstd-compressed manifest"),
        (b"", "ends after 0 of 0 lines"),
        (wall(count=5), "ends after 1 of 5 lines"),
        (wall("{"), "line of the manifest is not as expected"),
        (zstandard.compress(b'{"kind":"package"}\n'), "the header is missing"),
        (zstandard.compress(b"\xff\xfe\n"), "line of the manifest is not as expected"),
    ],
)
def test_what_is_no_manifest_is_unreadable(read, data: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read(Chisel(), PATH, data)


def test_a_manifest_that_swells_is_stopped(read) -> None:
    line = b'{"jsonwall":"1.0"}' + b" " * 900_000 + b"\n"
    with pytest.raises(LimitExceeded, match="manifest is larger than"):
        read(Chisel(), PATH, zstandard.compress(line * 80))
