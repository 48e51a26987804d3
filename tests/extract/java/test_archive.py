"""The zip reader: archives as they come and as an attacker would write them."""

import io
import struct
import zipfile

import pytest

from assay.errors import LimitExceeded, Unreadable
from assay.extract.java.archive import Member, open_member, read_member, read_members
from assay.extract.window import Window

TAILS = frozenset({b".txt", b".jar"})


def window(data: bytes) -> Window:
    return Window(io.BytesIO(data), 0, len(data))


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.comment = comment
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def only(data: bytes) -> tuple[Window, Member]:
    view = window(data)
    (member,) = read_members(view, TAILS, at_most=1000).members
    return view, member


def test_only_members_of_interest_are_listed_but_all_are_counted() -> None:
    listing = read_members(window(zipped({"a.txt": b"1", "b.class": b"2", "dir/c.jar": b"3"})), TAILS, at_most=1000)
    assert [member.name for member in listing.members] == ["a.txt", "dir/c.jar"]
    assert (listing.count, listing.whole) == (3, True)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size", [0, 1, 5_000, 300_000])
def test_members_are_read_whole(method: int, size: int) -> None:
    content = bytes(index * 7 % 251 for index in range(size))
    view, member = only(zipped({"a.txt": content}, method))
    assert read_member(view, member, limit=1 << 20) == content
    with open_member(view, member) as opened:
        assert opened.size == size
        assert opened.read(0, size + 10) == content


def test_large_members_are_spooled() -> None:
    content = b"".join(index.to_bytes(4, "big") for index in range(2_200_000))
    view, member = only(zipped({"a.txt": content}))
    with open_member(view, member) as opened:
        assert (opened.size, opened.read(8_799_996, 100)) == (8_800_000, content[-4:])


def test_a_launcher_script_before_the_archive_shifts_its_offsets() -> None:
    data = b"#!/bin/sh\nexec java -jar $0\n" + zipped({"a.txt": b"hello"})
    assert read_member(*only(data), limit=100) == b"hello"


def test_comments_and_trailing_bytes_do_not_hide_the_end_record() -> None:
    for data in (
        zipped({"a.txt": b"x"}, comment=b"PK\x05\x06 not the end" * 3),
        zipped({"a.txt": b"x"}, comment=b"c" * 60_000),
        zipped({"a.txt": b"x"}) + b"trailing",
    ):
        assert read_member(*only(data), limit=100) == b"x"


def test_directories_longer_than_the_tail_are_found() -> None:
    data = zipped({f"{index:06d}/a-rather-long-name.txt": b"" for index in range(2_000)})
    listing = read_members(window(data), TAILS, at_most=10_000)
    assert (len(listing.members), listing.whole) == (2_000, True)


def test_zip64_sizes_and_offsets_are_understood() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as member:
        member.write(b"hello")
    data = bytearray(buffer.getvalue())
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    extra = struct.pack("<HHQQQ", 1, 24, 5, 5, 0)
    name_end = at + 46 + 5
    central = bytearray(data[at:name_end]) + struct.pack("<HH", 99, 0) + extra
    struct.pack_into("<2L", central, 20, 0xFFFFFFFF, 0xFFFFFFFF)
    struct.pack_into("<H", central, 30, len(extra) + 4)
    struct.pack_into("<L", central, 42, 0xFFFFFFFF)
    head = bytes(data[:at])
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(central), at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at + len(central), 1)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert read_member(*only(head + bytes(central) + record + locator + tail), limit=100) == b"hello"
    elsewhere = head + bytes(central) + record + b"?" * 8 + locator + tail
    with pytest.raises(Unreadable):
        read_members(window(head + tail), TAILS, at_most=10)
    assert end
    assert read_members(window(elsewhere), TAILS, at_most=10)


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 100_000, b"PK\x05\x06" + b"\xff" * 18, b"PK\x05\x06"])
def test_what_has_no_directory_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_members(window(data), TAILS, at_most=10)


def test_a_directory_of_absurd_size_is_not_read() -> None:
    data = b"\0" * 100 + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 200 << 20, 0, 0)
    with pytest.raises(LimitExceeded):
        read_members(window(data), TAILS, at_most=10)


def test_a_directory_that_breaks_off_yields_what_came_before() -> None:
    data = bytearray(zipped({"a.txt": b"1", "b.txt": b"2"}))
    second = data.rindex(b"PK\x01\x02")
    data[second : second + 4] = b"????"
    listing = read_members(window(bytes(data)), TAILS, at_most=10)
    assert ([member.name for member in listing.members], listing.whole) == (["a.txt"], False)


def altered(offset: int, fields: str, *values: int) -> bytes:
    data = bytearray(zipped({"a.txt": b"hello" * 100}))
    struct.pack_into(fields, data, data.index(b"PK\x01\x02") + offset, *values)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (altered(8, "<H", 1), "encrypted"),
        (altered(10, "<H", 12), "method 12"),
        (altered(20, "<L", 3), "cannot be unpacked|does not unpack"),
        (altered(24, "<L", 3), "does not unpack"),
        (altered(24, "<L", 5_000), "does not unpack"),
        (altered(42, "<L", 5), "not where"),
        (altered(42, "<L", 0xFFFFFFF0), "not where"),
        (altered(20, "<L", 1 << 30), "lie outside"),
    ],
)
def test_lies_about_a_member_are_unreadable(data: bytes, message: str) -> None:
    view, member = only(data)
    with pytest.raises(Unreadable, match=message):
        read_member(view, member, limit=1 << 20)
    with pytest.raises(Unreadable, match=message), open_member(view, member):
        pass


def test_a_spooled_member_that_lies_is_unreadable_too() -> None:
    content = zipped({"a.txt": b"\0" * (9 << 20)})
    for stated in ((9 << 20) - 1, (9 << 20) + 1):
        data = bytearray(content)
        struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, stated)
        view, member = only(bytes(data))
        with pytest.raises(Unreadable, match="does not unpack"), open_member(view, member):
            pass
    data = bytearray(content)
    data[40:60] = b"\xff" * 20
    view, member = only(bytes(data))
    with pytest.raises(Unreadable, match="cannot be unpacked"), open_member(view, member):
        pass


def test_a_member_over_the_limit_is_not_read() -> None:
    view, member = only(zipped({"a.txt": b"hello"}))
    with pytest.raises(LimitExceeded):
        read_member(view, member, limit=4)


def test_a_window_shows_nothing_beyond_its_edges() -> None:
    view = window(b"0123456789").part(2, 5)
    assert [view.read(0, 100), view.read(4, 1), view.read(5, 1), view.read(-1, 2), view.read(0, -1)] == [
        b"23456",
        b"6",
        b"",
        b"",
        b"",
    ]
    with pytest.raises(Unreadable):
        view.part(3, 3)
