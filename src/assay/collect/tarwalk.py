"""Walk a tar archive once, front to back; payloads that nobody opens are passed over without being copied.

Reads ustar, pax and GNU archives (long names, base-256 numbers, sparse files). Whatever the bytes are, only
``Unreadable`` and ``LimitExceeded`` leave this module, after the entries that were readable.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

from assay.collect.limits import DEFAULT_LIMITS, Limits, Meter
from assay.collect.problem import ProblemList, TreeProblem
from assay.collect.sparse import SparseMap, SparseReader, leading_map, old_gnu_map, pax_map
from assay.collect.stream import ForwardReader, Reader
from assay.collect.tarheader import EXTENSIONS, ZERO, Header, parse_header, parse_records, parse_size
from assay.collect.treepath import tree_path
from assay.collect.window import Window
from assay.errors import Conflict, Invalid, LimitExceeded, Unreadable
from assay.model.tree import Entry, Kind

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_COPIED = 64 << 10
_KINDS: Mapping[bytes, Kind] = {
    b"0": Kind.FILE,
    b"\0": Kind.FILE,
    b"7": Kind.FILE,
    b"S": Kind.FILE,
    b"1": Kind.HARDLINK,
    b"2": Kind.SYMLINK,
    b"5": Kind.DIRECTORY,
    b"D": Kind.DIRECTORY,
}
_WITHOUT_DATA = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
_RELEVANT = re.compile(rb"path=|size=|GNU\.sparse\.")


class TarTree:
    """The entries of one archive. ``layer`` interprets whiteouts and, like the runtimes that unpack layers, ignores
    global extended headers. ``at_end`` is called once the end mark was read. ``name`` appears in errors.
    """

    def __init__(
        self,
        reader: Reader,
        name: str,
        *,
        layer: bool = False,
        limits: Limits = DEFAULT_LIMITS,
        at_end: Callable[[], None] | None = None,
    ) -> None:
        self._window = Window(reader, name)
        self._name = name
        self._layer = layer
        self._limits = limits
        self._at_end = at_end
        self.complete = False
        self._problems = ProblemList()
        self._extensions = Extensions()
        self._globals: dict[bytes, bytes] = {}
        self._current: Entry | None = None
        self._reader: io.BufferedReader | None = None
        self._left = 0
        self._stored = 0
        self._sparse: SparseMap | None = None

    @property
    def problems(self) -> list[TreeProblem]:
        """What could not be shown so far."""
        return self._problems.items

    @property
    def payload_offset(self) -> int:
        """Where in the archive the data of the entry that was yielded last begins, as long as it was not opened."""
        return self._window.offset

    def entries(self) -> Iterator[Entry]:
        """The members in the archive's order; a name may come more than once, the last one counts."""
        window, meter, count, most = self._window, Meter(self._name, self._limits), 0, self._limits.entries
        while True:
            if self._reader is not None:
                self._close_payload()
            if self._left:
                window.skip(self._left)
                self._left = 0
            count += 1
            if count > most or not count & 0x3FF:
                meter.check_entries(count)
            place = window.offset
            try:
                block = window.block()
                if not block or block == ZERO:
                    self._current = None
                    return self._end(block)
                entry = self._member(parse_header(block), block)
            except LimitExceeded:
                raise
            except Unreadable as error:
                raise Unreadable(f"{self._name}: at byte {place}: {error}") from error
            if entry is not None:
                self._current = entry
                yield entry

    def open(self, entry: Entry, /) -> BinaryIO:
        """Read the file that was yielded last. Raises ``LimitExceeded`` when it is larger than a file may be."""
        if entry is not self._current or entry.kind is not Kind.FILE:
            raise Invalid(f"{self._name}: {entry.path} is not the file that was yielded last")
        if entry.size > self._limits.file_size:
            raise LimitExceeded(f"{self._name}: {entry.path} has {entry.size} bytes, {self._limits.file_size} are read")
        if self._reader is not None:
            raise Conflict(f"{self._name}: {entry.path} was opened before")
        if self._stored <= _COPIED and self._sparse is None:
            view = self._window.peek(self._stored)
            if view is None:
                raise Unreadable(f"{self._name}: the archive ends inside {entry.path}")
            return io.BytesIO(view.tobytes())
        payload = Payload(self._window, self._stored, f"{self._name}: {entry.path}", self._note_taken)
        reader: io.BufferedReader = io.BufferedReader(payload, _COPIED)
        self._reader = reader
        if self._sparse is None:
            return reader
        pieces = self._sparse.pieces
        if pieces is None:
            pieces = leading_map(lambda: reader.read(512))
        self._reader = io.BufferedReader(SparseReader(reader, self._sparse.size, pieces), _COPIED)
        return self._reader

    def _note_taken(self, count: int) -> None:
        self._left -= count

    def _close_payload(self) -> None:
        """Let nobody read on in a file whose turn is over."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _end(self, block: bytes) -> None:
        if not block:
            self._problems.add("", f"{self._name}: the archive has no end mark, it may be cut off")
        elif self._window.block() not in {b"", ZERO}:
            raise Unreadable("data after a single empty block")
        if self._at_end is not None:
            self._at_end()
        self.complete = True

    def _member(self, header: Header, block: bytes) -> Entry | None:
        """The entry a header begins; None for extensions and for names that are refused."""
        if header.flag in EXTENSIONS:
            self._extend(header)
            return None
        self._measure(header, block)
        path = tree_path(header.name)
        if path:
            return self._entry(path, header)
        if path is None:
            self._refuse(header.name)
        return None

    def _measure(self, header: Header, block: bytes) -> None:
        """Apply what extended headers said, and note how many bytes follow the header."""
        self._sparse = None
        if header.flag == b"S":
            self._sparse = old_gnu_map(block, self._window.block)
        if self._extensions or self._globals:
            self._sparse = self._extensions.apply(header, self._globals) or self._sparse
            self._extensions = Extensions()
        self._stored = 0 if header.flag in _WITHOUT_DATA else header.size
        self._left = (self._stored + 511) & ~511

    def _entry(self, path: str, header: Header) -> Entry | None:
        kind = _KINDS.get(header.flag, Kind.OTHER)
        if self._layer and ".wh." in path and (parts := path.rpartition("/"))[2].startswith(".wh."):
            return whiteout(parts[0], parts[2][4:])
        if kind is Kind.FILE:
            if header.flag == b"\0" and header.name[-1:] == b"/":
                return Entry(path, Kind.DIRECTORY, header.mode)
            return Entry(path, kind, header.mode, self._stored if self._sparse is None else self._sparse.size)
        if kind is Kind.SYMLINK:
            return Entry(path, kind, header.mode, 0, header.link.decode("utf-8", "surrogateescape"))
        if kind is Kind.HARDLINK:
            target = tree_path(header.link)
            if target:
                return Entry(path, kind, header.mode, 0, target)
            self._refuse(header.link)
            return None
        return Entry(path, kind, header.mode)

    def _refuse(self, name: bytes) -> None:
        self._problems.add("", f"{self._name}: the name {name[:200]!r} leads out of the archive")

    def _extend(self, header: Header) -> None:
        if header.size > self._limits.metadata_bytes:
            raise LimitExceeded(f"{self._name}: an extended header of {header.size} bytes")
        data = self._window.take((header.size + 511) & ~511)[: header.size]
        if header.flag == b"g":
            if not self._layer:
                self._globals.update(parse_records(data))
        else:
            self._extensions.add(header.flag, data)


def whiteout(directory: str, name: str) -> Entry | None:
    """What a layer's ``.wh.`` marker says; None for the other marks that AUFS left in layers.

    https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
    """
    if name == ".wh..opq":
        return Entry(directory, Kind.OPAQUE)
    if not name or name.startswith(".wh.") or name in {".", ".."}:
        return None
    return Entry(f"{directory}/{name}" if directory else name, Kind.WHITEOUT)


class Extensions:
    """What extended headers say about the next member."""

    __slots__ = ("_link", "_name", "_pairs", "_records")

    def __init__(self) -> None:
        self._name: bytes | None = None
        self._link: bytes | None = None
        self._records: dict[bytes, bytes] = {}
        self._pairs: list[bytes] = []

    def __bool__(self) -> bool:
        return bool(self._records or self._name is not None or self._link is not None)

    def add(self, flag: bytes, data: bytes) -> None:
        """Take in the data of a long name (L), long link (K) or extended header (x)."""
        if flag == b"L":
            self._name = data.partition(b"\0")[0]
        elif flag == b"K":
            self._link = data.partition(b"\0")[0]
        else:
            if not _RELEVANT.search(data):
                return
            for key, value in parse_records(data):
                self._records[key] = value
                if key in {b"GNU.sparse.offset", b"GNU.sparse.numbytes"}:
                    self._pairs.append(value)

    def apply(self, header: Header, defaults: Mapping[bytes, bytes]) -> SparseMap | None:
        """Overwrite what the header says; returns the map when the records make the member a sparse file."""
        records = {**defaults, **self._records} if defaults else self._records
        name = records.get(b"path")
        link = records.get(b"linkpath")
        header.name = self._name if self._name is not None else name or header.name
        header.link = self._link if self._link is not None else link or header.link
        if b"size" in records:
            header.size = _decimal(records[b"size"])
        sparse = pax_map(records, self._pairs)
        if sparse is not None:
            header.name = records.get(b"GNU.sparse.name", header.name)
        return sparse


def _decimal(text: bytes) -> int:
    if not text.isdigit() or len(text) > 19:
        raise Unreadable(f"impossible size {text[:20]!r}")
    return parse_size(b"%o" % int(text))


class Payload(ForwardReader):
    """The stored bytes of one member, in sequence; ``taken`` is told how many of them were used."""

    def __init__(self, window: Window, size: int, place: str, taken: Callable[[int], None]) -> None:
        super().__init__()
        self._window = window
        self._left = size
        self._place = place
        self._taken = taken

    def readinto(self, buffer: "Buffer", /) -> int:
        view = memoryview(buffer)[: self._left]
        if not view:
            return 0
        got = self._window.readinto(view)
        if not got:
            raise Unreadable(f"{self._place}: the archive ends inside")
        self._left -= got
        self._taken(got)
        return got
