"""Header blobs of ``rpmdb.sqlite``: a read-only walk of the one table, on the file format as published.

Files of images are foreign data, so SQLite itself, which was not made for hostile databases, never sees them.
https://www.sqlite.org/fileformat2.html
"""

from collections.abc import Iterator
from typing import BinaryIO

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.extract.rpm.pages import Pages

MAGIC = b"SQLite format 3\0"
_TABLE_INTERIOR, _TABLE_LEAF = 5, 13
_LONGEST_SCHEMA = 1 << 20
_COLUMNS = 8


def blobs(reader: BinaryIO) -> Iterator[bytes | Problem]:
    """Every ``blob`` of table Packages; a page or row that cannot be read is a Problem, the others stand."""
    database = _open(reader)
    root = _root_of_packages(database)
    for row in _rows(database, root):
        if isinstance(row, Problem):
            yield row
            continue
        try:
            yield _blob(row)
        except Unreadable as error:
            yield Problem(f"row of table Packages: {error}")


class _Database:
    """The file with what its header says: ``usable`` bytes of each page hold content."""

    def __init__(self, pages: Pages, usable: int) -> None:
        self.pages = pages
        self.usable = usable
        self.most_local = usable - 35
        self.least_local = (usable - 12) * 32 // 255 - 23

    def page(self, number: int) -> bytes:
        """A page by SQLite's numbers, which start at 1."""
        return self.pages.claim(number - 1)


def _open(reader: BinaryIO) -> _Database:
    reader.seek(0)
    header = reader.read(100)
    if len(header) < 100 or not header.startswith(MAGIC):
        raise Unreadable("not an SQLite database")
    size = int.from_bytes(header[16:18], "big")
    size = 65536 if size == 1 else size
    usable = size - header[20]
    if size < 512 or size & (size - 1) or usable < 480:
        raise Unreadable(f"SQLite page size {size} with {header[20]} reserved bytes")
    return _Database(Pages(reader, size), usable)


def _root_of_packages(database: _Database) -> int:
    """Columns of sqlite_schema: type, name, tbl_name, rootpage, sql."""
    broken = ""
    for row in _rows(database, 1, _LONGEST_SCHEMA):
        if isinstance(row, Problem):
            broken = f": {row.message}"
            continue
        columns = _columns(row)
        if len(columns) >= 4 and columns[0] == b"table" and columns[1] == b"Packages":
            return int.from_bytes(columns[3], "big")
    raise Unreadable(f"SQLite database without a table Packages{broken}")


def _rows(database: _Database, root: int, longest: int | None = None) -> Iterator[bytes | Problem]:
    """Payloads of a table's rows in key order."""
    waiting = [root]
    while waiting:
        number = waiting.pop()
        try:
            page = database.page(number)
            start = 100 if number == 1 else 0
            kind, cells = _cells(page, start)
        except Unreadable as error:
            yield Problem(f"page {number}: {error}")
            continue
        if kind == _TABLE_INTERIOR:
            children = [int.from_bytes(page[at : at + 4], "big") for at in cells]
            children.append(int.from_bytes(page[start + 8 : start + 12], "big"))
            waiting.extend(reversed(children))
            continue
        for at in cells:
            try:
                yield _payload(database, page, at, longest)
            except Unreadable as error:
                yield Problem(f"row on page {number}: {error}")


def _cells(page: bytes, start: int) -> tuple[int, list[int]]:
    """Kind of a b-tree page and the offsets of its cells."""
    kind = page[start]
    if kind not in (_TABLE_INTERIOR, _TABLE_LEAF):
        raise Unreadable(f"kind {kind} is no table page")
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    first = start + (12 if kind == _TABLE_INTERIOR else 8)
    if first + 2 * count > len(page):
        raise Unreadable(f"{count} cells do not fit")
    return kind, [int.from_bytes(page[at : at + 2], "big") for at in range(first, first + 2 * count, 2)]


def _payload(database: _Database, page: bytes, at: int, longest: int | None) -> bytes:
    """A leaf cell's payload: its local part and the chain of overflow pages."""
    length, at = _varint(page, at)
    _, at = _varint(page, at)
    usable = database.usable
    if length > (longest or database.pages.total):
        raise Unreadable(f"a row of {length} bytes cannot be")
    if length <= database.most_local:
        return _slice(page, at, length)
    local = database.least_local + (length - database.least_local) % (usable - 4)
    if local > database.most_local:
        local = database.least_local
    parts = [_slice(page, at, local)]
    following = int.from_bytes(_slice(page, at + local, 4), "big")
    left = length - local
    while left > 0:
        overflow = database.page(following)
        part = overflow[4 : min(usable, left + 4)]
        parts.append(part)
        left -= len(part)
        following = int.from_bytes(overflow[:4], "big")
    return b"".join(parts)


def _slice(page: bytes, at: int, length: int) -> bytes:
    part = page[at : at + length]
    if len(part) != length:
        raise Unreadable("a cell reaches over the end of its page")
    return part


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A big-endian base-128 number of at most nine bytes, and the offset after it."""
    value = 0
    for index in range(at, at + 9):
        if index >= len(data):
            raise Unreadable("a number reaches over the end of its page")
        byte = data[index]
        if index == at + 8:
            return value << 8 | byte, index + 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, index + 1


def _columns(row: bytes) -> list[bytes]:
    """The raw bytes of a record's columns; NULL and the constants 0 and 1 are empty."""
    size, at = _varint(row, 0)
    lengths: list[int] = []
    while at < min(size, len(row)) and len(lengths) < _COLUMNS:
        kind, at = _varint(row, at)
        lengths.append((kind - 12) // 2 if kind >= 12 else _FIXED[kind])
    columns: list[bytes] = []
    at = size
    for length in lengths:
        columns.append(_slice(row, at, length))
        at += length
    return columns


_FIXED = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)


def _blob(row: bytes) -> bytes:
    """Columns of Packages: hnum (the row's own number, stored as NULL) and blob."""
    columns = _columns(row)
    if len(columns) < 2:
        raise Unreadable(f"{len(columns)} columns instead of 2")
    return columns[1]
