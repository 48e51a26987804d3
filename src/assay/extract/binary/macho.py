"""Mach-O files (macOS), thin and fat: segments and sections from the load commands.

https://github.com/apple-oss-distributions/xnu/blob/main/EXTERNAL_HEADERS/mach-o/loader.h and ``fat.h`` beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from assay.extract.binary.image import Image, Part
from assay.extract.window import Window

_MOST_COMMANDS = 4_096
_MOST_COMMAND_BYTES = 1 << 20
_MOST_ARCHITECTURES = 30
"""A fat file starts with the same four bytes as a Java class, whose next field is a version above 40."""

FAT = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
THIN = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce")


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the fields are, for one width and byte order."""

    header: Struct
    command: Struct
    segment: Struct
    section: Struct
    kind: int


_LAYOUTS = {
    mark: _Layout(
        Struct(f"{order}16x2L{'8x' if wide else '4x'}"),
        Struct(f"{order}2L"),
        Struct(f"{order}8x16s{'4Q' if wide else '4L'}4L"),
        Struct(f"{order}16s16s{'2Q' if wide else '2L'}L{'28x' if wide else '24x'}"),
        0x19 if wide else 0x1,
    )
    for mark, order, wide in zip(THIN, "<<>>", (True, False, True, False), strict=True)
}


def read_macho(window: Window) -> list[Image]:
    """The images in the file, one for each architecture; none when it is no Mach-O file after all."""
    start = window.read(0, 8)
    if start.startswith(THIN):
        return [image for image in [_thin(window)] if image is not None]
    if start.startswith(FAT) and len(start) == 8:
        return list(_fat(window, int.from_bytes(start[4:], "big"), wide=start.startswith(FAT[1])))
    return []


def _fat(window: Window, count: int, *, wide: bool) -> Iterator[Image]:
    if count > _MOST_ARCHITECTURES:
        return
    entry = Struct(">8x2Q8x") if wide else Struct(">8x2L4x")
    table = window.read(8, count * entry.size)
    for position in range(0, len(table) - entry.size + 1, entry.size):
        offset, size = entry.unpack_from(table, position)
        if offset + size <= window.size:
            image = _thin(window.part(offset, size))
            if image is not None:
                yield image


def _thin(window: Window) -> Image | None:
    start = window.read(0, 32)
    layout = _LAYOUTS.get(start[:4])
    if layout is None or len(start) < layout.header.size:
        return None
    count, size = layout.header.unpack_from(start)
    commands = window.read(layout.header.size, min(size, _MOST_COMMAND_BYTES))
    sections: list[Part] = []
    segments: list[Part] = []
    position = 0
    for _ in range(min(count, _MOST_COMMANDS)):
        if position + layout.command.size > len(commands):
            break
        kind, length = layout.command.unpack_from(commands, position)
        if kind == layout.kind and position + layout.segment.size <= len(commands):
            segment, parts = _segment(commands, position, position + length, layout)
            segments.append(segment)
            sections.extend(parts)
        if length < layout.command.size:
            break
        position += length
    return Image(window, tuple(sections), tuple(segments))


def _segment(commands: bytes, position: int, end: int, layout: _Layout) -> tuple[Part, list[Part]]:
    name, address, _, offset, size, _, protection, count, _ = layout.segment.unpack_from(commands, position)
    segment = Part(_text(name), offset, size, address, data=protection == 3)
    parts = []
    position += layout.segment.size
    for _ in range(count):
        if position + layout.section.size > min(end, len(commands)):
            break
        name, _, address, size, offset = layout.section.unpack_from(commands, position)
        parts.append(Part(_text(name), offset, size, address))
        position += layout.section.size
    return segment, parts


def _text(name: bytes) -> str:
    return name.rstrip(b"\0").decode("latin-1")
