"""Header blobs of ``Packages.db``, rpm's own "ndb" format of SUSE systems.

Layout: a page of 4096 bytes or more with a header and 16-byte slots, then blobs in units of 16 bytes; numbers are
little-endian. https://github.com/rpm-software-management/rpm/blob/master/lib/backend/ndb/rpmpkg.c
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from assay.errors import Unreadable
from assay.extract.contract import Problem

MAGIC = b"RpmP"
_PAGE, _UNIT, _HEADER = 4096, 16, 32


def blobs(reader: BinaryIO) -> Iterator[bytes | Problem]:
    """Every blob that a slot points to; a slot that leads astray is a Problem, the others stand."""
    total = reader.seek(0, 2)
    reader.seek(0)
    header = reader.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(MAGIC):
        raise Unreadable("not an ndb package database")
    version, _, slot_pages = struct.unpack_from("<III", header, 4)
    if version != 0:
        raise Unreadable(f"ndb version {version} is not known")
    if not slot_pages or total < _PAGE:
        raise Unreadable(f"ndb package database of {total} bytes with {slot_pages} pages of slots")
    unread = total
    for magic, index, offset, count in _slots(reader, min(slot_pages * _PAGE, total)):
        if magic != b"Slot":
            yield Problem("slot without its mark; the slots after it are not read")
            return
        if not index:
            continue
        unread -= count * _UNIT
        if unread < 0:
            raise Unreadable("blobs are larger than the file")
        try:
            yield _blob(reader, index, offset * _UNIT, count * _UNIT)
        except Unreadable as error:
            yield Problem(f"package {index}: {error}")
    if slot_pages * _PAGE > total:
        yield Problem(f"{slot_pages} pages of slots do not fit into {total} bytes")


def _slots(reader: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Mark, package number, offset and length of every slot; the first two slots' room holds the file's header."""
    for start in range(0, end - _PAGE + 1, _PAGE):
        reader.seek(start)
        yield from struct.iter_unpack("<4sIII", reader.read(_PAGE)[0 if start else _HEADER :])


def _blob(reader: BinaryIO, index: int, offset: int, size: int) -> bytes:
    """A blob has its own 16-byte header: mark, package number, generation, length."""
    reader.seek(offset)
    data = reader.read(size)
    if len(data) != size or size < _UNIT:
        raise Unreadable("blob is cut off")
    magic, owner, _, length = struct.unpack_from("<4sIII", data)
    if magic != b"BlbS" or owner != index or length > size - _UNIT:
        raise Unreadable("slot points to something that is not its blob")
    return data[_UNIT : _UNIT + length]
