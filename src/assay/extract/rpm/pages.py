"""Numbered pages of a database file, each read at most once where chains of them are followed."""

from typing import BinaryIO

from assay.errors import Unreadable


class Pages:
    """Pages of ``size`` bytes; page 0 is at the start of the file. Short reads and reuse raise Unreadable.

    Every page of a sound file belongs to one tree or chain, so ``claim`` refuses a page it has given before: this
    bounds the work on a hostile file by its size, whatever its pointers say.
    """

    def __init__(self, reader: BinaryIO, size: int) -> None:
        self._reader = reader
        self.size = size
        self.total = reader.seek(0, 2)
        self.count = self.total // size
        self._claimed: set[int] = set()

    def read(self, number: int) -> bytes:
        if not 0 <= number < self.count:
            raise Unreadable(f"page {number} lies outside the {self.count} pages of the file")
        self._reader.seek(number * self.size)
        page = self._reader.read(self.size)
        if len(page) != self.size:
            raise Unreadable(f"page {number} is cut off")
        return page

    def claim(self, number: int) -> bytes:
        if number in self._claimed:
            raise Unreadable(f"page {number} is used twice")
        self._claimed.add(number)
        return self.read(number)
