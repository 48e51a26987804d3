"""Sparse files in tar archives: a map of (offset, length) pieces, stored one after the other without the holes.

https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html
"""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.collect.stream import ForwardReader
from assay.collect.tarheader import parse_size
from assay.errors import LimitExceeded, Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

Pieces = Sequence[tuple[int, int]]
_OLD_FIRST, _OLD_NEXT = 386, 0
_NUMBER = re.compile(rb"[0-9]{1,19}\Z")
_MOST_PIECES = 1 << 20


@dataclass(frozen=True, slots=True)
class SparseMap:
    """``size`` is the file's size with its holes; ``pieces`` None means that the map precedes the data (format 1.0)."""

    size: int
    pieces: Pieces | None


def old_gnu_map(block: bytes, more: Callable[[], bytes]) -> SparseMap:
    """The map of a type ``S`` header; ``more`` yields the blocks that continue it."""
    pieces = _old_pieces(block[_OLD_FIRST:482])
    size = parse_size(block[483:495])
    extended = block[482]
    while extended:
        block = more()
        if len(block) < 512 or len(pieces) > _MOST_PIECES:
            raise Unreadable("sparse map does not end")
        pieces += _old_pieces(block[:504])
        extended = block[504]
    return SparseMap(size, pieces)


def _old_pieces(field: bytes) -> list[tuple[int, int]]:
    pieces = []
    for at in range(0, len(field) - 23, 24):
        if not field[at]:
            break
        pieces.append((parse_size(field[at : at + 12]), parse_size(field[at + 12 : at + 24])))
    return pieces


def pax_map(records: Mapping[bytes, bytes], pairs: Sequence[bytes]) -> SparseMap | None:
    """The map that extended header records state; ``pairs`` are the repeated values of format 0.0. None: not sparse."""
    size = records.get(b"GNU.sparse.realsize", records.get(b"GNU.sparse.size"))
    if size is None:
        return None
    if records.get(b"GNU.sparse.major") == b"1":
        return SparseMap(_number(size), None)
    listed = records.get(b"GNU.sparse.map")
    numbers = [_number(text) for text in (listed.split(b",") if listed is not None else pairs)]
    return SparseMap(_number(size), list(zip(numbers[::2], numbers[1::2], strict=False)))


def leading_map(read: Callable[[], bytes]) -> list[tuple[int, int]]:
    """The map of format 1.0: decimal numbers on lines of their own, padded to blocks; ``read`` yields the blocks."""
    numbers: list[int] = []
    wanted, rest = 1, b""
    while len(numbers) < wanted:
        block = read()
        if not block or len(rest) > 20:
            raise Unreadable("sparse map does not end")
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if len(numbers) == wanted:
                break
            numbers.append(_number(line))
            wanted = 1 + 2 * numbers[0]
            if wanted > _MOST_PIECES:
                raise LimitExceeded("sparse map with too many pieces")
    return list(zip(numbers[1::2], numbers[2::2], strict=True))


def _number(text: bytes) -> int:
    if not _NUMBER.match(text):
        raise Unreadable(f"sparse map holds {text[:20]!r} instead of a number")
    return int(text)


class SparseReader(ForwardReader):
    """The file with its holes as zeros; ``stored`` gives the pieces' bytes. Raises ``Unreadable`` for a wrong map."""

    def __init__(self, stored: io.BufferedReader, sparse_size: int, pieces: Pieces) -> None:
        super().__init__()
        self._stored = stored
        self._size = sparse_size
        self._position = 0
        self._pieces = [piece for piece in pieces if piece[1]]
        self._pieces.reverse()
        end = 0
        for offset, length in reversed(self._pieces):
            if offset < end or offset + length > sparse_size:
                raise Unreadable("sparse map overlaps itself or the end of the file")
            end = offset + length

    def readinto(self, buffer: "Buffer", /) -> int:
        view = memoryview(buffer)
        while self._pieces and sum(self._pieces[-1]) <= self._position:
            self._pieces.pop()
        start, length = self._pieces[-1] if self._pieces else (self._size, 0)
        if self._position < start:
            count = min(len(view), start - self._position)
            view[:count] = bytes(count)
        else:
            count = min(len(view), start + length - self._position)
            if count:
                count = self._stored.readinto(view[:count])
        self._position += count
        return count

    def close(self) -> None:
        self._stored.close()
        super().close()
