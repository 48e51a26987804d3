"""PE files (Windows executables and libraries, .NET assemblies): headers, sections and data directories.

https://learn.microsoft.com/en-us/windows/win32/debug/pe-format
"""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

from assay.extract.binary.image import Image, Part
from assay.extract.window import Window

_COFF = Struct("<4sHH12xHH")
_SECTION = Struct("<8s4L12xL")
_DIRECTORY = Struct("<2L")
_MOST_SECTIONS = 96
_MOST_DIRECTORIES = 16
_INITIALISED, _EXECUTE, _WRITE = 0x40, 0x20000000, 0x80000000

RESOURCES = 2
CLI_HEADER = 14


@dataclass(frozen=True, slots=True)
class PortableExecutable:
    """A PE file: its image, whose addresses begin at ``base``, and its data directories as (address, size) pairs."""

    image: Image
    base: int
    directories: Sequence[tuple[int, int]]

    def directory(self, index: int, limit: int) -> bytes:
        """The content of a data directory, at most ``limit`` bytes; nothing when there is no such directory."""
        if index >= len(self.directories):
            return b""
        address, size = self.directories[index]
        return self.at(address, min(size, limit)) if address and size else b""

    def at(self, address: int, length: int) -> bytes:
        """The bytes at an address relative to the image base."""
        return self.image.at(self.base + address, length)


def read_pe(window: Window) -> PortableExecutable | None:
    """The file's structure; None when it is no PE file after all."""
    header = window.read(0, 1024)
    if len(header) < 0x40 or not header.startswith(b"MZ"):
        return None
    at = int.from_bytes(header[0x3C:0x40], "little")
    coff = window.read(at, _COFF.size)
    if len(coff) < _COFF.size:
        return None
    mark, _, section_count, optional_size, _ = _COFF.unpack(coff)
    if mark != b"PE\0\0":
        return None
    optional = window.read(at + _COFF.size, min(optional_size, 1024))
    wide = optional.startswith(b"\x0b\x02")
    if not wide and not optional.startswith(b"\x0b\x01"):
        return None
    base = int.from_bytes(optional[24:32] if wide else optional[28:32], "little")
    table = window.read(at + _COFF.size + optional_size, min(section_count, _MOST_SECTIONS) * 40)
    sections = tuple(_section(table, position, base) for position in range(0, len(table) - _SECTION.size + 1, 40))
    return PortableExecutable(Image(window, sections, sections), base, _directories(optional, 112 if wide else 96))


def _section(table: bytes, position: int, base: int) -> Part:
    name, _, address, size, offset, flags = _SECTION.unpack_from(table, position)
    data = bool(flags & _INITIALISED and flags & _WRITE and not flags & _EXECUTE)
    return Part(name.rstrip(b"\0").decode("latin-1"), offset, size, base + address, data=data)


def _directories(optional: bytes, start: int) -> list[tuple[int, int]]:
    count = min(int.from_bytes(optional[start - 4 : start], "little"), _MOST_DIRECTORIES)
    table = optional[start : start + count * _DIRECTORY.size]
    whole = len(table) // _DIRECTORY.size
    return [_DIRECTORY.unpack_from(table, index * _DIRECTORY.size) for index in range(whole)]
