"""Small executables made by hand: ELF, PE and Mach-O files with just the parts that matter."""

import io
import struct
from collections.abc import Callable

import pytest

from assay.extract.binary.executable import Executable
from assay.extract.contract import Fact, Problem
from assay.model.component import Package
from assay.model.tree import SourceFile

MAGIC = b"\xff Go buildinf:"


def source(path: str, data: bytes) -> SourceFile:
    return SourceFile(path, len(data), lambda: io.BytesIO(data), 0o755)


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def framed(text: str) -> bytes:
    return b"<" * 16 + text.encode() + b">" * 16


def go_blob(toolchain: str, text: str) -> bytes:
    """The form of Go 1.18 and later: strings behind the 32-byte head."""
    head = (MAGIC + b"\x08\x02").ljust(32, b"\0")
    return head + b"".join(varint(len(item)) + item for item in (toolchain.encode(), framed(text)))


def make_elf(
    sections: dict[str, bytes], *, wide: bool = True, big: bool = False, table: bool = True, many: bool = False
) -> bytes:
    """Sections one after the other in a writable segment at 0x400000; ``table`` False leaves out section headers,
    ``many`` puts their number and the names' index into the first one, as files with thousands of sections do.
    """
    order = ">" if big else "<"
    header_size, segment_size = (64, 56) if wide else (52, 32)
    names = b"\0" + b"".join(name.encode() + b"\0" for name in sections) + b".shstrtab\0"
    content = b""
    placed = []
    start = header_size + segment_size
    for name, data in [*sections.items(), (".shstrtab", names)]:
        content += b"\0" * (-(start + len(content)) % 16)
        placed.append((names.index(name.encode() + b"\0"), start + len(content), len(data)))
        content += data
    base = 0x400000
    count = len(placed) + 1
    section = struct.Struct(f"{order}2L4Q2L2Q" if wide else f"{order}10L")
    first = (0, 0, 0, 0, 0, count, count - 1, 0, 0, 0) if many else (0,) * 10
    headers = section.pack(*first) + b"".join(
        section.pack(name, 1, 0, base + offset, offset, size, 0, 0, 1, 0) for name, offset, size in placed
    )
    size = len(content)
    if wide:
        segment = struct.pack(f"{order}2L6Q", 1, 6, start, base + start, base + start, size, size, 0x1000)
    else:
        segment = struct.pack(f"{order}8L", 1, start, base + start, base + start, size, size, 6, 0x1000)
    stated = (0, 0xFFFF) if many else (count, count - 1)
    at = start + size if table else 0
    ident = b"\x7fELF" + bytes([2 if wide else 1, 2 if big else 1, 1]).ljust(12, b"\0")
    fields = (2, 62, 1, base, header_size, at, 0, header_size, segment_size, 1, section.size, *stated)
    header = ident + struct.pack(f"{order}2HL{'3Q' if wide else '3L'}L6H", *fields)
    return header + segment + content + (headers if table else b"")


def make_pe(sections: list[tuple[str, bytes, int]], directories: dict[int, tuple[int, int]], *, wide: bool) -> bytes:
    """Sections at 0x1000, 0x101000 ... in memory; ``directories`` are (address, size) by index."""
    base = 0x140000000 if wide else 0x400000
    optional = struct.pack("<H22xQ" if wide else "<H26xL", 0x20B if wide else 0x10B, base)
    optional = optional.ljust(108 if wide else 92, b"\0") + struct.pack("<L", 16)
    optional += b"".join(struct.pack("<2L", *directories.get(index, (0, 0))) for index in range(16))
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<L", 0x40)
    head += struct.pack("<4s2H3L2H", b"PE\0\0", 0x8664, len(sections), 0, 0, 0, len(optional), 0x22) + optional
    offset = len(head) + 40 * len(sections)
    table = content = b""
    for index, (name, data, flags) in enumerate(sections):
        address = 0x1000 + index * 0x100000
        fields = (name.encode(), len(data), address, len(data), offset + len(content), 0, 0, 0, 0, flags)
        table += struct.pack("<8s6L2HL", *fields)
        content += data
    return head + table + content


def make_macho(sections: dict[str, bytes], *, big: bool = False, wide: bool = True) -> bytes:
    """One writable segment ``__DATA`` that holds the sections."""
    order, number = (">" if big else "<"), ("Q" if wide else "L")
    section = struct.Struct(f"{order}16s16s2{number}8L" if wide else f"{order}16s16s2L7L")
    segment = struct.Struct(f"{order}2L16s4{number}4L")
    length = segment.size + section.size * len(sections)
    mark = {(False, True): b"\xcf\xfa\xed\xfe", (True, True): b"\xfe\xed\xfa\xcf", (False, False): b"\xce\xfa\xed\xfe"}
    head = mark.get((big, wide), b"\xfe\xed\xfa\xce")
    head += struct.pack(f"{order}6L", 0x1000007, 3, 2, 1, length, 0) + (b"\0" * 4 if wide else b"")
    start = len(head) + length
    table = content = b""
    base = 0x100000
    for name, data in sections.items():
        content += b"\0" * (-(start + len(content)) % 16)
        at = start + len(content)
        rest = (at, *([0] * (7 if wide else 6)))
        table += section.pack(name.encode(), b"__DATA", base + at, len(data), *rest)
        content += data
    kind = 0x19 if wide else 1
    size = len(content)
    command = segment.pack(kind, length, b"__DATA", base + start, size, start, size, 3, 3, len(sections), 0)
    return head + command + table + content


@pytest.fixture
def facts() -> Callable[[str, bytes], list[Fact]]:
    """All facts of an executable."""
    return lambda path, data: list(Executable().extract(source(path, data)))


@pytest.fixture
def packages(facts: Callable[[str, bytes], list[Fact]]) -> Callable[[bytes], list[tuple[str, str, str]]]:
    """Ecosystem, name and version of the packages in an executable that has no problems."""

    def read(data: bytes) -> list[tuple[str, str, str]]:
        found = facts("usr/bin/tool", data)
        assert not [fact for fact in found if isinstance(fact, Problem)]
        return [
            (str(fact.component.ecosystem), fact.component.name, fact.component.version)
            for fact in found
            if isinstance(fact, Package)
        ]

    return read


@pytest.fixture
def images() -> type:
    """The makers of executables."""

    class Images:
        elf = staticmethod(make_elf)
        pe = staticmethod(make_pe)
        macho = staticmethod(make_macho)
        go_blob = staticmethod(go_blob)
        framed = staticmethod(framed)
        source = staticmethod(source)

    return Images
