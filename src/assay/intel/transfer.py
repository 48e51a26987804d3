"""Carry a snapshot across an air gap: one compressed file that proves it is whole.

Layout: 512 bytes of head (``ASSAYDB1`` and a line of JSON, filled up with spaces: digest, SHA-256 and size of the
snapshot file, size when packed), and the file as one zstd frame.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import msgspec
import zstandard

from assay.errors import NotFound, Unavailable, Unreadable
from assay.intel.seal import verify
from assay.intel.snapshot_file import SnapshotFile, connect
from assay.intel.snapshots import SUFFIX, make_current, snapshots_folder

_MAGIC = b"ASSAYDB1\n"
_LEVEL = 12
_CHUNK = 1 << 20
_HEADER_SIZE = 512
_SIZE_LIMIT = 64 << 30
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class _Header(msgspec.Struct, frozen=True):
    digest: str
    sha256: str
    size: int
    packed: int


_DECODER = msgspec.json.Decoder(_Header)


def export_snapshot(snapshot: Path, target: Path) -> int:
    """Write a snapshot to ``target``, compressed; the size of the new file.

    Raises NotFound and Unreadable as opening the snapshot does, Unavailable when the disk refuses.
    """
    with closing(SnapshotFile(snapshot)) as file:
        digest = file.meta["digest"]
    part = target.with_name(target.name + ".part")
    try:
        with snapshot.open("rb") as source, part.open("wb") as out:
            size = snapshot.stat().st_size
            sha256 = hashlib.file_digest(source, "sha256").hexdigest()
            source.seek(0)
            out.seek(_HEADER_SIZE)
            compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, threads=-1)
            _, packed = compressor.copy_stream(source, out, size=size)
            out.seek(0)
            header = _MAGIC + msgspec.json.encode(_Header(digest, sha256, size, packed))
            out.write(header.ljust(_HEADER_SIZE - 1) + b"\n")
        part.replace(target)
    except OSError as error:
        raise Unavailable(f"{target}: cannot be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return _HEADER_SIZE + packed


def import_snapshot(source: Path, data: Path) -> Path:
    """Verify an exported snapshot, store it in the folder ``data`` and put it in use; its path.

    Everything is checked before anything changes: the checksum of the file and the digest of what it says. Raises
    NotFound when there is no such file, Unreadable when it is not a whole export, Unavailable when the disk refuses.
    """
    if source.exists() and not source.is_file():
        raise Unreadable(f"{source}: is no file")
    folder = snapshots_folder(data)
    with _disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".import-", dir=folder) as scratch:
            part = Path(scratch) / "snapshot"
            header = _unpack(source, part)
            with closing(SnapshotFile(part)), closing(connect(part)) as db:
                if verify(db, str(source)) != header.digest:
                    raise Unreadable(f"{source}: says another digest than the snapshot inside")
            target = folder / f"{header.digest}{SUFFIX}"
            part.replace(target)
    make_current(data, target)
    return target


def _unpack(source: Path, target: Path) -> _Header:
    try:
        with source.open("rb") as file:
            header = _read_header(file, source)
            digest, written = hashlib.sha256(), 0
            reader = zstandard.ZstdDecompressor().stream_reader(file)
            with target.open("wb") as out:
                while chunk := reader.read(_CHUNK):
                    written += len(chunk)
                    if written > header.size:
                        raise Unreadable(f"{source}: holds more than it says")
                    digest.update(chunk)
                    out.write(chunk)
    except FileNotFoundError:
        raise NotFound(f"{source}: there is no such file") from None
    except zstandard.ZstdError as error:
        raise Unreadable(f"{source}: broken compressed data ({error})") from error
    if written != header.size or digest.hexdigest() != header.sha256:
        raise Unreadable(f"{source}: cut off or altered")
    return header


def _read_header(file: BinaryIO, source: Path) -> _Header:
    head = file.read(_HEADER_SIZE)
    if not head.startswith(_MAGIC):
        raise Unreadable(f"{source}: not an exported snapshot")
    try:
        header = _DECODER.decode(head.removeprefix(_MAGIC))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable(f"{source}: broken header ({error})") from error
    if not _DIGEST.match(header.digest) or not 0 < header.size <= _SIZE_LIMIT:
        raise Unreadable(f"{source}: impossible header")
    if source.stat().st_size != _HEADER_SIZE + header.packed:
        raise Unreadable(f"{source}: cut off, or more than an export")
    return header


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{folder}: cannot be written ({error.strerror})") from error
