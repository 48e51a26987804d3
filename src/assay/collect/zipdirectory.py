"""The central directory of a zip file: what it lists, where the data is, and whether both can be believed.

APPNOTE: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (sections 4.3 and 4.5). Only the central directory
is trusted for names and sizes; an entry whose local header tells otherwise is refused when it is opened.
"""

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from assay.collect.limits import Limits
from assay.collect.stream import FileSlice
from assay.errors import LimitExceeded, Unreadable

_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_LOCAL = struct.Struct("<4s2B4H3L2H")
_MOST_COMMENT = 0xFFFF
_LARGEST_DIRECTORY = 256 << 20
_BEYOND = 1 << 62
_ESCAPE = 0xFFFFFFFF


@dataclass(slots=True)
class Record:
    """One entry of the central directory. ``offset`` is that of its local header in the file."""

    name: bytes
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    offset: int
    system: int
    mode: int

    @property
    def is_encrypted(self) -> bool:
        """Whether the data can only be read with a password."""
        return bool(self.flags & 0x2041)


class CentralDirectory:
    """The records of the zip in ``source``. Raises ``Unreadable`` when there is no central directory."""

    def __init__(self, source: FileSlice, name: str, limits: Limits) -> None:
        self._source = source
        self._name = name
        self._limits = limits
        self._data, self._shift, self.count = self._find()
        if self.count > limits.entries:
            raise LimitExceeded(f"{name}: {self.count} entries, at most {limits.entries} are read")

    def records(self) -> Iterator[Record]:
        """All records in the directory's order. Raises ``Unreadable`` at the first broken one."""
        data, position = self._data, 0
        number = 0
        while position < len(data):
            number += 1
            if number > self._limits.entries:
                raise LimitExceeded(f"{self._name}: more than {self._limits.entries} entries")
            if data[position : position + 4] != b"PK\1\2" or position + _CENTRAL.size > len(data):
                raise Unreadable(f"{self._name}: broken central directory at its byte {position}")
            fields = _CENTRAL.unpack_from(data, position)
            name_at = position + _CENTRAL.size
            extra_at = name_at + fields[12]
            position = extra_at + fields[13] + fields[14]
            if position > len(data):
                raise Unreadable(f"{self._name}: central directory ends inside an entry")
            yield self._record(fields, data[name_at:extra_at], data[extra_at : extra_at + fields[13]])
        if number != self.count:
            raise Unreadable(f"{self._name}: {number} entries, but the directory's end says {self.count}")

    def _record(self, fields: tuple[int, ...], name: bytes, extra: bytes) -> Record:
        wide = _wide_values(extra)
        size = _widened(fields[11], wide)
        packed = _widened(fields[10], wide)
        offset = _widened(fields[18], wide) + self._shift
        mode = fields[17] >> 16 if fields[2] == 3 else 0
        return Record(name, fields[6], fields[5], fields[9], packed, size, offset, fields[2], mode)

    def overlapping(self) -> frozenset[int]:
        """The numbers of the records whose data lies in another's: no writer makes that, bombs are made of it.

        https://www.bamsoftware.com/hacks/zipbomb/
        """
        starts, ends = array("Q"), array("Q")
        for record in self.records():
            start = min(max(0, record.offset), _BEYOND)
            starts.append(start)
            ends.append(start + min(_LOCAL.size + len(record.name) + record.packed, _BEYOND))
        found: set[int] = set()
        reach, owner = 0, -1
        for number in sorted(range(len(starts)), key=starts.__getitem__):
            if starts[number] < reach:
                found.update((number, owner))
            if ends[number] > reach:
                reach, owner = ends[number], number
        return frozenset(found)

    def data_at(self, record: Record) -> int:
        """Where the data of a record begins. Raises ``Unreadable`` when its local header is not its own."""
        header = self._source.read_at(record.offset, _LOCAL.size)
        if len(header) < _LOCAL.size or header[:4] != b"PK\3\4":
            raise Unreadable("there is no local header where the central directory says")
        fields = _LOCAL.unpack(header)
        name = self._source.read_at(record.offset + _LOCAL.size, fields[10])
        if name != record.name or fields[4] != record.method or (fields[3] ^ record.flags) & 0x2041:
            raise Unreadable("the local header names another file or method than the central directory")
        start: int = record.offset + _LOCAL.size + fields[10] + fields[11]
        if start + record.packed > self._source.length:
            raise Unreadable("its data lies beyond the end of the file")
        return start

    def _find(self) -> tuple[bytes, int, int]:
        """The directory's bytes, how far the file's offsets are off (data before the zip), the stated count."""
        length = self._source.length
        tail_at = max(0, length - _END.size - _MOST_COMMENT)
        tail = self._source.read_at(tail_at, length - tail_at)
        at = tail.rfind(b"PK\5\6")
        while at >= 0 and at + _END.size + (int.from_bytes(tail[at + 20 : at + 22], "little")) > len(tail):
            at = tail.rfind(b"PK\5\6", 0, at)
        if at < 0:
            raise Unreadable(f"{self._name}: not a zip file, or cut off (no end of central directory)")
        fields = _END.unpack_from(tail, at)
        count, size, offset = fields[4], fields[5], fields[6]
        end = tail_at + at
        if self._source.read_at(end - _END64_LOCATOR.size, 4) == b"PK\6\7":
            count, size, offset, end = self._find_wide(end)
        if size > min(end, _LARGEST_DIRECTORY):
            raise Unreadable(f"{self._name}: impossible size of the central directory ({size} bytes)")
        if end - size < offset:
            raise Unreadable(f"{self._name}: the central directory does not begin where its end says")
        data = self._source.read_at(end - size, size)
        if len(data) < size:
            raise Unreadable(f"{self._name}: the central directory is cut off")
        return data, end - size - offset, count

    def _find_wide(self, end: int) -> tuple[int, int, int, int]:
        """Count, size and offset from the zip64 record, and where that begins."""
        locator_at = end - _END64_LOCATOR.size
        stated = int.from_bytes(self._source.read_at(locator_at + 8, 8), "little")
        for place in (stated, locator_at - _END64.size):
            wide = self._source.read_at(place, _END64.size) if place < locator_at else b""
            if wide[:4] == b"PK\6\6" and len(wide) == _END64.size:
                fields = _END64.unpack(wide)
                return fields[7], fields[8], fields[9], place
        raise Unreadable(f"{self._name}: the zip64 end of the central directory is missing")


def _wide_values(extra: bytes) -> list[int]:
    """The 64-bit values of extra field 1, last first."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        position += 4
        if kind == 1:
            values = extra[position : position + length]
            return [int.from_bytes(values[at : at + 8], "little") for at in range(0, len(values) - 7, 8)][::-1]
        position += length
    return []


def _widened(value: int, wide: list[int]) -> int:
    return wide.pop() if value == _ESCAPE and wide else value
