"""The files inside a publisher's zip archive, within limits."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from assay.errors import LimitExceeded, Unreadable

_MEMBERS = 2_000_000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    struct.error,
    NotImplementedError,
    RuntimeError,
)


def is_zip(path: Path) -> bool:
    """Whether a file begins as zip archives do. Raises Unreadable when it cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}
    except OSError as error:
        raise Unreadable(f"{path.name}: cannot be opened ({error.strerror})") from error


def zip_members(
    path: Path, wanted: Callable[[str], bool], *, limit: int = 64 << 20
) -> Iterator[tuple[str, bytes | Unreadable]]:
    """Name and content of each wanted file, in the archive's order; Unreadable in the place of a broken one.

    Raises Unreadable when the archive itself is broken and LimitExceeded beyond two million entries. A member that
    is larger than ``limit`` bytes counts as broken.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > _MEMBERS:
                raise LimitExceeded(f"{path.name}: more than {_MEMBERS} entries")
            for member in members:
                if member.filename and not member.is_dir() and wanted(member.filename):
                    yield member.filename, _content(archive, member, f"{path.name}!/{member.filename}", limit)
    except _BROKEN as error:
        raise Unreadable(f"{path.name}: broken zip archive ({error})") from error


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: str, limit: int) -> bytes | Unreadable:
    try:
        with archive.open(member) as file:
            data = file.read(limit + 1)
    except _BROKEN as error:
        return Unreadable(f"{place}: {error}")
    return data if len(data) <= limit else LimitExceeded(f"{place}: more than {limit} bytes")
