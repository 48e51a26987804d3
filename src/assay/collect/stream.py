"""Where the bytes of a tree come from: a part of a file, read in place, or a stream that can only go forward."""

import io
import os
from typing import TYPE_CHECKING, Protocol

from assay.errors import NotFound, Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer


_FIRST_PIECE = 64 << 10
_PIECE = 1 << 20


class Reader(Protocol):
    """Anything that fills a buffer; 0 is the end."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


class ForwardReader(io.RawIOBase):
    """A stream that is read once, front to back; subclasses fill a buffer in ``readinto``."""

    def readable(self) -> bool:
        return True

    def readall(self) -> bytes:
        """The rest, in pieces that are filled before the next one is made: a size that lies costs nothing."""
        pieces: list[memoryview] = []
        size = _FIRST_PIECE
        while True:
            view, filled = memoryview(bytearray(size)), 0
            while filled < size:
                count = self.readinto(view[filled:]) or 0
                if not count:
                    return b"".join((*pieces, view[:filled]))
                filled += count
            pieces.append(view)
            size = _PIECE


class Source(ForwardReader):
    """Stored (mostly compressed) bytes; ``consumed`` says how many were taken so far."""

    consumed: int = 0


class FileSlice(Source):
    """``length`` bytes of the file ``path`` from ``offset`` on (to its end when None), without a shared file position.

    Raises ``NotFound`` or ``Unreadable`` when the file cannot be opened.
    """

    def __init__(self, path: str, offset: int = 0, length: int | None = None) -> None:
        super().__init__()
        self.path = path
        self.offset = offset
        self._fd = -1
        try:
            # A pipe in the file's place must not block; it is as long as its size says, empty.
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            size = os.fstat(self._fd).st_size
        except FileNotFoundError as error:
            raise NotFound(f"{path}: no such file") from error
        except (OSError, ValueError) as error:
            raise Unreadable(f"{path}: {error}") from error
        self.length = max(0, min(size - offset, size if length is None else length))

    @property
    def left(self) -> int:
        """How many bytes follow the current position."""
        return self.length - self.consumed

    def readinto(self, buffer: "Buffer", /) -> int:
        view = memoryview(buffer)[: self.left]
        if not view:
            return 0
        try:
            read = os.preadv(self._fd, [view], self.offset + self.consumed)
        except OSError as error:
            raise Unreadable(f"{self.path}: {error.strerror}") from error
        self.consumed += read
        return read

    def read_at(self, position: int, count: int) -> bytes:
        """Up to ``count`` bytes from ``position`` of the slice, without moving; fewer at the end, none outside."""
        count = min(count, self.length - position)
        if position < 0 or count <= 0:
            return b""
        try:
            return os.pread(self._fd, count, self.offset + position)
        except OSError as error:
            raise Unreadable(f"{self.path}: {error.strerror}") from error

    def part(self, position: int, length: int) -> "FileSlice":
        """A slice of this slice, with a position of its own."""
        return FileSlice(self.path, self.offset + position, max(0, min(length, self.length - position)))

    def skip(self, count: int) -> None:
        """Move forward; never past the end (``left`` becomes 0)."""
        self.consumed += min(count, self.left)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        super().close()
