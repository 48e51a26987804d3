"""Groups of records compressed together: nearly as small as one large file, and still readable one by one.

Where a block ends depends on the id of its last record (and on hard limits), not on how many came before, so that a
new record changes the block it falls into and leaves the others alone.
"""

import sqlite3
from hashlib import blake2b
from zlib import crc32

import msgspec
import zstandard

from assay.errors import Unreadable

MARK_BYTES = 16
_USUAL = 64
_MOST = 512
_LARGEST = 1 << 20
_LEVEL = 9
_LIMIT = 256 << 20
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])


class BlockWriter:
    """Stores records, which come in the order of their ids, in blocks numbered from the first free number."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        (last,) = db.execute("SELECT coalesce(max(id), 0) FROM block").fetchone()
        self._number = int(last) + 1
        self._records: dict[str, msgspec.Raw] = {}
        self._size = 0
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True)

    def add(self, name: str, body: bytes) -> int:
        """Take a record; the number of its block."""
        number = self._number
        self._records[name] = msgspec.Raw(body)
        self._size += len(body)
        if crc32(name.encode()) % _USUAL == 0 or len(self._records) >= _MOST or self._size >= _LARGEST:
            self.finish()
        return number

    def finish(self) -> None:
        """Store what is left."""
        if self._records:
            content = _ENCODER.encode(self._records)
            row = (self._number, mark(content), self._compressor.compress(content))
            self._db.execute("INSERT INTO block VALUES (?, ?, ?)", row)
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
