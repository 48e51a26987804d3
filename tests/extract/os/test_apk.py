"""Alpine packages from apk's database."""

import pytest

from assay.errors import Unreadable
from assay.extract.apk import Apk
from assay.extract.contract import Ownership, Problem
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

PATH = "lib/apk/db/installed"
BUSYBOX = b"""C:Q1abc=
P:busybox-binsh
V:1.36.0-r9
A:x86_64
L:GPL-2.0-only
o:busybox
F:bin
R:sh
a:0:0:777
Z:Q1def=
F:etc/busybox-paths.d
R:busybox

"""


def test_a_package_is_read_with_origin_licence_and_files(read) -> None:
    component = Component(
        Ecosystem.APK,
        "busybox-binsh",
        "1.36.0-r9",
        arch="x86_64",
        source_name="busybox",
        source_version="1.36.0-r9",
    )
    assert read(Apk(), PATH, BUSYBOX) == [
        Package(component, PATH, extractor="apk", licenses=("GPL-2.0-only",)),
        Ownership("busybox-binsh", ("bin/sh", "etc/busybox-paths.d/busybox")),
    ]


def test_a_package_without_an_origin_is_its_own(read) -> None:
    [package] = read(Apk(), PATH, b"P:a\nV:1-r0\n")
    assert (package.component.source_name, package.licenses) == ("a", ())


def test_line_ends_of_windows_and_files_in_the_root_are_understood(read) -> None:
    facts = read(Apk(), PATH, b"P:a\r\nV:1\r\nF:\r\nR:init\r\n\r\nP:b\r\nV:2\r\n")
    assert facts[1] == Ownership("a", ("init",))
    assert facts[2].component.name == "b"


def test_a_package_without_name_or_version_is_a_problem(read) -> None:
    facts = read(Apk(), PATH, b"P:a\n\nV:1\n\nT:nothing\n\nP:b\nV:2\n")
    assert [fact.message for fact in facts if isinstance(fact, Problem)] == [
        "apk package without version: 'a'",
        "apk package without name: '1'",
    ]
    assert [fact.component.name for fact in facts if isinstance(fact, Package)] == ["b"]


def test_a_hostile_file_list_is_cut(read) -> None:
    data = b"P:a\nV:1\nF:" + b"d" * 20_000 + b"\n" + b"R:f\n" * 1000
    package, ownership, problem = read(Apk(), PATH, data)
    assert package.component.name == "a"
    assert len(ownership.paths) < 20
    assert problem == Problem("file list of 'a' is larger than it can be", "limit")


def test_a_file_without_any_package_is_unreadable_and_an_empty_one_is_empty(read) -> None:
    with pytest.raises(Unreadable, match="no apk package in 5 bytes"):
        read(Apk(), PATH, b"\x00\x01\x02\n\n")
    assert read(Apk(), PATH, b"\n") == []
