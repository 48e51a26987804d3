import io
import struct
import zipfile

import pytest

from assay.errors import LimitExceeded, Unreadable
from assay.extract.python.conda import CondaInstalled
from assay.extract.python.installed import PythonInstalled
from assay.extract.python.metadata import Metadata, parse_metadata
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

SITE = "usr/lib/python3/dist-packages/"
METADATA = SITE + "requests-2.31.0.dist-info/METADATA"

REQUESTS = b"""Metadata-Version: 2.1
Name: requests
Version: 2.31.0
Summary: Python HTTP for Humans.
License: Apache 2.0
Classifier: License :: OSI Approved :: Apache Software License

Name: not-this
Version: 9
"""


def egg(metadata: bytes, name: str = "EGG-INFO/PKG-INFO", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(name, metadata)
        archive.writestr("module.py", b"")
    return file.getvalue()


def test_a_dist_info_states_one_package_with_its_licence(packages):
    assert packages(PythonInstalled(), {METADATA: REQUESTS}) == [
        Package(
            Component(Ecosystem.PYPI, "requests", "2.31.0"),
            path=METADATA,
            extractor="python-installed",
            licenses=("Apache 2.0",),
        )
    ]


def test_a_zipped_egg_is_read_from_the_inside(packages):
    found = packages(PythonInstalled(), {SITE + "foo-1.2-py3.11.egg": egg(b"Name: foo\nVersion: 1.2\n")})
    assert found[0].path == SITE + "foo-1.2-py3.11.egg!/EGG-INFO/PKG-INFO"
    assert found[0].component == Component(Ecosystem.PYPI, "foo", "1.2")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (METADATA, True),
        (SITE + "foo.egg-info/PKG-INFO", True),
        (SITE + "foo-1.0.egg/EGG-INFO/PKG-INFO", True),
        ("EGG-INFO/PKG-INFO", True),
        (SITE + "foo-1.0-py3.11.egg-info", True),
        (SITE + "foo-1.0-py3.11.egg", True),
        (SITE + "~equests-2.31.0.dist-info/METADATA", False),
        ("srv/foo-1.0/PKG-INFO", False),
        ("srv/METADATA", False),
        (SITE + "foo.dist-info/licenses/METADATA", False),
    ],
)
def test_only_the_places_of_installations_count(path, wanted):
    assert bool(PythonInstalled.wants.pattern.search(path)) is wanted


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"name: httplib2\nversion: 1.0\n", Metadata("httplib2", "1.0")),
        (b"\xef\xbb\xbfName: a\r\nVersion: 1\r\n\r\nLicense: no\r\n", Metadata("a", "1")),
        (b"Name: a\nVersion: 1.0.0\nVersion: 2.0.0\n", Metadata("a", "1.0.0")),
        (b"Name: a\nVersion: 1\nLicense: MIT\n", Metadata("a", "1", ("MIT",))),
        (b"Name: a\nVersion: 1\nLicense: long\nLicense-Expression: MIT OR X\n", Metadata("a", "1", ("MIT OR X",))),
        (b"Name: a\nVersion: 1\nDescription: x\n  Name: folded\n\tVersion: 2\n", Metadata("a", "1")),
        (b"Name: a\nVersion: 1\nKeywords: one\ntwo three\nLicense: in the body\n", Metadata("a", "1")),
        (b"Name: a\nVersion: 1\nLicense: Copyright\n  the whole text\n" + b"  more\n" * 500, Metadata("a", "1")),
        (
            (
                b"Name: a\nVersion: 1\nLicense: UNKNOWN\nClassifier: License :: OSI Approved\n"
                b"Classifier: License :: OSI Approved :: MIT License\nClassifier: Topic :: X\n"
            ),
            Metadata("a", "1", ("MIT License",)),
        ),
        (b"Name: backports.ssl_match_hostname\nVersion: 3.5\n", Metadata("backports.ssl_match_hostname", "3.5")),
    ],
)
def test_the_header_block_is_read_as_mail_headers_are(head, expected):
    assert parse_metadata(head) == expected


@pytest.mark.parametrize(
    "head",
    [b"", b"\n\nName: a\nVersion: 1\n", b"Name: a\n", b"Version: 1\n", b"Name: ../x\nVersion: 1\n", b"\xff\xfe\0",
     b"Name: a\nVersion: UNKNOWN\n", b"Name: a\nVersion: 1\x1b[2J\n", b"Name: a\nVersion: " + b"1" * 300],
)  # fmt: skip
def test_metadata_without_name_or_version_is_unreadable(head):
    with pytest.raises(Unreadable, match="without a usable"):
        parse_metadata(head)


def test_a_header_block_longer_than_a_chunk_is_read_to_its_end(versions):
    padding = b"".join(b"Requires-Dist: dependency-%d\n" % number for number in range(3000))
    assert versions(PythonInstalled(), {METADATA: padding + b"Name: late\nVersion: 1\n\nbody"}) == [("late", "1")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no end of central directory"),
        (b"PK\x05\x06", "no end of central directory"),
        (b"PK\x05\x06" + b"\xff" * 18, "directory of more than"),
        (b"PK\x06\x07" + bytes(16) + b"PK\x05\x06" + bytes(18), "directory of more than"),
        (egg(b"Name: a\nVersion: 1\n", "OTHER"), "egg without EGG-INFO/PKG-INFO"),
        (egg(b"Name: a\nVersion: 1\n", method=zipfile.ZIP_BZIP2), "packed by method 12"),
        (egg(b"Name: a\nVersion: 1\n" * 9)[:40] + b"\0" + egg(b"Name: a\nVersion: 1\n" * 9)[41:], "Error|egg"),
        (b"garbage" + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, 7, 0, 0), "not a readable zip file"),
    ],
)
def test_what_is_no_egg_is_unreadable(facts, data, reason):
    with pytest.raises(Unreadable, match=reason):
        facts(PythonInstalled(), {"a.egg": data})


def test_a_directory_larger_than_an_eggs_is_a_limit(facts):
    with pytest.raises(LimitExceeded):
        facts(PythonInstalled(), {"a.egg": b"PK\x05\x06" + b"\xff" * 18})


def test_an_encrypted_egg_is_unreadable(facts):
    data = bytearray(egg(b"Name: a\nVersion: 1\n"))
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Unreadable, match="cannot be unpacked"):
        facts(PythonInstalled(), {"a.egg": bytes(data)})


def test_a_conda_record_states_a_package_of_its_own_world(packages):
    record = b'{"name": "openssl", "version": "3.0.13", "build": "h1", "license": "Apache-2.0", "depends": []}'
    assert packages(CondaInstalled(), {"opt/conda/conda-meta/openssl-3.0.13-h1.json": record}) == [
        Package(
            Component(Ecosystem.GENERIC, "pkg:conda/openssl", "3.0.13"),
            path="opt/conda/conda-meta/openssl-3.0.13-h1.json",
            extractor="conda-installed",
            licenses=("Apache-2.0",),
        )
    ]


@pytest.mark.parametrize("record", [b"{}", b"[]", b'{"name": "a"}', b'{"name": 1, "version": "2"}', b"\xff"])
def test_a_conda_record_without_name_and_version_is_unreadable(facts, record):
    with pytest.raises(Unreadable):
        facts(CondaInstalled(), {"conda-meta/a.json": record})


def test_only_records_in_conda_meta_are_wanted():
    assert CondaInstalled.wants.pattern.search("opt/conda/conda-meta/a-1-0.json")
    assert not CondaInstalled.wants.pattern.search("opt/conda/pkgs/a-1-0/info/index.json")
