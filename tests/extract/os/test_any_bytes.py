"""Whatever the bytes, an extractor answers with facts or Unreadable."""

import json
import random
from collections.abc import Iterator

import pytest
import zstandard

from assay.errors import Unreadable
from assay.extract.apk import Apk
from assay.extract.contract import Extractor, OsRelease, Ownership, Problem
from assay.extract.dpkg import Dpkg
from assay.extract.dpkg_chisel import Chisel
from assay.extract.opkg import Opkg
from assay.extract.osrelease import OsReleaseFiles
from assay.extract.rpm import Bottlerocket, Rpm, RpmManifest
from assay.model.component import Package

STATUS = b"Package: a\nStatus: install ok installed\nVersion: 1:1-1\nSource: b (2)\nDescription: x\n more\n\n" * 3
WALL = b'{"jsonwall":"1.0","count":2}\n{"kind":"package","name":"a","version":"1"}\n'
ITEM = {"Name": "a", "Version": "1", "Release": "1", "Epoch": "0"}
CASES: list[tuple[Extractor, str, bytes]] = [
    (Dpkg(), "var/lib/dpkg/status", STATUS),
    (Dpkg(), "var/lib/dpkg/info/a.list", b"/.\n/usr/bin/a\n"),
    (Dpkg(), "var/lib/dpkg/status.d/bGliYw.md5sums", b"d41d8cd98f00b204e9800998ecf8427e  usr/a\n"),
    (Opkg(), "usr/lib/opkg/status", STATUS),
    (Apk(), "lib/apk/db/installed", b"P:a\nV:1\nL:MIT\no:b\nF:usr\nR:a\n\n" * 3),
    (OsReleaseFiles(), "etc/os-release", b"ID=debian\nVERSION_ID=\"12\"\nNAME='x'\n"),
    (OsReleaseFiles(), "etc/SuSE-release", b"SUSE Linux 11\nVERSION = 11\nPATCHLEVEL = 3\n"),
    (OsReleaseFiles(), "etc/debian_version", b"12.4\n"),
    (OsReleaseFiles(), "etc/alpine-release", b"3.19.1\n"),
    (OsReleaseFiles(), "etc/redhat-release", b"CentOS Linux release 7.9 (Core)\n"),
    (RpmManifest(), "var/lib/rpmmanifest/container-manifest-2", b"a\t1-1\t1\t2\tM\t(none)\t0\tx\t0\ta-1-1.src.rpm\n"),
    (Bottlerocket(), "usr/share/bottlerocket/application-inventory.json", json.dumps({"Content": [ITEM]}).encode()),
    (Chisel(), "var/lib/chisel/manifest.wall", zstandard.compress(WALL)),
    (Rpm(), "var/lib/rpm/Packages", b"SQLite format 3\0\2\0\1\1" + bytes(2000)),
    (Rpm(), "var/lib/rpm/Packages", b"RpmP" + bytes(8) + b"\1\0\0\0" + bytes(16) + b"Slot\1\0\0\0" + bytes(4096)),
    (Rpm(), "var/lib/rpm/Packages", bytes(12) + b"\x61\x15\x06\0\x09\0\0\0\0\2\0\0" + bytes(2000)),
]


def spoilt(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """Cut, overwritten and random variants."""
    for _ in range(60):
        yield data[: chance.randrange(len(data) + 1)]
        changed = bytearray(data)
        for _ in range(chance.choice((1, 2, 8, 40))):
            changed[chance.randrange(len(changed))] = chance.choice((0, 10, 34, 92, 255, chance.randrange(256)))
        yield bytes(changed)
        yield chance.randbytes(chance.randrange(200))


@pytest.mark.parametrize(("extractor", "path", "data"), CASES, ids=[f"{case[0].name} {case[1]}" for case in CASES])
def test_spoilt_files_yield_facts_or_unreadable(read, extractor: Extractor, path: str, data: bytes) -> None:
    for variant in spoilt(data, random.Random(2026)):
        try:
            facts = read(extractor, path, variant)
        except Unreadable:
            continue
        assert all(isinstance(fact, Package | Ownership | OsRelease | Problem) for fact in facts)
