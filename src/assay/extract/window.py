"""A range of a seekable reader: what lies outside of it is not there, whatever a file's headers claim."""

from typing import BinaryIO

from assay.errors import Unreadable


class Window:
    """Bytes ``start`` to ``start + size`` of a reader, addressed from 0."""

    __slots__ = ("_reader", "_start", "size")

    def __init__(self, reader: BinaryIO, start: int, size: int) -> None:
        self._reader = reader
        self._start = start
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        """The bytes at ``offset``, fewer than ``length`` where the window ends."""
        length = min(length, self.size - offset)
        if offset < 0 or length <= 0:
            return b""
        self._reader.seek(self._start + offset)
        return self._reader.read(length)

    def part(self, offset: int, length: int) -> "Window":
        """The range of the window from ``offset`` on; raises Unreadable when it is not inside."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise Unreadable(f"{length} bytes at {offset} lie outside of the {self.size} that are there")
        return Window(self._reader, self._start + offset, length)
