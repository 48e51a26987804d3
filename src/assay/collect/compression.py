"""Unpack a compressed stream, recognised by its first bytes, within the limits for hostile input."""

import io
import zlib
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from assay.collect.limits import Meter
from assay.collect.stream import ForwardReader, Reader, Source
from assay.errors import AssayError, LimitExceeded, Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_INPUT_BUFFER = 256 << 10
_XZ_MEMORY = 128 << 20
_ZSTD_WINDOW = 128 << 20


class Compression(StrEnum):
    """How a stream is compressed."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    XZ = "xz"
    BZIP2 = "bzip2"


def detect(head: bytes) -> Compression:
    """The compression that the first bytes (at least 6, fewer when the stream is shorter) announce.

    A zstd stream may begin with a skippable frame (RFC 8878, section 3.1.2), as eStargz-like formats do.
    """
    if head[:3] == b"\x1f\x8b\x08":
        return Compression.GZIP
    if head[:4] == b"\x28\xb5\x2f\xfd" or (head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50):
        return Compression.ZSTD
    if head[:6] == b"\xfd7zXZ\0":
        return Compression.XZ
    if head[:3] == b"BZh" and head[3:4].isdigit():
        return Compression.BZIP2
    return Compression.NONE


def decompressed(source: Source, name: str, meter: Meter) -> "Decompressed":
    """The unpacked bytes of ``source``, which must be at its start; whatever its compression, also none."""
    buffered: io.BufferedReader = io.BufferedReader(source, _INPUT_BUFFER)
    kind = detect(buffered.peek(6)[:6])
    return Decompressed(_OPENERS[kind](buffered), source, f"{name}: {kind} stream", meter)


class Decompressed(ForwardReader):
    """The output side. Errors of the decompressors become ``Unreadable``, passed limits ``LimitExceeded``."""

    def __init__(self, reader: Reader, source: Source, place: str, meter: Meter) -> None:
        super().__init__()
        self._reader = reader
        self._source = source
        self._place = place
        self._meter = meter

    def readinto(self, buffer: "Buffer", /) -> int:
        try:
            count = self._reader.readinto(memoryview(buffer)) or 0
        except AssayError:
            raise
        except EOFError as error:
            raise Unreadable(f"{self._place} is cut off") from error
        except MemoryError as error:
            raise LimitExceeded(f"{self._place} needs too much memory") from error
        except _broken() as error:
            raise Unreadable(f"{self._place} is broken: {error}") from error
        self._meter.decompressed(count, self._source.consumed)
        return count

    def close(self) -> None:
        self._source.close()
        super().close()


def _broken() -> tuple[type[Exception], ...]:
    """What the decompressors raise for bytes they cannot unpack (looked up only when something was raised)."""
    from lzma import LZMAError

    from isal import isal_zlib
    from zstandard import ZstdError

    isal_error: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub declares an instance
    return (OSError, ValueError, zlib.error, LZMAError, ZstdError, isal_error)


def _gzip(source: io.BufferedReader) -> Reader:
    """Stepwise, because isal's file object loses what it had unpacked when the stream turns out to be cut off."""
    from isal import igzip_lib

    return StepwiseReader(source, lambda: igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP))


def zstd_reader(source: io.BufferedReader) -> Reader:
    """Unpack zstd frames in a row, with a window of at most 128 MiB."""
    from zstandard import ZstdDecompressor

    return ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(
        source, read_size=_INPUT_BUFFER, read_across_frames=True
    )


class Stepwise(Protocol):
    """What the decompressors of the standard library and of isal have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class StepwiseReader:
    """A ``Reader`` over such a decompressor. ``fresh`` makes one for each of the streams in a row; without ``again``
    what follows the first stream is ignored.
    """

    def __init__(self, source: io.BufferedReader, fresh: Callable[[], Stepwise], *, again: bool = True) -> None:
        self._source = source
        self._fresh = fresh
        self._again = again
        self._decompressor = fresh()

    def readinto(self, buffer: memoryview, /) -> int:
        while True:
            decompressor = self._decompressor
            if decompressor.eof:
                rest = self._following() if self._again else b""
                if not rest:
                    return 0
                decompressor = self._decompressor = self._fresh()
            elif decompressor.needs_input:
                rest = self._source.read1(_INPUT_BUFFER)
                if not rest:
                    raise EOFError
            else:
                rest = b""
            data = decompressor.decompress(rest, len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)

    def _following(self) -> bytes:
        """What comes after a finished stream; zero bytes between streams are padding."""
        rest = self._decompressor.unused_data.lstrip(b"\0")
        while not rest and (more := self._source.read1(_INPUT_BUFFER)):
            rest = more.lstrip(b"\0")
        return rest


def _xz(source: io.BufferedReader) -> Reader:
    from lzma import FORMAT_XZ, LZMADecompressor

    return StepwiseReader(source, lambda: LZMADecompressor(FORMAT_XZ, memlimit=_XZ_MEMORY))


def _bzip2(source: io.BufferedReader) -> Reader:
    from bz2 import BZ2Decompressor

    return StepwiseReader(source, BZ2Decompressor)


_OPENERS: dict[Compression, Callable[[io.BufferedReader], Reader]] = {
    Compression.NONE: lambda source: source,
    Compression.GZIP: _gzip,
    Compression.ZSTD: zstd_reader,
    Compression.XZ: _xz,
    Compression.BZIP2: _bzip2,
}
