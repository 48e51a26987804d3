"""The version resource of a PE file: what the publisher wrote for people to read.

https://learn.microsoft.com/en-us/windows/win32/menurc/vs-versioninfo
"""

from struct import Struct

from assay.extract.binary.pe import RESOURCES, PortableExecutable

_ENTRY = Struct("<2L")
_DATA = Struct("<2L")
_HEAD = 16
_DIRECTORY = 1 << 31
_VERSION_TYPE = 16
_MOST_ENTRIES = 1_024
_LARGEST_TREE = 1 << 20
_LARGEST = 64 << 10


def version_strings(file: PortableExecutable, *names: str) -> list[str]:
    """The values of such names (``FileVersion`` ...) in the first version resource; "" for each that is absent."""
    resource = _version_resource(file)
    return [_value(resource, name) for name in names]


def _version_resource(file: PortableExecutable) -> bytes:
    """Type, name and language are the three levels of the tree; of the last two the first entry is taken."""
    tree = file.directory(RESOURCES, _LARGEST_TREE)
    offset = _child(tree, 0, _VERSION_TYPE)
    for _ in range(2):
        if offset is None or not offset & _DIRECTORY:
            return b""
        offset = _child(tree, offset & ~_DIRECTORY, None)
    if offset is None or offset + _DATA.size > len(tree):
        return b""
    address, size = _DATA.unpack_from(tree, offset)
    return file.at(address, min(size, _LARGEST))


def _child(tree: bytes, at: int, wanted: int | None) -> int | None:
    if at + _HEAD > len(tree):
        return None
    named, numbered = (
        int.from_bytes(tree[at + 12 : at + 14], "little"),
        int.from_bytes(tree[at + 14 : at + 16], "little"),
    )
    for index in range(min(named + numbered, _MOST_ENTRIES)):
        position = at + _HEAD + index * _ENTRY.size
        if position + _ENTRY.size > len(tree):
            return None
        name, offset = _ENTRY.unpack_from(tree, position)
        if wanted is None or name == wanted:
            return int(offset)
    return None


def _value(resource: bytes, name: str) -> str:
    """The value behind a key: both are UTF-16 and end with a zero, the value begins at a multiple of four bytes."""
    key = f"{name}\0".encode("utf-16-le")
    at = resource.find(key)
    if at < 0:
        return ""
    start = (at + len(key) + 3) // 4 * 4
    end = start
    while end + 1 < len(resource) and resource[end : end + 2] != b"\0\0":
        end += 2
    return resource[start:end].decode("utf-16-le", "replace").strip()
