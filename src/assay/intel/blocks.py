"""Groups of records compressed together: nearly as small as one large file, and still readable one by one.

Where a block ends depends on the id of its last record (and on hard limits), not on how many came before, so that a
new record changes the block it falls into and leaves the others alone.
"""

from collections.abc import Iterator
from hashlib import blake2b
from zlib import crc32

import msgspec
import zstandard

from assay.errors import Unreadable

MARK_BYTES = 16
_USUAL = 64
_MOST = 512
_LARGEST = 1 << 20
_LEVEL = 12
_LIMIT = 256 << 20
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])


class Packer:
    """Collects (id, record) pairs, which come in the order of their ids, into blocks."""

    def __init__(self, first: int) -> None:
        self._number = first
        self._records: dict[str, msgspec.Raw] = {}
        self._size = 0
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True)

    @property
    def number(self) -> int:
        """The block that the next record falls into."""
        return self._number

    def add(self, name: str, body: bytes) -> Iterator[tuple[int, bytes, bytes]]:
        """Take a record; yields (number, mark, compressed bytes) of the block it completes."""
        self._records[name] = msgspec.Raw(body)
        self._size += len(body)
        if crc32(name.encode()) % _USUAL == 0 or len(self._records) >= _MOST or self._size >= _LARGEST:
            yield from self.finish()

    def finish(self) -> Iterator[tuple[int, bytes, bytes]]:
        """The last block, if there is anything in it."""
        if self._records:
            content = _ENCODER.encode(self._records)
            yield self._number, mark(content), self._compressor.compress(content)
            self._number += 1
            self._records = {}
            self._size = 0


def mark(content: bytes) -> bytes:
    """The digest by which contents are compared."""
    return blake2b(content, digest_size=MARK_BYTES).digest()


def unpack(body: bytes) -> tuple[bytes, dict[str, msgspec.Raw]]:
    """The content of a block, and its records by id. Raises Unreadable."""
    try:
        if zstandard.frame_content_size(body) > _LIMIT:
            raise Unreadable("a block of the snapshot is larger than any that is written")
        content = zstandard.ZstdDecompressor().decompress(body, max_output_size=_LIMIT)
        return content, _DECODER.decode(content)
    except (zstandard.ZstdError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable(f"a block of the snapshot is damaged ({error})") from error
