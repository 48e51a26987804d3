"""A moving window over a stream: small pieces are cut from one large buffer, large ones are passed over unseen."""

from assay.collect.stream import FileSlice, Reader
from assay.errors import Unreadable

FORWARD_BUFFER = 512 << 10
SEEKING_BUFFER = 64 << 10


class Window:
    """``reader`` in sequence. ``offset`` is the position of the next byte; ``name`` appears in errors.

    A ``FileSlice`` is skipped by moving its position, any other reader by reading on.
    """

    def __init__(self, reader: Reader, name: str) -> None:
        self._reader = reader
        self._slice = reader if isinstance(reader, FileSlice) else None
        self._name = name
        self._buffer = bytearray(FORWARD_BUFFER if self._slice is None else SEEKING_BUFFER)
        self._view = memoryview(self._buffer)
        self._start = 0
        self._end = 0
        self.offset = 0

    @property
    def capacity(self) -> int:
        """The most bytes that ``peek`` can show."""
        return len(self._buffer)

    def block(self) -> bytes:
        """The next 512 bytes; empty at the end of the stream. Raises ``Unreadable`` when it ends inside."""
        start = self._start
        if self._end - start < 512:
            have = self._gather(512)
            if have < 512:
                if not have:
                    return b""
                raise Unreadable("the archive ends inside a header")
            start = self._start
        self._start = start + 512
        self.offset += 512
        return self._view[start : start + 512].tobytes()

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes, which the caller has bounded; raises ``Unreadable`` when the stream ends before."""
        if count == 512 and (block := self.block()):
            return block
        pieces = bytearray()
        while len(pieces) < count:
            view = self.peek(min(count - len(pieces), self.capacity))
            if view is None:
                raise Unreadable(f"the archive ends at byte {self.offset + self._end - self._start}")
            pieces += view
            self._start += len(view)
            self.offset += len(view)
        return bytes(pieces)

    def peek(self, size: int) -> memoryview | None:
        """The next ``size`` bytes (at most ``capacity``) without taking them; None when the stream ends before."""
        if self._end - self._start < size and self._gather(size) < size:
            return None
        return self._view[self._start : self._start + size]

    def skip(self, count: int) -> None:
        """Pass over ``count`` bytes; raises ``Unreadable`` when the stream ends before."""
        have = self._end - self._start
        if count <= have:
            self._start += count
            self.offset += count
            return
        self.offset += count
        count -= have
        self._start = self._end = 0
        if self._slice is not None:
            if count > self._slice.left:
                raise self._truncated()
            self._slice.skip(count)
            return
        view, readinto = self._view, self._reader.readinto
        while True:
            got = readinto(view)
            if not got:
                raise self._truncated()
            if got >= count:
                self._start, self._end = count, got
                return
            count -= got

    def readinto(self, buffer: memoryview, /) -> int:
        """Take bytes into ``buffer``; 0 only at the end of the stream."""
        have = self._end - self._start
        if have:
            count = min(have, len(buffer))
            buffer[:count] = self._view[self._start : self._start + count]
            self._start += count
        else:
            count = self._reader.readinto(buffer) or 0
        self.offset += count
        return count

    def _gather(self, size: int) -> int:
        """Move what is left to the front and read on until ``size`` bytes are there; returns how many are."""
        have = self._end - self._start
        if self._start:
            self._buffer[:have] = self._buffer[self._start : self._end]
            self._start, self._end = 0, have
        while self._end - self._start < size:
            got = self._reader.readinto(self._view[self._end :])
            if not got:
                break
            self._end += got
        return self._end - self._start

    def _truncated(self) -> Unreadable:
        return Unreadable(f"{self._name}: the archive ends before byte {self.offset}")
