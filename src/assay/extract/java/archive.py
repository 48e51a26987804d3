"""Zip archives read from their central directory: only the members that matter, in place, whatever the file claims.

Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT. The standard library's reader builds an object per
member and is half as fast on the many small archives of a Java application.
"""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO

from isal import isal_zlib

from assay.errors import LimitExceeded, Unreadable
from assay.extract.window import Window

_END = Struct("<4s4H2LH")
_END64 = Struct("<4sQ2H2L4Q")
_LOCATOR64 = Struct("<4sLQL")
_LENGTHS = Struct("<3H")
_SIZES = Struct("<2L")
_LOCAL = Struct("<4s22x2H")
_OFFSET = Struct("<L")
_FLAGS = Struct("<2H")

# The package declares its exception class as if it were an instance.
_BROKEN: type[Exception] = isal_zlib.IsalError  # type: ignore[assignment]

_CENTRAL = b"PK\x01\x02"
_STORED, _DEFLATED = 0, 8
_TAIL = 32 << 10
_LONGEST_TAIL = _END.size + 0xFFFF
_MAX_DIRECTORY = 96 << 20
_IN_MEMORY = 8 << 20
_CHUNK = 1 << 18
_UNKNOWN = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: ``packed`` bytes that unpack to ``size``; ``offset`` is that of its local header."""

    name: str
    flags: int
    method: int
    packed: int
    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Members of interest; ``count`` members were seen, and ``whole`` tells whether these were all there should be."""

    members: list[Member]
    count: int
    whole: bool


def read_members(window: Window, tails: frozenset[bytes], *, at_most: int) -> Listing:
    """The members whose names end with one of ``tails`` (four bytes each).

    Raises Unreadable when there is no central directory, LimitExceeded when it is too large. Listing stops at a
    broken record and after ``at_most`` members.
    """
    directory, shift = _directory(window)
    members: list[Member] = []
    position, end, count = 0, len(directory), 0
    lengths = _LENGTHS.unpack_from
    while position + 46 <= end and count < at_most and directory.startswith(_CENTRAL, position):
        count += 1
        name_length, extra_length, comment_length = lengths(directory, position + 28)
        stop = position + 46 + name_length
        if directory[stop - 4 : stop] in tails:
            member = _member(directory, position, name_length, extra_length, shift)
            if member is not None:
                members.append(member)
        position = stop + extra_length + comment_length
    return Listing(members, count, whole=position == end)


def read_member(window: Window, member: Member, *, limit: int) -> bytes:
    """A small member's content; raises Unreadable, or LimitExceeded over ``limit`` bytes."""
    if member.size > limit:
        raise LimitExceeded(f"{member.name} has {member.size} bytes, more than the {limit} that are read of such files")
    content = _content(window, member)
    return content.read(0, member.size) if member.method == _STORED else _inflated(content, member)


@contextmanager
def open_member(window: Window, member: Member) -> Iterator[Window]:
    """A member as a window of its own: in place when stored, unpacked to memory or a temporary file otherwise.

    The caller has accounted for ``member.size``; a member that unpacks to more raises Unreadable.
    """
    content = _content(window, member)
    if member.method == _STORED:
        yield content
    elif member.size <= _IN_MEMORY:
        data = _inflated(content, member)
        yield Window(io.BytesIO(data), 0, len(data))
    else:
        with tempfile.TemporaryFile(prefix="assay-") as spool:
            _inflate_to(spool, content, member)
            yield Window(spool, 0, member.size)


def _directory(window: Window) -> tuple[bytes, int]:
    """The central directory, and by how much offsets in it are too small (an archive behind a launcher script)."""
    tail = window.read(max(0, window.size - _TAIL), _TAIL)
    found = _end_record(tail)
    if found is None and window.size > _TAIL:
        tail = window.read(max(0, window.size - _LONGEST_TAIL), _LONGEST_TAIL)
        found = _end_record(tail)
    if found is None:
        raise Unreadable("no zip archive: the end of its directory is missing")
    end_in_tail, size, offset = found
    tail_at = window.size - len(tail)
    end = tail_at + end_in_tail
    if _UNKNOWN in (size, offset) or tail.startswith(b"PK\x06\x07", max(0, end_in_tail - _LOCATOR64.size)):
        end, size, offset = _zip64_end(window, end, size, offset)
    if size > _MAX_DIRECTORY:
        raise LimitExceeded(f"archive directory of {size} bytes, more than the {_MAX_DIRECTORY} that are read")
    start = end - size
    inside = start - tail_at
    directory = tail[inside : inside + size] if inside >= 0 else window.read(start, size)
    if size and not directory.startswith(_CENTRAL):
        start, directory = offset, window.read(offset, size)
        if not directory.startswith(_CENTRAL):
            raise Unreadable("no zip archive: its directory is not where the end record says")
    return directory, start - offset


def _end_record(tail: bytes) -> tuple[int, int, int] | None:
    """Position, directory size and directory offset of the last end record whose comment fits."""
    position = tail.rfind(b"PK\x05\x06")
    while position >= 0:
        if position + _END.size <= len(tail):
            _, _, _, _, _, size, offset, comment = _END.unpack_from(tail, position)
            if position + _END.size + comment <= len(tail):
                return position, size, offset
        position = tail.rfind(b"PK\x05\x06", 0, position)
    return None


def _zip64_end(window: Window, end: int, size: int, offset: int) -> tuple[int, int, int]:
    """The same from the zip64 records before the end record, where they are sound."""
    locator = window.read(end - _LOCATOR64.size, _LOCATOR64.size)
    if len(locator) < _LOCATOR64.size:
        return end, size, offset
    mark, _, stated, _ = _LOCATOR64.unpack(locator)
    if mark != b"PK\x06\x07":
        return end, size, offset
    for position in (end - _LOCATOR64.size - _END64.size, stated):
        record = window.read(position, _END64.size)
        if len(record) == _END64.size and record.startswith(b"PK\x06\x06"):
            *_, size, offset = _END64.unpack(record)
            return position, size, offset
    return end, size, offset


def _member(directory: bytes, position: int, name_length: int, extra_length: int, shift: int) -> Member | None:
    flags, method = _FLAGS.unpack_from(directory, position + 8)
    packed, size = _SIZES.unpack_from(directory, position + 20)
    (offset,) = _OFFSET.unpack_from(directory, position + 42)
    stop = position + 46 + name_length
    if _UNKNOWN in (packed, size, offset):
        packed, size, offset = _zip64_sizes(directory[stop : stop + extra_length], packed, size, offset)
    name = directory[position + 46 : stop].decode("utf-8", "replace").replace("\\", "/")
    return Member(name, flags, method, packed, size, offset + shift) if name else None


def _zip64_sizes(extra: bytes, packed: int, size: int, offset: int) -> tuple[int, int, int]:
    position = 0
    while position + 4 <= len(extra):
        kind, length = _FLAGS.unpack_from(extra, position)
        if kind == 1:
            field = extra[position + 4 : position + 4 + length]
            values = iter([int.from_bytes(field[i : i + 8], "little") for i in range(0, len(field) - 7, 8)])
            size = next(values, size) if size == _UNKNOWN else size
            packed = next(values, packed) if packed == _UNKNOWN else packed
            offset = next(values, offset) if offset == _UNKNOWN else offset
            break
        position += 4 + length
    return packed, size, offset


def _content(window: Window, member: Member) -> Window:
    """Where the member's packed bytes are; raises Unreadable when they are not there or of no use."""
    if member.flags & 1:
        raise Unreadable(f"{member.name} is encrypted")
    if member.method not in (_STORED, _DEFLATED):
        raise Unreadable(f"{member.name} is packed with method {member.method}, which Java archives do not use")
    header = window.read(member.offset, _LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise Unreadable(f"{member.name} is not where the archive's directory says")
    _, name_length, extra_length = _LOCAL.unpack(header)
    return window.part(member.offset + _LOCAL.size + name_length + extra_length, member.packed)


def _inflated(content: Window, member: Member) -> bytes:
    data = content.read(0, min(member.packed, 2 * member.size + _CHUNK))
    try:
        inflate = isal_zlib.decompressobj(-15)
        unpacked: bytes = inflate.decompress(data, member.size + 1)
    except _BROKEN as error:
        raise Unreadable(f"{member.name} cannot be unpacked: {error}") from error
    if len(unpacked) != member.size:
        raise Unreadable(f"{member.name} does not unpack to the {member.size} bytes that the directory states")
    return unpacked


def _inflate_to(spool: BinaryIO, content: Window, member: Member) -> None:
    inflate = isal_zlib.decompressobj(-15)
    read = written = 0
    try:
        while not inflate.eof and written <= member.size:
            data: bytes = inflate.unconsumed_tail or content.read(read, _CHUNK)
            if not inflate.unconsumed_tail:
                read += len(data)
            if not data:
                written += spool.write(inflate.flush()[: member.size + 1])
                break
            unpacked: bytes = inflate.decompress(data, 4 * _CHUNK)
            written += spool.write(unpacked)
    except _BROKEN as error:
        raise Unreadable(f"{member.name} cannot be unpacked: {error}") from error
    if written != member.size:
        raise Unreadable(f"{member.name} does not unpack to the {member.size} bytes that the directory states")
