"""Debian packages from dpkg's files."""

import shutil
import subprocess
from pathlib import Path

import pytest

from assay.errors import Unreadable
from assay.extract.contract import Ownership, Problem
from assay.extract.dpkg import Dpkg
from assay.extract.opkg import Opkg
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

STATUS = "var/lib/dpkg/status"


def stanza(**fields: str) -> bytes:
    return "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in fields.items()).encode()


def names(facts: list[object]) -> list[str]:
    return [fact.component.name for fact in facts if isinstance(fact, Package)]


def test_a_package_is_read_with_its_source_and_architecture(read) -> None:
    data = b"""Package: libstdc++6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: gcc-12 (12.2.0-14)
Version: 1:12.2.0-14+b1
Depends: libc6 (>= 2.36)
Description: GNU Standard C++ Library v3
 This package contains an additional runtime library.
"""
    assert read(Dpkg(), STATUS, data) == [
        Package(
            Component(
                Ecosystem.DEB,
                "libstdc++6",
                "1:12.2.0-14+b1",
                arch="amd64",
                source_name="gcc-12",
                source_version="12.2.0-14",
            ),
            STATUS,
            extractor="dpkg",
        )
    ]


def test_a_package_without_a_source_field_is_its_own_source(read) -> None:
    [package] = read(Dpkg(), STATUS, stanza(Package="acl", Status="install ok installed", Version="2.3"))
    assert (package.component.source_name, package.component.source_version) == ("acl", "2.3")


def test_a_source_without_a_version_has_the_version_of_the_package(read) -> None:
    data = stanza(Package="libacl1", Source="acl", Status="install ok installed", Version="2.3")
    [package] = read(Dpkg(), STATUS, data)
    assert (package.component.source_name, package.component.source_version) == ("acl", "2.3")


def test_a_continuation_line_is_no_field(read) -> None:
    data = b"Package: a\nStatus: install ok installed\nDescription: x\n Version: 9\n Package: b\nVersion: 1\n"
    [package] = read(Dpkg(), STATUS, data)
    assert (package.component.name, package.component.version) == ("a", "1")


def test_a_folded_field_is_one_value_and_field_names_know_no_case(read) -> None:
    data = b"PACKAGE: a\nstatus: install\n ok\n\tinstalled\nVersion:\n 1.0\nversion: 2.0\n"
    [package] = read(Dpkg(), STATUS, data)
    assert package.component.version == "1.0"


def test_windows_line_ends_and_blanks_on_empty_lines_do_not_matter(read) -> None:
    data = b"Package: a\r\nStatus: install ok installed\r\nVersion: 1\r\n \r\nPackage: b\r\nStatus: install ok installed\r\nVersion: 2\r\n"
    assert names(read(Dpkg(), STATUS, data)) == ["a", "b"]


@pytest.mark.parametrize(
    ("status", "present"),
    [
        ("install ok installed", True),
        ("hold ok installed", True),
        ("deinstall ok installed", True),
        ("purge ok installed", True),
        ("install ok unpacked", True),
        ("install ok half-configured", True),
        ("install ok triggers-awaited", True),
        ("install ok triggers-pending", True),
        ("install reinstreq half-installed", False),
        ("deinstall ok config-files", False),
        ("purge ok not-installed", False),
        ("", False),
    ],
)
def test_packages_count_when_their_files_are_unpacked(read, status: str, present: bool) -> None:
    data = stanza(Package="a", Status=status, Version="1")
    assert names(read(Dpkg(), STATUS, data)) == (["a"] if present else [])


def test_in_status_d_a_package_needs_no_status_but_a_removed_one_stays_removed(read) -> None:
    data = (
        stanza(Package="a", Version="1") + b"\n" + stanza(Package="b", Status="deinstall ok config-files", Version="1")
    )
    assert names(read(Dpkg(), "var/lib/dpkg/status.d/a", data)) == ["a"]


def test_a_stanza_without_name_or_version_is_a_problem_and_the_others_stand(read) -> None:
    good = stanza(Package="good", Status="install ok installed", Version="1")
    nameless = stanza(Status="install ok installed", Version="7")
    versionless = stanza(Package="bad", Status="install ok installed")
    facts = read(Dpkg(), STATUS, b"\n".join([nameless, good, versionless]))
    assert names(facts) == ["good"]
    assert [fact.message for fact in facts if isinstance(fact, Problem)] == [
        "deb stanza without name: '7'",
        "deb stanza without version: 'bad'",
    ]


def test_of_countless_broken_stanzas_some_are_shown_and_the_rest_counted(read) -> None:
    data = stanza(Package="a", Status="install ok installed") + b"\n"
    facts = read(Dpkg(), STATUS, data * 1000 + stanza(Package="good", Status="install ok installed", Version="1"))
    assert names(facts) == ["good"]
    assert len(facts) == 52
    assert facts[-1] == Problem("950 more problems of this kind")


def test_a_file_without_any_stanza_is_unreadable_and_an_empty_one_is_empty(read) -> None:
    with pytest.raises(Unreadable, match="no dpkg stanza in 7 bytes"):
        read(Dpkg(), STATUS, b"\x7fELF\x00\x01\x02")
    assert read(Dpkg(), STATUS, b"\n") == []


def test_file_lists_tell_which_package_owns_what(read) -> None:
    data = b"/.\n/usr\n/usr/lib/libc.so.6\n\n"
    assert read(Dpkg(), "var/lib/dpkg/info/libc6:amd64.list", data) == [
        Ownership("libc6", (".", "usr", "usr/lib/libc.so.6"))
    ]


@pytest.mark.parametrize(("stem", "owner"), [("libssl3", "libssl3"), ("bGlic3NsMS4x", "libssl1.1"), ("A!", "A!")])
def test_checksums_of_distroless_images_tell_ownership_too(read, stem: str, owner: str) -> None:
    data = b"d41d8cd98f00b204e9800998ecf8427e  usr/lib/a.so\nnonsense\nd41d8cd98f00b204e9800998ecf8427e  ./b\n"
    assert read(Dpkg(), f"var/lib/dpkg/status.d/{stem}.md5sums", data) == [Ownership(owner, ("usr/lib/a.so", "b"))]


def test_it_wants_the_status_files_and_file_lists_only() -> None:
    pattern = Dpkg().wants.pattern
    assert pattern is not None
    assert [
        bool(pattern.search(path)) for path in (STATUS, "var/lib/dpkg/status.d/base", "var/lib/dpkg/info/a.list")
    ] == [
        True,
        True,
        True,
    ]
    assert not pattern.search("var/lib/dpkg/info/a.md5sums")


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="this host has no dpkg")
def test_this_host_has_the_packages_that_dpkg_lists(read) -> None:
    form = "${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n"
    listing = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in listing.splitlines()]
    theirs = sorted(tuple(row[1:]) for row in rows if row[0].strip() in ("ii", "hi", "iU", "iF", "iW", "it"))
    facts = read(Dpkg(), STATUS, Path("/var/lib/dpkg/status").read_bytes())
    ours = [fact.component for fact in facts if isinstance(fact, Package)]
    assert sorted((c.name, c.version, c.arch, c.source_name, c.source_version) for c in ours) == theirs


def test_opkg_packages_are_read_from_a_status_file_in_the_same_format(read) -> None:
    data = stanza(Package="busybox", Version="1.36.1-r2", Status="install user installed", Architecture="x86_64")
    assert read(Opkg(), "usr/lib/opkg/status", data) == [
        Package(
            Component(
                Ecosystem.OPKG,
                "busybox",
                "1.36.1-r2",
                arch="x86_64",
                source_name="busybox",
                source_version="1.36.1-r2",
            ),
            "usr/lib/opkg/status",
            extractor="opkg",
        )
    ]


def test_opkg_problems_and_file_lists(read) -> None:
    assert read(Opkg(), "usr/lib/opkg/info/zlib.list", b"/usr/lib/libz.so\t0755\n\n/a\n") == [
        Ownership("zlib", ("usr/lib/libz.so", "a"))
    ]
    assert read(Opkg(), "usr/lib/opkg/status", stanza(Package="a", Status="install ok installed")) == [
        Problem("opkg stanza without version: 'a'")
    ]
    with pytest.raises(Unreadable, match="no opkg stanza"):
        read(Opkg(), "usr/lib/opkg/status", b"\0\0")
