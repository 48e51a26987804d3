"""The name and version that a .NET assembly states about itself in its metadata tables.

ECMA-335 partition II, chapters 22 to 25: https://ecma-international.org/publications-and-standards/standards/ecma-335/
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import Struct

from assay.extract.binary.pe import CLI_HEADER, PortableExecutable

_CLI_HEADER = Struct("<8x2L")
_ROOT = Struct("<4s8xL")
_STREAM = Struct("<2L")
_TABLES = Struct("<6xBxQ8x")
_ASSEMBLY = Struct("<4x4H4x")
_LARGEST = 64 << 20
_MOST_STREAMS = 32
_ASSEMBLY_TABLE = 0x20
_LONGEST_NAME = 512

# Columns of the tables that stand before the assembly's: numbers are bytes, letters heap indexes (s strings, g GUIDs,
# b blobs), "tN" an index into table N, other words a coded index.
_COLUMNS: Sequence[str] = (
    "2 s g g g",  # 00 Module
    "ResolutionScope s s",  # 01 TypeRef
    "4 s s TypeDefOrRef t4 t6",  # 02 TypeDef
    "t4",  # 03 FieldPtr
    "2 s b",  # 04 Field
    "t6",  # 05 MethodPtr
    "4 2 2 s b t8",  # 06 MethodDef
    "t8",  # 07 ParamPtr
    "2 2 s",  # 08 Param
    "t2 TypeDefOrRef",  # 09 InterfaceImpl
    "MemberRefParent s b",  # 0A MemberRef
    "2 HasConstant b",  # 0B Constant
    "HasCustomAttribute CustomAttributeType b",  # 0C CustomAttribute
    "HasFieldMarshal b",  # 0D FieldMarshal
    "2 HasDeclSecurity b",  # 0E DeclSecurity
    "2 4 t2",  # 0F ClassLayout
    "4 t4",  # 10 FieldLayout
    "b",  # 11 StandAloneSig
    "t2 t20",  # 12 EventMap
    "t20",  # 13 EventPtr
    "2 s TypeDefOrRef",  # 14 Event
    "t2 t23",  # 15 PropertyMap
    "t23",  # 16 PropertyPtr
    "2 s b",  # 17 Property
    "2 t6 HasSemantics",  # 18 MethodSemantics
    "t2 MethodDefOrRef MethodDefOrRef",  # 19 MethodImpl
    "s",  # 1A ModuleRef
    "b",  # 1B TypeSpec
    "2 MemberForwarded s t26",  # 1C ImplMap
    "4 t4",  # 1D FieldRVA
    "4 4",  # 1E ENCLog
    "4",  # 1F ENCMap
)
# Coded indexes: bits of the tag, and the tables one may point to.
_CODED: Mapping[str, tuple[int, Sequence[int]]] = {
    "TypeDefOrRef": (2, (0x02, 0x01, 0x1B)),
    "HasConstant": (2, (0x04, 0x08, 0x17)),
    "HasCustomAttribute": (
        5,
        (
            *(0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0A, 0x00, 0x0E, 0x17, 0x14, 0x11, 0x1A, 0x1B, 0x20, 0x23, 0x26),
            *(0x27, 0x28, 0x2A, 0x2C, 0x2B),
        ),
    ),
    "HasFieldMarshal": (1, (0x04, 0x08)),
    "HasDeclSecurity": (2, (0x02, 0x06, 0x20)),
    "MemberRefParent": (3, (0x02, 0x01, 0x1A, 0x06, 0x1B)),
    "HasSemantics": (1, (0x14, 0x17)),
    "MethodDefOrRef": (1, (0x06, 0x0A)),
    "MemberForwarded": (1, (0x04, 0x06)),
    "CustomAttributeType": (3, (0x06, 0x0A)),
    "ResolutionScope": (2, (0x00, 0x1A, 0x23, 0x01)),
}


@dataclass(frozen=True, slots=True)
class Assembly:
    """An assembly's own row: its simple name, four-part version and culture (of satellites that hold translations)."""

    name: str
    version: str
    culture: str


def read_assembly(file: PortableExecutable) -> Assembly | None:
    """The assembly in a PE file; None when the file is native, a bare module, or not sound."""
    header = file.directory(CLI_HEADER, 72)
    if len(header) < _CLI_HEADER.size:
        return None
    address, size = _CLI_HEADER.unpack_from(header)
    streams = _streams(file.at(address, min(size, _LARGEST)))
    tables = streams.get("#~", streams.get("#-", b""))
    if len(tables) < _TABLES.size:
        return None
    heap_sizes, present = _TABLES.unpack_from(tables)
    if not present >> _ASSEMBLY_TABLE & 1:
        return None
    wide = {"s": 4 if heap_sizes & 1 else 2, "g": 4 if heap_sizes & 2 else 2, "b": 4 if heap_sizes & 4 else 2}
    rows, position = _row_counts(tables, present)
    for table, columns in enumerate(_COLUMNS):
        if rows.get(table):
            position += rows[table] * sum(_width(column, rows, wide) for column in columns.split())
    return _row(tables, position, wide, streams.get("#Strings", b""))


def _row(tables: bytes, position: int, wide: Mapping[str, int], strings: bytes) -> Assembly | None:
    if position + _ASSEMBLY.size + wide["b"] + 2 * wide["s"] > len(tables):
        return None
    version = ".".join(str(number) for number in _ASSEMBLY.unpack_from(tables, position))
    position += _ASSEMBLY.size + wide["b"]
    name, culture = (
        _string(strings, int.from_bytes(tables[at : at + wide["s"]], "little"))
        for at in (position, position + wide["s"])
    )
    return Assembly(name, version, culture) if name else None


def _streams(metadata: bytes) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    if len(metadata) < _ROOT.size:
        return found
    mark, length = _ROOT.unpack_from(metadata)
    position = _ROOT.size + length + 4
    if mark != b"BSJB" or position > len(metadata):
        return found
    for _ in range(min(int.from_bytes(metadata[position - 2 : position], "little"), _MOST_STREAMS)):
        if position + _STREAM.size > len(metadata):
            break
        offset, size = _STREAM.unpack_from(metadata, position)
        start = position + _STREAM.size
        end = metadata.find(b"\0", start, start + 32)
        if end < 0:
            break
        found.setdefault(metadata[start:end].decode("latin-1"), metadata[offset : offset + size])
        position = start + (end - start) // 4 * 4 + 4
    return found


def _row_counts(tables: bytes, present: int) -> tuple[Mapping[int, int], int]:
    rows: dict[int, int] = {}
    position = _TABLES.size
    for table in range(64):
        if present >> table & 1:
            rows[table] = int.from_bytes(tables[position : position + 4], "little")
            position += 4
    return rows, position


def _width(column: str, rows: Mapping[int, int], wide: Mapping[str, int]) -> int:
    if column.isdecimal():
        return int(column)
    if column in wide:
        return wide[column]
    if column[0] == "t" and column[1:].isdecimal():
        return 4 if rows.get(int(column[1:]), 0) > 0xFFFF else 2
    bits, targets = _CODED[column]
    return 4 if max(rows.get(target, 0) for target in targets) >= 1 << (16 - bits) else 2


def _string(strings: bytes, at: int) -> str:
    end = strings.find(b"\0", at, at + _LONGEST_NAME)
    return strings[at:end].decode("utf-8", "replace") if 0 < at < end else ""
