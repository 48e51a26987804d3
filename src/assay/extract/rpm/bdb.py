"""Header blobs of ``Packages``, the Berkeley DB hash database of older rpm systems, in either byte order.

The values of a hash database lie in hash pages, long ones in chains of overflow pages; all pages are visited in file
order instead of bucket order. Layout: https://github.com/berkeleydb/libdb/blob/master/src/dbinc/db_page.h
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Literal

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.extract.rpm.pages import Pages

_HASH_MAGIC, _BTREE_MAGIC = 0x061561, 0x053162
_HASH_UNSORTED, _OVERFLOW, _HASH = 2, 7, 13
_KEY_DATA, _OFF_PAGE = 1, 3
_PAGE_HEADER = 26
Order = Literal["<", ">"]


def is_berkeley(start: bytes) -> bool:
    """Whether a file that starts with these 16 bytes is a Berkeley DB hash or b-tree."""
    return any(magic in (_HASH_MAGIC, _BTREE_MAGIC) for magic in (_number(start, "<"), _number(start, ">")))


def _number(start: bytes, order: Order) -> int:
    return int.from_bytes(start[12:16], "little" if order == "<" else "big")


def blobs(reader: BinaryIO) -> Iterator[bytes | Problem]:
    """Every value of the hash; a page or chain that cannot be read is a Problem, the others stand."""
    reader.seek(0)
    meta = reader.read(72)
    if len(meta) < 72 or not is_berkeley(meta):
        raise Unreadable("not a Berkeley DB")
    order: Order = "<" if _number(meta, "<") in (_HASH_MAGIC, _BTREE_MAGIC) else ">"
    if _number(meta, order) != _HASH_MAGIC:
        raise Unreadable("a Berkeley DB, but not a hash")
    (size,) = struct.unpack_from(f"{order}I", meta, 20)
    if not 512 <= size <= 65536 or size & (size - 1):
        raise Unreadable(f"Berkeley DB page size {size}")
    if meta[24]:
        raise Unreadable("encrypted Berkeley DB")
    (last,) = struct.unpack_from(f"{order}I", meta, 32)
    pages = Pages(reader, size)
    for number in range(1, min(last + 1, pages.count)):
        page = pages.read(number)
        if page[25] in (_HASH, _HASH_UNSORTED):
            yield from _values(pages, page, number, order)
    if last >= pages.count:
        yield Problem(f"file ends after {pages.count} of {last + 1} pages")


def _values(pages: Pages, page: bytes, number: int, order: Order) -> Iterator[bytes | Problem]:
    """Items alternate key and value; an item ends where the one before it starts, since they grow downwards."""
    (count,) = struct.unpack_from(f"{order}H", page, 20)
    if _PAGE_HEADER + 2 * count > len(page):
        yield Problem(f"page {number}: {count} items do not fit")
        return
    offsets = struct.unpack_from(f"{order}{count}H", page, _PAGE_HEADER)
    for index in range(1, count, 2):
        at, end = offsets[index], offsets[index - 1]
        key_end = offsets[index - 2] if index > 1 else len(page)
        key = page[end + 1 : key_end]
        item = page[at:end]
        if not key.strip(b"\0"):
            continue  # key 0 holds the number of the newest package
        try:
            yield _value(pages, item, order)
        except Unreadable as error:
            yield Problem(f"page {number}, item {index}: {error}")


def _value(pages: Pages, item: bytes, order: Order) -> bytes:
    if item[:1] == bytes([_OFF_PAGE]):
        return _chain(pages, item, order)
    if item[:1] == bytes([_KEY_DATA]):
        return item[1:]
    raise Unreadable("item of unknown kind")


def _chain(pages: Pages, item: bytes, order: Order) -> bytes:
    """A value on overflow pages: first page and length are in the item."""
    if len(item) < 12:
        raise Unreadable("reference to overflow pages is cut off")
    number, left = struct.unpack_from(f"{order}II", item, 4)
    parts = []
    while left > 0:
        page = pages.claim(number)
        if page[25] != _OVERFLOW:
            raise Unreadable(f"page {number} is no overflow page")
        number, used = struct.unpack_from(f"{order}I2xH", page, 16)
        part = page[_PAGE_HEADER : _PAGE_HEADER + min(used, left)]
        if not part:
            raise Unreadable("empty overflow page")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
