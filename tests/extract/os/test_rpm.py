"""rpm databases of all three kinds, written here from their published formats."""

import json
import shutil
import sqlite3
import struct
import subprocess
import time
from pathlib import Path

import pytest

from assay.errors import Unreadable
from assay.extract.contract import Ownership, Problem
from assay.extract.rpm import Bottlerocket, Rpm, RpmManifest
from assay.extract.rpm.header import parse_header
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

INT32, STRING, ARRAY, I18N = 4, 6, 8, 9
NAME, VERSION, RELEASE, EPOCH, ARCH = 1000, 1001, 1002, 1003, 1022
VENDOR, LICENSE, SOURCERPM, MODULARITYLABEL = 1011, 1014, 1044, 5096
OLDFILENAMES, DIRINDEXES, BASENAMES, DIRNAMES = 1027, 1116, 1117, 1118
Value = str | int | list[str] | list[int]


def blob(name: str, version: str = "1.0", release: str = "1", tags: dict[int, Value] | None = None) -> bytes:
    """A header as rpm stores it: count of entries, length of data, entries, data."""
    values: dict[int, Value] = {NAME: name, VERSION: version, RELEASE: release, **(tags or {})}
    entries, data = b"", b""
    for tag, value in values.items():
        if isinstance(value, int):
            value = [value]
        if isinstance(value, str):
            kind, count, content = (I18N if tag == VENDOR else STRING), 1, value.encode() + b"\0"
        elif all(isinstance(item, str) for item in value):
            kind, count = ARRAY, len(value)
            content = b"".join(str(item).encode() + b"\0" for item in value)
        else:
            data += b"\0" * (-len(data) % 4)
            kind, count, content = INT32, len(value), struct.pack(f">{len(value)}I", *value)
        entries += struct.pack(">IIII", tag, kind, len(data), count)
        data += content
    return struct.pack(">II", len(values), len(data)) + entries + data


def sqlite_database(path: Path, blobs: list[bytes], page_size: int = 4096) -> bytes:
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA page_size={page_size}")
    database.execute("CREATE TABLE Sigmd5 (key BLOB)")
    database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(item,) for item in blobs])
    database.commit()
    database.close()
    return path.read_bytes()


def ndb_database(blobs: list[bytes]) -> bytes:
    """A header and slots in the first page, then each blob with its own header, in units of 16 bytes."""
    slots, body = b"", b""
    for index, content in enumerate(blobs, 1):
        framed = b"BlbS" + struct.pack("<III", index, 1, len(content)) + content
        framed += b"\0" * (-len(framed) % 16)
        slots += b"Slot" + struct.pack("<III", index, (4096 + len(body)) // 16, len(framed) // 16)
        body += framed
    free = b"Slot" + bytes(12)
    head = b"RpmP" + struct.pack("<III", 0, 1, 1) + bytes(16) + slots
    return head + free * ((4096 - len(head)) // 16) + body


def berkeley_database(blobs: list[bytes], order: str = "<", size: int = 512) -> bytes:
    """A meta page, one hash page per blob, and overflow pages; key 0 holds the number of the newest package."""
    pages: list[bytes] = [b""]

    def hash_page(key: bytes, item: bytes) -> bytes:
        first = size - len(key)
        second = first - len(item)
        head = struct.pack(f"{order}8xIIIHHBB", len(pages), 0, 0, 2, second, 1, 13)
        head += struct.pack(f"{order}HH", first, second)
        return head + bytes(second - len(head)) + item + key

    pages.append(hash_page(b"\1" + bytes(4), b"\1" + struct.pack(f"{order}I", len(blobs))))
    for number, content in enumerate(blobs, 1):
        key = b"\1" + struct.pack(f"{order}I", number)
        if len(content) < size // 4:
            pages.append(hash_page(key, b"\1" + content))
            continue
        pages.append(hash_page(key, struct.pack(f"{order}B3xII", 3, len(pages) + 1, len(content))))
        room = size - 26
        for at in range(0, len(content), room):
            part = content[at : at + room]
            following = len(pages) + 1 if at + room < len(content) else 0
            head = struct.pack(f"{order}8xIIIHHBB", len(pages), 0, following, 1, len(part), 0, 7)
            pages.append((head + part).ljust(size, b"\0"))
    meta = struct.pack(f"{order}8xIIIIBBBBI", 0, 0x061561, 9, size, 0, 8, 0, 0, 0)
    meta += struct.pack(f"{order}I", len(pages) - 1)
    pages[0] = meta.ljust(size, b"\0")
    return b"".join(pages)


def components(facts: list[object]) -> list[Component]:
    return [fact.component for fact in facts if isinstance(fact, Package)]


def names(facts: list[object]) -> list[str]:
    return [component.name for component in components(facts)]


def problems(facts: list[object]) -> list[str]:
    return [fact.message for fact in facts if isinstance(fact, Problem)]


MANY = [blob(f"package-{number}", tags={LICENSE: "L" * (number * 97 % 5000)}) for number in range(60)]
EXPECTED = [f"package-{number}" for number in range(60)]


@pytest.mark.parametrize("page_size", [512, 1024, 4096, 65536])
def test_sqlite_databases_are_read_whatever_their_page_size(read, tmp_path: Path, page_size: int) -> None:
    data = sqlite_database(tmp_path / "rpmdb.sqlite", MANY, page_size)
    facts = read(Rpm(), "var/lib/rpm/rpmdb.sqlite", data)
    assert names(facts) == EXPECTED
    assert problems(facts) == []


def test_ndb_databases_are_read(read) -> None:
    facts = read(Rpm(), "usr/lib/sysimage/rpm/Packages.db", ndb_database(MANY))
    assert names(facts) == EXPECTED
    assert problems(facts) == []


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("size", [512, 4096, 8192])
def test_berkeley_databases_of_both_byte_orders_are_read(read, order: str, size: int) -> None:
    facts = read(Rpm(), "var/lib/rpm/Packages", berkeley_database(MANY, order, size))
    assert sorted(names(facts)) == sorted(EXPECTED)
    assert problems(facts) == []


@pytest.mark.skipif(shutil.which("db5.3_load") is None, reason="this host has no db5.3_load")
@pytest.mark.parametrize("order", ["1234", "4321"])
def test_berkeley_databases_of_the_real_library_are_read(read, tmp_path: Path, order: str) -> None:
    byteorder = "little" if order == "1234" else "big"
    rows = [f" {number.to_bytes(4, byteorder).hex()}\n {content.hex()}\n" for number, content in enumerate(MANY, 1)]
    dump = "VERSION=3\nformat=bytevalue\ntype=hash\nHEADER=END\n" + "".join(rows) + "DATA=END\n"
    path = tmp_path / "Packages"
    command = ["db5.3_load", "-c", f"db_lorder={order}", "-c", "db_pagesize=1024", "-t", "hash", str(path)]
    subprocess.run(command, input=dump, text=True, check=True)
    facts = read(Rpm(), "var/lib/rpm/Packages", path.read_bytes())
    assert sorted(names(facts)) == sorted(EXPECTED)


def test_every_tag_that_matters_reaches_the_package(read) -> None:
    tags: dict[int, Value] = {
        EPOCH: 1,
        ARCH: "x86_64",
        SOURCERPM: "nodejs-16.20.2-8.module+el8.src.rpm",
        VENDOR: "Red Hat, Inc.",
        LICENSE: "MIT and ASL 2.0",
        MODULARITYLABEL: "nodejs:16:8080020230906091730:63b34585",
        BASENAMES: ["node", "LICENSE", "README"],
        DIRNAMES: ["/usr/bin/", "/usr/share/doc/nodejs/"],
        DIRINDEXES: [0, 1, 1],
    }
    data = ndb_database([blob("nodejs", "16.20.2", "8.module+el8", tags)])
    assert read(Rpm(), "var/lib/rpm/Packages.db", data) == [
        Ownership("nodejs", ("usr/bin/node", "usr/share/doc/nodejs/LICENSE", "usr/share/doc/nodejs/README")),
        Package(
            Component(
                Ecosystem.RPM,
                "nodejs",
                "1:16.20.2-8.module+el8",
                arch="x86_64",
                source_name="nodejs",
                source_version="1:16.20.2-8.module+el8",
                module="nodejs:16",
                vendor="Red Hat, Inc.",
            ),
            "var/lib/rpm/Packages.db",
            extractor="rpm",
            licenses=("MIT and ASL 2.0",),
        ),
    ]


@pytest.mark.parametrize(("tags", "version"), [({}, "1.0-1"), ({EPOCH: 0}, "1.0-1"), ({EPOCH: 32}, "32:1.0-1")])
def test_an_epoch_of_zero_is_none(read, tags: dict[int, Value], version: str) -> None:
    [component] = components(read(Rpm(), "var/lib/rpm/Packages.db", ndb_database([blob("a", tags=tags)])))
    assert component.version == version


def test_the_epoch_of_a_source_is_learnt_from_the_binary_that_has_its_version(read) -> None:
    perl = {SOURCERPM: "perl-5.26.3-1.el8.src.rpm"}
    data = ndb_database(
        [
            blob("perl-Pod-Escapes", "1.07", "396.el8", {EPOCH: 1, **perl}),
            blob("perl-libs", "5.26.3", "1.el8", {EPOCH: 4, **perl}),
            blob("alone", "2", "3", {EPOCH: 7, SOURCERPM: "other-9-9.src.rpm"}),
        ]
    )
    found = components(read(Rpm(), "var/lib/rpm/Packages.db", data))
    assert [(c.name, c.version, c.source_name, c.source_version) for c in found] == [
        ("perl-Pod-Escapes", "1:1.07-396.el8", "perl", "4:5.26.3-1.el8"),
        ("perl-libs", "4:5.26.3-1.el8", "perl", "4:5.26.3-1.el8"),
        ("alone", "7:2-3", "other", "9-9"),
    ]


def test_trusted_keys_are_no_packages(read) -> None:
    assert names(read(Rpm(), "var/lib/rpm/Packages.db", ndb_database([blob("gpg-pubkey"), blob("bash")]))) == ["bash"]


def test_very_old_headers_list_whole_file_names(read) -> None:
    facts = read(Rpm(), "var/lib/rpm/Packages", berkeley_database([blob("a", tags={OLDFILENAMES: ["/bin/a", "/b"]})]))
    assert facts[0] == Ownership("a", ("bin/a", "b"))


def test_a_header_that_cannot_be_read_is_a_problem_and_the_others_stand(read) -> None:
    facts = read(Rpm(), "var/lib/rpm/Packages.db", ndb_database([blob("a"), b"\0" * 40, blob("b")]))
    assert names(facts) == ["a", "b"]
    assert problems(facts) == ["rpm header of 40 bytes with 0 entries and 0 bytes of data"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "rpm header of 0 bytes"),
        (struct.pack(">II", 1 << 20, 0) + bytes(64), "1048576 entries"),
        (struct.pack(">II", 1, 1 << 30) + bytes(64), "1073741824 bytes of data"),
        (blob(""), "without name, version or release"),
        (blob("a", tags={BASENAMES: ["f"], DIRNAMES: ["/d/"], DIRINDEXES: [5]}), "directory 5 of 1"),
        (blob("a")[:-1], "bytes of data"),
        (struct.pack(">IIIIII", 1, 4, NAME, STRING, 0, 1) + b"abcd", "string of tag 1000 has no end"),
    ],
)
def test_headers_that_lie_are_unreadable(content: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        parse_header(content)


def test_numbers_and_names_that_reach_over_the_end_are_unreadable() -> None:
    def with_count(tag: int, kind: int) -> bytes:
        return (
            struct.pack(">II", 4, 4)
            + b"".join(
                struct.pack(">IIII", *entry)
                for entry in [
                    (NAME, STRING, 0, 1),
                    (VERSION, STRING, 0, 1),
                    (RELEASE, STRING, 0, 1),
                    (tag, kind, 0, 99),
                ]
            )
            + b"abc\0"
        )

    with pytest.raises(Unreadable, match="99 numbers of tag 1116 do not fit"):
        parse_header(with_count(DIRINDEXES, INT32))
    with pytest.raises(Unreadable, match="99 strings of tag 1027 do not fit"):
        parse_header(with_count(OLDFILENAMES, ARRAY))


def test_a_file_list_that_asks_for_too_much_is_cut(read) -> None:
    tags: dict[int, Value] = {
        BASENAMES: ["f"] * 5000,
        DIRNAMES: ["/" + "d" * 3000 + "/"],
        DIRINDEXES: [0] * 5000,
    }
    ownership, problem, package = read(Rpm(), "var/lib/rpm/Packages", berkeley_database([blob("a", tags=tags)]))
    assert len(ownership.paths) < 200
    assert problem == Problem("file list of a is larger than it can be", "limit")
    assert package.component.name == "a"


def test_a_million_files_are_too_many() -> None:
    content = bytearray(blob("a", tags={BASENAMES: ["f"]}))
    at = content.index(struct.pack(">I", BASENAMES)) + 12
    content[at : at + 4] = struct.pack(">I", 2_000_000)
    header = parse_header(bytes(content))
    assert (header.files, header.files_cut) == ((), True)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_database_that_breaks_off_keeps_what_is_whole(read, tmp_path: Path, kept: float) -> None:
    databases = [
        sqlite_database(tmp_path / "rpmdb.sqlite", MANY, 1024),
        ndb_database(MANY),
        berkeley_database(MANY, "<", 1024),
    ]
    for data in databases:
        facts = read(Rpm(), "var/lib/rpm/Packages", data[: int(len(data) * kept)])
        assert 0 < len(names(facts)) < 60
        assert problems(facts)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "neither SQLite, ndb nor Berkeley DB"),
        (b"not a database at all", "neither SQLite, ndb nor Berkeley DB"),
        (b"SQLite format 3\0" + bytes(10), "not an SQLite database"),
        (b"SQLite format 3\0" + b"\0\7" + bytes(200), "SQLite page size 7"),
        (b"SQLite format 3\0" + b"\2\0\1\1\xff" + bytes(600), "with 255 reserved bytes"),
        (b"SQLite format 3\0" + b"\2\0" + bytes(2000), "without a table Packages: page 1: kind 0 is no table page"),
        (b"RpmP" + bytes(8), "not an ndb package database"),
        (b"RpmP" + struct.pack("<I", 9) + bytes(5000), "ndb version 9 is not known"),
        (b"RpmP" + bytes(5000), "0 pages of slots"),
        (berkeley_database([])[:40], "not a Berkeley DB"),
        (bytes(12) + struct.pack("<I", 0x053162) + bytes(500), "but not a hash"),
        (bytes(12) + struct.pack("<I", 0x061561) + bytes(500), "page size 0"),
        (bytes(12) + struct.pack(">IIIB", 0x061561, 9, 512, 1) + bytes(500), "encrypted"),
    ],
)
def test_what_is_no_database_is_unreadable(read, data: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read(Rpm(), "var/lib/rpm/Packages", data)


def test_an_sqlite_database_of_something_else_is_unreadable(read, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "x.sqlite")
    database.execute("CREATE TABLE Other (x)")
    database.commit()
    database.close()
    with pytest.raises(Unreadable, match="without a table Packages"):
        read(Rpm(), "var/lib/rpm/rpmdb.sqlite", (tmp_path / "x.sqlite").read_bytes())


def test_a_table_without_blobs_has_problems_for_its_rows(read, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "x.sqlite")
    database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY)")
    database.executemany("INSERT INTO Packages VALUES (?)", [(1,), (2,)])
    database.commit()
    database.close()
    facts = read(Rpm(), "var/lib/rpm/rpmdb.sqlite", (tmp_path / "x.sqlite").read_bytes())
    assert problems(facts) == ["row of table Packages: 1 columns instead of 2"] * 2


def test_pages_that_are_used_twice_are_read_once(read, tmp_path: Path) -> None:
    data = bytearray(sqlite_database(tmp_path / "rpmdb.sqlite", MANY, 512))
    roots = [at for at in range(0, len(data), 512) if data[at] == 5]
    assert roots
    at = roots[0]
    count = int.from_bytes(data[at + 3 : at + 5], "big")
    cells = [int.from_bytes(data[at + 12 + 2 * i : at + 14 + 2 * i], "big") for i in range(count)]
    for cell in cells:  # every child of an inner page is the page itself
        data[at + cell : at + cell + 4] = (at // 512 + 1).to_bytes(4, "big")
    facts = read(Rpm(), "var/lib/rpm/rpmdb.sqlite", bytes(data))
    assert any("is used twice" in problem for problem in problems(facts))


def test_slots_that_lead_astray_are_problems(read) -> None:
    data = bytearray(ndb_database([blob("a"), blob("b"), blob("c")]))
    data[32 + 8 : 32 + 12] = struct.pack("<I", 1)
    facts = read(Rpm(), "var/lib/rpm/Packages.db", bytes(data))
    assert names(facts) == ["b", "c"]
    assert problems(facts) == ["package 1: slot points to something that is not its blob"]
    data[48:52] = b"Trot"
    assert problems(read(Rpm(), "var/lib/rpm/Packages.db", bytes(data)))[-1].startswith("slot without its mark")


def test_slots_that_point_to_more_than_the_file_are_stopped(read) -> None:
    data = bytearray(ndb_database([blob("a"), *([blob("b")] * 200)]))
    for slot in range(48, 48 + 200 * 16, 16):
        data[slot + 12 : slot + 16] = struct.pack("<I", 100)
    facts = read(Rpm(), "var/lib/rpm/Packages.db", bytes(data))
    assert names(facts)[:1] == ["a"]
    assert problems(facts)[-1] == "blobs are larger than the file"


def test_overflow_chains_that_lie_are_problems(read) -> None:
    whole = berkeley_database([blob("a", tags={LICENSE: "x" * 900}), blob("b")], "<", 512)
    chained = bytearray(whole)
    chained[3 * 512 + 25] = 1
    assert problems(read(Rpm(), "var/lib/rpm/Packages", bytes(chained))) == [
        "page 2, item 1: page 3 is no overflow page"
    ]
    circle = bytearray(whole)
    circle[3 * 512 + 16 : 3 * 512 + 20] = struct.pack("<I", 3)
    assert problems(read(Rpm(), "var/lib/rpm/Packages", bytes(circle))) == ["page 2, item 1: page 3 is used twice"]
    hollow = bytearray(whole)
    hollow[3 * 512 + 22 : 3 * 512 + 24] = b"\0\0"
    assert problems(read(Rpm(), "var/lib/rpm/Packages", bytes(hollow))) == ["page 2, item 1: empty overflow page"]
    strange = bytearray(whole)
    strange[whole.index(b"\3\0\0\0\3\0\0\0")] = 9
    assert problems(read(Rpm(), "var/lib/rpm/Packages", bytes(strange))) == ["page 2, item 1: item of unknown kind"]
    crowded = bytearray(whole)
    crowded[2 * 512 + 20 : 2 * 512 + 22] = b"\xff\xff"
    assert problems(read(Rpm(), "var/lib/rpm/Packages", bytes(crowded))) == ["page 2: 65535 items do not fit"]


def test_a_write_ahead_log_with_content_is_reported(read) -> None:
    assert read(Rpm(), "var/lib/rpm/rpmdb.sqlite-wal", b"") == []
    assert problems(read(Rpm(), "var/lib/rpm/rpmdb.sqlite-wal", bytes(5000))) == [
        "the database has changes in a write-ahead log, which is not read"
    ]


def test_a_database_of_six_hundred_packages_takes_less_than_a_third_of_a_second(read, tmp_path: Path) -> None:
    files: dict[int, Value] = {
        BASENAMES: [f"file-{number}" for number in range(100)],
        DIRNAMES: [f"/usr/share/directory-{number}/" for number in range(10)],
        DIRINDEXES: [number % 10 for number in range(100)],
    }
    data = sqlite_database(tmp_path / "rpmdb.sqlite", [blob(f"package-{number}", tags=files) for number in range(600)])
    started = time.process_time()
    facts = read(Rpm(), "var/lib/rpm/rpmdb.sqlite", data)
    assert time.process_time() - started < 0.3
    assert len(facts) == 1200


MANIFEST = "var/lib/rpmmanifest/container-manifest-2"


def test_manifests_of_distroless_images_are_read(read) -> None:
    lines = [
        "bind-libs\t9.16.48-1.cm2\t1\t2\tMicrosoft Corporation\t32\t580\tx86_64\t32\tbind-9.16.48-1.cm2.src.rpm",
        "filesystem\t1.1-16.cm2\t1\t2\t(none)\t(none)\t0\tx86_64\t0\tfilesystem-1.1-16.cm2.src.rpm",
        "gpg-pubkey\t3135ce90-5e6fda74\t1\t2\t(none)\t(none)\t0\t(none)\t0\t(none)",
        "",
    ]
    found = components(read(RpmManifest(), MANIFEST, "\n".join(lines).encode()))
    assert [(c.name, c.version, c.source_name, c.source_version, c.vendor) for c in found] == [
        ("bind-libs", "32:9.16.48-1.cm2", "bind", "32:9.16.48-1.cm2", "Microsoft Corporation"),
        ("filesystem", "1.1-16.cm2", "filesystem", "1.1-16.cm2", ""),
    ]


def test_a_manifest_line_without_its_fields_is_a_problem(read) -> None:
    good = b"a\t1-1\t1\t2\tM\t(none)\t0\tx86_64\t0\ta-1-1.src.rpm\n"
    facts = read(RpmManifest(), MANIFEST, good + b"broken\nb\t1\t1\t2\tM\t(none)\t0\tx86_64\t0\tb.src.rpm\n")
    assert names(facts) == ["a"]
    assert problems(facts) == ["2 lines of the rpm manifest without the fields of a package: b'broken\\n'"]
    with pytest.raises(Unreadable, match="no line of the manifest"):
        read(RpmManifest(), MANIFEST, b"\0\1\2")


INVENTORY = "usr/share/bottlerocket/application-inventory.json"


def test_bottlerockets_inventory_is_read(read) -> None:
    item = {
        "Name": "bash",
        "Publisher": "Bottlerocket",
        "Version": "5.1.16",
        "Release": "1.2",
        "Epoch": "1",
        "Architecture": "x86_64",
        "Url": "https://www.gnu.org/software/bash",
    }
    [package] = read(Bottlerocket(), INVENTORY, json.dumps({"Content": [item]}).encode())
    assert package.component == Component(
        Ecosystem.RPM,
        "bash",
        "1:5.1.16-1.2",
        arch="x86_64",
        source_name="bash",
        source_version="1:5.1.16-1.2",
        vendor="Bottlerocket",
    )


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"Content": [{}]}', b'{"Content":' + b"[" * 100_000, b'{"Content": "\xff"}']
)
def test_what_is_no_inventory_is_unreadable(read, data: bytes) -> None:
    with pytest.raises(Unreadable, match="not an application inventory"):
        read(Bottlerocket(), INVENTORY, data)
