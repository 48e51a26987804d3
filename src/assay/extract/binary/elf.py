"""ELF files, read lazily: most of them hold no section that anyone wants, and that is decided with three small reads.

https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from assay.extract.binary.image import Image, Part
from assay.extract.window import Window

_HEADER = 64
_MOST_SECTIONS = 16_384
_MOST_SEGMENTS = 1_024
_LONGEST_NAMES = 1 << 20
_MANY = 0xFFFF
_LOAD = 1
_NO_BITS = 8


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the fields are, for one class and byte order."""

    header: Struct
    section: Struct
    segment: Struct
    wide: bool


_LAYOUTS = {
    (2, 1): _Layout(Struct("<32xQQ4x2x4HH"), Struct("<2L4Q2L2Q"), Struct("<2L6Q"), wide=True),
    (2, 2): _Layout(Struct(">32xQQ4x2x4HH"), Struct(">2L4Q2L2Q"), Struct(">2L6Q"), wide=True),
    (1, 1): _Layout(Struct("<28xLL4x2x4HH"), Struct("<10L"), Struct("<8L"), wide=False),
    (1, 2): _Layout(Struct(">28xLL4x2x4HH"), Struct(">10L"), Struct(">8L"), wide=False),
}


def read_elf(window: Window, wanted: tuple[bytes, ...]) -> Image | None:
    """The image; None when the file has no section whose name holds one of ``wanted``, or is no ELF file after all.

    A file whose section table was stripped is returned without sections: its segments may still be searched.
    """
    header = window.read(0, _HEADER)
    layout = _LAYOUTS.get((header[4], header[5])) if len(header) == _HEADER else None
    if layout is None:
        return None
    segments_at, sections_at, segment_size, segment_count, section_size, section_count, names_index = (
        layout.header.unpack_from(header)
    )
    if segment_size < layout.segment.size:
        segment_count = 0
    segments_table = (segments_at, segment_size, min(segment_count, _MOST_SEGMENTS))
    if not sections_at or sections_at >= window.size or section_size < layout.section.size:
        return Image(window, (), tuple(_segments(window, layout, segments_table)))
    if section_count == 0 or names_index == _MANY:
        section_count, names_index = _extended(window, layout, sections_at, section_count, names_index)
    section_count = min(section_count, _MOST_SECTIONS)
    strings = window.read(sections_at + names_index * section_size, layout.section.size)
    if names_index >= section_count or len(strings) < layout.section.size:
        return Image(window, (), tuple(_segments(window, layout, segments_table)))
    _, _, _, _, names_at, names_size, *_ = layout.section.unpack(strings)
    names = window.read(names_at, min(names_size, _LONGEST_NAMES))
    if not any(name in names for name in wanted):
        return None
    table = window.read(sections_at, section_size * section_count)
    sections = tuple(_sections(table, section_size, layout, names))
    return Image(window, sections, tuple(_segments(window, layout, segments_table)))


def _extended(window: Window, layout: _Layout, at: int, count: int, names_index: int) -> tuple[int, int]:
    """Counts that do not fit the header stand in the first section."""
    first = window.read(at, layout.section.size)
    if len(first) < layout.section.size:
        return 0, 0
    _, _, _, _, _, size, link, *_ = layout.section.unpack(first)
    return count or size, link if names_index == _MANY else names_index


def _sections(table: bytes, step: int, layout: _Layout, names: bytes) -> Iterator[Part]:
    for position in range(0, len(table) - layout.section.size + 1, step):
        name_at, kind, _, address, offset, size, *_ = layout.section.unpack_from(table, position)
        if kind != _NO_BITS and name_at < len(names):
            end = names.find(b"\0", name_at)
            yield Part(names[name_at : end if end >= 0 else None].decode("utf-8", "replace"), offset, size, address)


def _segments(window: Window, layout: _Layout, table: tuple[int, int, int]) -> Iterator[Part]:
    at, step, count = table
    data = window.read(at, step * count)
    for position in range(0, len(data) - layout.segment.size + 1, step or 1):
        fields = layout.segment.unpack_from(data, position)
        if layout.wide:
            kind, flags, offset, address, _, size, *_ = fields
        else:
            kind, offset, address, _, size, _, flags, _ = fields
        if kind == _LOAD:
            yield Part("", offset, size, address, data=flags & 3 == 2)
