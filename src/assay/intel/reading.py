"""How a publisher's file is read: decompressed by what it is, within limits, decoded into typed records."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

import msgspec

from assay.errors import LimitExceeded, Unreadable

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
_LINE = 64 << 20
_CHUNK = 1 << 20
WHOLE = 2 << 30
"""Usual limit of a decompressed file that is read whole, in bytes."""
STREAM = 64 << 30
"""Usual limit of a decompressed file that is streamed, in bytes."""


class Decoder(Protocol[T_co]):
    """A msgspec decoder."""

    def decode(self, data: bytes | msgspec.Raw, /) -> T_co: ...


def decode(decoder: Decoder[T], data: bytes | msgspec.Raw, place: str) -> T:
    """Decode one document. Raises Unreadable, naming ``place``, for bytes that do not fit."""
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError, OverflowError) as error:
        raise Unreadable(f"{place}: {error}") from error


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class _Bounded(io.RawIOBase):
    """A decompressing reader that stops at a limit and whose errors are ours."""

    def __init__(self, file: BinaryIO, source: _Source, place: str, limit: int) -> None:
        super().__init__()
        self._file = file
        self._source = source
        self._place = place
        self._left = limit
        self._limit = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed's WriteableBuffer is private
        try:
            data = self._source.read(len(buffer))
        except _broken() as error:
            raise Unreadable(f"{self._place}: broken compressed data ({error})") from error
        self._left -= len(data)
        if self._left < 0:
            raise LimitExceeded(f"{self._place}: more than {self._limit} bytes when decompressed")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
            self._file.close()
        super().close()


def _broken() -> tuple[type[Exception], ...]:
    import lzma
    import zlib

    import zstandard
    from isal import igzip_lib

    igzip: type[Exception] = igzip_lib.error  # type: ignore[assignment]  # its stub says instance where it is a class
    return (igzip, OSError, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, ValueError)


def open_stream(path: Path, limit: int = STREAM) -> BinaryIO:
    """Open a file that may be compressed (gzip, xz, zstd, bzip2; told by its first bytes, not its name).

    Reading raises Unreadable for broken data and LimitExceeded beyond ``limit`` decompressed bytes.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unreadable(f"{path.name}: cannot be opened ({error.strerror})") from error
    return decompressed(file, path.name, limit)


def decompressed(file: BinaryIO, place: str, limit: int = STREAM) -> BinaryIO:
    """Like ``open_stream`` for a seekable file that is already open."""
    magic = file.read(6)
    file.seek(0)
    source: _Source = file
    if magic.startswith(b"\x1f\x8b"):
        from isal import igzip

        source = igzip.IGzipFile(fileobj=file)  # type: ignore[no-untyped-call]  # isal leaves it untyped
    elif magic.startswith(b"\xfd7zXZ"):
        import lzma

        source = lzma.LZMAFile(file)  # noqa: SIM115 - closed with the reader
    elif magic.startswith(b"\x28\xb5\x2f\xfd"):
        import zstandard

        source = zstandard.ZstdDecompressor(max_window_size=128 << 20).stream_reader(file, read_across_frames=True)
    elif magic.startswith(b"BZh"):
        import bz2

        source = bz2.BZ2File(file)
    return io.BufferedReader(_Bounded(file, source, place, limit), _CHUNK)


def read_whole(path: Path, limit: int = WHOLE) -> bytes:
    """The decompressed content of a file."""
    with open_stream(path, limit) as file:
        return file.read()


def lines_of(file: BinaryIO, place: str) -> Iterator[tuple[int, bytes]]:
    """The lines of a stream, numbered from 1, without their ends. A line of more than 64 MiB raises LimitExceeded."""
    for number, line in enumerate(iter(lambda: file.readline(_LINE + 1), b""), 1):
        if len(line) > _LINE:
            raise LimitExceeded(f"{place}:{number}: a line of more than {_LINE} bytes")
        yield number, line.rstrip(b"\r\n")
