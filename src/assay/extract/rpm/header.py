"""One rpm header as the database stores it: index entries that point into a data store, all big-endian.

https://rpm-software-management.github.io/rpm/manual/format_header.html
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from assay.errors import Unreadable

_NAME, _VERSION, _RELEASE, _EPOCH = 1000, 1001, 1002, 1003
_VENDOR, _LICENSE, _ARCH, _SOURCERPM, _MODULARITYLABEL = 1011, 1014, 1022, 1044, 5096
_OLDFILENAMES, _DIRINDEXES, _BASENAMES, _DIRNAMES = 1027, 1116, 1117, 1118
_WANTED = frozenset(
    {
        *(_NAME, _VERSION, _RELEASE, _EPOCH, _VENDOR, _LICENSE, _ARCH, _SOURCERPM, _MODULARITYLABEL),
        *(_OLDFILENAMES, _DIRINDEXES, _BASENAMES, _DIRNAMES),
    }
)
_INT32, _STRING, _STRING_ARRAY, _I18N = 4, 6, 8, 9
_TEXTS = frozenset({_STRING, _STRING_ARRAY, _I18N})
_MOST_ENTRIES = 0xFFFF  # rpm's own limit
_LONGEST_PATH = 4096
_MOST_FILES = 1_000_000


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says of its package; absent texts are "", an absent epoch is None.

    ``files`` have no leading slash. ``files_cut`` is whether there were more than could be listed safely.
    """

    name: str
    version: str
    release: str
    epoch: int | None = None
    arch: str = ""
    source_rpm: str = ""
    vendor: str = ""
    license: str = ""
    modularity_label: str = ""
    files: tuple[str, ...] = ()
    files_cut: bool = False


def parse_header(blob: bytes) -> Header:
    """Raises Unreadable when the index does not fit the blob or name, version or release is missing."""
    store = _Store(blob)
    name, version, release = store.text(_NAME), store.text(_VERSION), store.text(_RELEASE)
    if not name or not version or not release:
        raise Unreadable(f"rpm header without name, version or release: {name[:80]!r}")
    files, cut = _files(store)
    return Header(
        name,
        version,
        release,
        store.number(_EPOCH),
        store.text(_ARCH),
        store.text(_SOURCERPM),
        store.text(_VENDOR),
        store.text(_LICENSE),
        store.text(_MODULARITYLABEL),
        files,
        cut,
    )


class _Store:
    """The wanted index entries over the data they point to."""

    def __init__(self, blob: bytes) -> None:
        if len(blob) < 8:
            raise Unreadable(f"rpm header of {len(blob)} bytes")
        entries, length = struct.unpack_from(">II", blob)
        start = 8 + 16 * entries
        if not 0 < entries <= _MOST_ENTRIES or start + length > len(blob):
            raise Unreadable(f"rpm header of {len(blob)} bytes with {entries} entries and {length} bytes of data")
        self.size = len(blob)
        self._data = blob[start : start + length]
        self._entries: dict[int, tuple[int, int, int]] = {}
        for tag, kind, offset, count in struct.iter_unpack(">IIiI", blob[8:start]):
            if tag in _WANTED and 0 <= offset < length:
                self._entries.setdefault(tag, (kind, offset, count))

    def count(self, tag: int) -> int:
        """How many values the tag has."""
        return self._entries.get(tag, (0, 0, 0))[2]

    def text(self, tag: int) -> str:
        """The string, or the first one of an array."""
        kind, offset, _ = self._entries.get(tag, (0, 0, 0))
        if kind not in _TEXTS:
            return ""
        end = self._data.find(b"\0", offset)
        if end < 0:
            raise Unreadable(f"string of tag {tag} has no end")
        return self._data[offset : min(end, offset + _LONGEST_PATH)].decode("utf-8", "replace")

    def number(self, tag: int) -> int | None:
        numbers = self.numbers(tag, 1)
        return numbers[0] if numbers else None

    def numbers(self, tag: int, most: int | None = None) -> Sequence[int]:
        kind, offset, count = self._entries.get(tag, (0, 0, 0))
        if kind != _INT32 or count > _MOST_FILES:
            return ()
        count = count if most is None else min(count, most)
        if offset + 4 * count > len(self._data):
            raise Unreadable(f"{count} numbers of tag {tag} do not fit")
        return struct.unpack_from(f">{count}I", self._data, offset)

    def texts(self, tag: int) -> Sequence[str]:
        kind, offset, count = self._entries.get(tag, (0, 0, 0))
        if kind != _STRING_ARRAY or count > _MOST_FILES:
            return ()
        found = self._data[offset:].split(b"\0", count)
        if len(found) <= count:
            raise Unreadable(f"{count} strings of tag {tag} do not fit")
        return b"\0".join(found[:count]).decode("utf-8", "replace").split("\0") if count else ()


def _files(store: _Store) -> tuple[tuple[str, ...], bool]:
    """Full paths: base names with an index into directory names, or whole names in very old headers.

    Directories are named once and used often, so a hostile header could ask for far more text than it holds; no
    sound one needs more than a few times its own size.
    """
    if max(store.count(_BASENAMES), store.count(_OLDFILENAMES), store.count(_DIRNAMES)) > _MOST_FILES:
        return (), True
    allowed = 64 * 1024 + 4 * store.size
    old = store.texts(_OLDFILENAMES)
    if old:
        return tuple(path.lstrip("/") for path in old), False
    directories = [name.lstrip("/") for name in store.texts(_DIRNAMES)]
    indexes = store.numbers(_DIRINDEXES)
    paths: list[str] = []
    for base, index in zip(store.texts(_BASENAMES), indexes, strict=False):
        if index >= len(directories):
            raise Unreadable(f"file {base[:80]!r} lies in directory {index} of {len(directories)}")
        allowed -= len(base) + len(directories[index])
        if allowed < 0:
            return tuple(paths), True
        paths.append(directories[index] + base)
    return tuple(paths), False
