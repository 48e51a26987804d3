"""One 512-byte header block of a tar archive, and the records of extended (PAX) headers.

POSIX ustar and pax: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13
GNU: https://www.gnu.org/software/tar/manual/html_node/Standard.html. Where implementations differ, the reading of
Go's archive/tar is followed, because the runtimes that unpack image layers use it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import adler32

from assay.errors import Unreadable

ZERO = bytes(512)
EXTENSIONS = frozenset({b"x", b"X", b"g", b"L", b"K"})
"""Types of headers that speak of the next member instead of being one."""
_MODULUS = 65521
_ENDS = b"\0 "
_MODES: dict[bytes, int] = {}
_MOST_MODES = 512
_RECORD_START = re.compile(rb"([0-9]{1,9}) ")


@dataclass(slots=True)
class Header:
    """A header as written: ``name`` and ``link`` are the archive's bytes, ``flag`` the type byte."""

    name: bytes
    link: bytes
    size: int
    mode: int
    flag: bytes


def parse_header(block: bytes) -> Header:
    """Read a header block. Raises ``Unreadable`` when its checksum or its size is wrong.

    The header of an extended header (types in ``EXTENSIONS``) is read for its size only. The order of things here is
    that of their cost: this runs once for every file of an image.
    """
    # Adler-32's low half is the sum of the bytes plus one, modulo 65521: the header's own sum at the speed of C.
    field = block[148:156]
    total = (adler32(block) & 0xFFFF) - (adler32(field) & 0xFFFF) + 8 * 32
    digits = field[:6]
    try:
        stated = int(digits, 8) if digits.isdigit() and field[6] in _ENDS else _octal(field)
    except ValueError:
        stated = None
    if stated is None or ((total - stated) % _MODULUS and not _signed_checksum_holds(block, stated)):
        raise Unreadable("not a tar header (wrong checksum)")
    field = block[124:135]
    try:
        size = int(field, 8) if field.isdigit() else parse_size(block[124:136])
    except ValueError:
        size = parse_size(block[124:136])
    flag = block[156:157]
    if flag in EXTENSIONS:
        return Header(b"", b"", size, 0, flag)
    end = block.find(b"\0", 0, 100)
    name = block[: 100 if end < 0 else end]
    link = b"" if not block[157] else block[157:257].partition(b"\0")[0]
    if block[345] and (prefix := _prefix(block)):
        name = prefix + b"/" + name
    mode = _MODES.get(block[100:108])
    return Header(name, link, size, _mode(block[100:108]) if mode is None else mode, flag)


def _signed_checksum_holds(block: bytes, stated: int) -> bool:
    """Some old writers summed signed characters."""
    others = block[:148] + block[156:]
    return sum(others) + 256 - 256 * sum(byte > 127 for byte in others) == stated


def _octal(field: bytes) -> int | None:
    digits = field.strip(b" \0").partition(b"\0")[0]
    if not digits:
        return 0
    try:
        return int(digits, 8) if digits.isdigit() else None
    except ValueError:
        return None


def parse_number(field: bytes) -> int | None:
    """An octal or base-256 number; None when it is neither."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big") - ((field[0] & 0x80) << 8 * (len(field) - 1))
        return value - (1 << (8 * len(field) - 1)) if field[0] & 0x40 else value
    return _octal(field)


def parse_size(field: bytes) -> int:
    """A size or offset of a header; raises ``Unreadable`` when it is no number, negative or beyond 2^63."""
    size = parse_number(field)
    if size is None or not 0 <= size < 1 << 63:
        raise Unreadable(f"impossible size {field!r}")
    return size


def _mode(field: bytes) -> int:
    """The permission bits; an archive has few different ones, so those met are remembered."""
    mode = parse_number(field)
    bits = mode & 0o7777 if mode is not None and mode >= 0 else 0
    if len(_MODES) < _MOST_MODES:
        _MODES[field] = bits
    return bits


def _prefix(block: bytes) -> bytes:
    """The first part of a long name: 155 bytes in ustar, 131 in star; in GNU headers only where no times are."""
    magic = block[257:265]
    if magic == b"ustar\x0000":
        return block[345 : 476 if block[508:512] == b"tar\0" else 500].partition(b"\0")[0]
    if magic == b"ustar  \0" and block[156:157] != b"S":
        # Old releases of Go's writer put a ustar prefix into GNU headers; real GNU headers hold octal times here.
        times = (block[345:357], block[357:369])
        prefix = block[345:500].partition(b"\0")[0]
        if any(parse_number(time) is None for time in times) and prefix.isascii():
            return prefix
    return b""


def parse_records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The ``length key=value`` records of an extended header. Raises ``Unreadable`` at the first broken one."""
    position = 0
    while position < len(data):
        start = _RECORD_START.match(data, position)
        length = int(start[1]) if start else 0
        end = position + length
        record = data[start.end() : end] if start else b""
        key, equals, value = record.partition(b"=")
        if not record.endswith(b"\n") or not equals or not key or end > len(data):
            raise Unreadable(f"broken extended header at its byte {position}")
        yield key, value[:-1]
        position = end
