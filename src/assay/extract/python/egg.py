"""The metadata inside a zipped egg, read without unpacking the rest.

https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html: ``EGG-INFO/PKG-INFO`` at the top of the archive.
"""

import struct
from typing import BinaryIO

from assay.errors import LimitExceeded, Unreadable

_MEMBER = "EGG-INFO/PKG-INFO"
_MAX_DIRECTORY = 8 << 20
_MAX_METADATA = 4 << 20
_END = b"PK\x05\x06"
_ZIP64 = b"PK\x06\x07"
_END_SIZE = 22
_STORED, _DEFLATED = 0, 8
_MAX_COMMENT = 65535


def read_egg_metadata(reader: BinaryIO, size: int) -> bytes:
    """The bytes of the egg's PKG-INFO.

    Raises Unreadable when this is not a zip file that holds one, LimitExceeded when its directory is larger than
    any real egg's, so that a hostile one cannot fill the memory.
    """
    import zipfile
    import zlib

    _check_directory(reader, size)
    reader.seek(0)
    try:
        with zipfile.ZipFile(reader) as archive:
            entry = archive.getinfo(_MEMBER)
            if entry.compress_type not in (_STORED, _DEFLATED):
                raise Unreadable(f"egg whose {_MEMBER} is packed by method {entry.compress_type}")
            with archive.open(entry) as member:
                return member.read(_MAX_METADATA)
    except KeyError as error:
        raise Unreadable(f"egg without {_MEMBER}") from error
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError) as error:
        raise Unreadable(f"egg that is not a readable zip file: {error}") from error
    except (NotImplementedError, RuntimeError, ValueError, OverflowError) as error:
        raise Unreadable(f"egg whose {_MEMBER} cannot be unpacked: {error}") from error


def _check_directory(reader: BinaryIO, size: int) -> None:
    reader.seek(max(0, size - _END_SIZE - _MAX_COMMENT))
    tail = reader.read(_END_SIZE + _MAX_COMMENT)
    end = tail.rfind(_END)
    if end < 0 or len(tail) - end < _END_SIZE:
        raise Unreadable("egg that is not a zip file: no end of central directory")
    (directory,) = struct.unpack_from("<I", tail, end + 12)
    if directory > _MAX_DIRECTORY or _ZIP64 in tail[max(0, end - 20) : end]:
        raise LimitExceeded(f"egg with a directory of more than {_MAX_DIRECTORY} bytes")
