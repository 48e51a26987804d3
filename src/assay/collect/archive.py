"""Archives as roots: function packages, jars and other zip files, and tars with any compression.

Nothing is unpacked to disk. A zip's entries can be opened at any time; a tar's only in their turn.
"""

import io
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from assay.collect.compression import Compression, Decompressed, StepwiseReader, decompressed, detect, zstd_reader
from assay.collect.limits import DEFAULT_LIMITS, Limits, Meter
from assay.collect.problem import ProblemList, ReadableTree, TreeProblem
from assay.collect.stream import FileSlice, ForwardReader, Reader
from assay.collect.tarwalk import TarTree
from assay.collect.treepath import tree_path
from assay.collect.zipdirectory import CentralDirectory, Record
from assay.errors import Invalid, LimitExceeded, Unreadable
from assay.model.tree import Entry, Kind

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_LONGEST_LINK = 4096
_SEPARATED_BY_BACKSLASH = frozenset({0, 10, 11})


@contextmanager
def open_archive_tree(path: str, limits: Limits = DEFAULT_LIMITS) -> Iterator[ReadableTree]:
    """The content of the zip or tar at ``path``; it can be walked more than once. Raises ``Unreadable`` when it is
    neither.
    """
    with FileSlice(path) as source:
        head = source.read_at(0, 512)
        if head[257:262] == b"ustar" or detect(head) is not Compression.NONE:
            yield TarFileTree(path, limits=limits)
        else:
            yield ZipTree(source, path, limits=limits)


class TarFileTree:
    """The entries of a tar file with any compression, read anew from the front each time ``entries`` is called."""

    def __init__(self, path: str, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self._path = path
        self._limits = limits
        self._tree: TarTree | None = None

    @property
    def problems(self) -> Sequence[TreeProblem]:
        """What could not be shown so far."""
        return self._tree.problems if self._tree else ()

    @property
    def complete(self) -> bool:
        """Whether the archive was read to its end."""
        return self._tree is not None and self._tree.complete

    def entries(self) -> Iterator[Entry]:
        """The members in the archive's order; a name may come more than once, the last one counts."""
        with FileSlice(self._path) as source:
            reader: Reader = source
            if detect(source.read_at(0, 6)) is not Compression.NONE:
                reader = decompressed(source, self._path, Meter(self._path, self._limits))
            self._tree = TarTree(reader, self._path, limits=self._limits)
            yield from self._tree.entries()

    def open(self, entry: Entry, /) -> BinaryIO:
        """Read the file that was yielded last."""
        if self._tree is None:
            raise Invalid(f"{self._path}: {entry.path} is not the file that was yielded last")
        return self._tree.open(entry)


class ZipTree:
    """The entries of a zip file in the order of its central directory; a name may come more than once."""

    def __init__(self, source: FileSlice, name: str, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self._source = source
        self._name = name
        self._limits = limits
        self._directory = CentralDirectory(source, name, limits)
        self._overlapping = self._directory.overlapping()
        self._problems = ProblemList()
        self._current: tuple[Entry, Record, int] | None = None
        self._meter = Meter(name, limits)
        self.complete = False

    @property
    def problems(self) -> list[TreeProblem]:
        """What could not be shown so far."""
        return self._problems.items

    def entries(self) -> Iterator[Entry]:
        """Names that lead out are refused; entries that share data with others are listed but cannot be opened."""
        encrypted, self._problems = 0, ProblemList()
        for number, record in enumerate(self._directory.records()):
            self._meter.check_entries(number)
            encrypted += record.is_encrypted
            path = self._path(record)
            if path:
                entry = self._entry(path, record, number)
                self._current = (entry, record, number)
                yield entry
        self._current = None
        if encrypted:
            self._problems.add("", f"{self._name}: {encrypted} entries are encrypted and cannot be read")
        self.complete = True

    def open(self, entry: Entry, /) -> BinaryIO:
        """Read the file that was yielded last. Raises ``Unreadable`` where size, checksum or headers do not agree."""
        if self._current is None or entry is not self._current[0] or entry.kind is not Kind.FILE:
            raise Invalid(f"{self._name}: {entry.path} is not the file that was yielded last")
        if entry.size > self._limits.file_size:
            raise LimitExceeded(f"{self._name}: {entry.path} has {entry.size} bytes, {self._limits.file_size} are read")
        return self._opened(self._current[1], self._current[2], entry.path)

    def _path(self, record: Record) -> str | None:
        name = record.name
        if b"\\" in name and record.system in _SEPARATED_BY_BACKSLASH:
            name = name.replace(b"\\", b"/")
        path = tree_path(name)
        if path is None:
            self._problems.add("", f"{self._name}: the name {name[:200]!r} leads out of the archive")
        return path

    def _entry(self, path: str, record: Record, number: int) -> Entry:
        mode = record.mode & 0o7777
        if record.name[-1:] in {b"/", b"\\"} or stat.S_ISDIR(record.mode):
            return Entry(path, Kind.DIRECTORY, mode)
        if stat.S_ISLNK(record.mode):
            return self._link(path, record, number)
        if stat.S_IFMT(record.mode) in {0, stat.S_IFREG}:
            return Entry(path, Kind.FILE, mode, record.size)
        return Entry(path, Kind.OTHER, mode)

    def _link(self, path: str, record: Record, number: int) -> Entry:
        """A symbolic link: its text is its content."""
        try:
            if record.size > _LONGEST_LINK:
                raise LimitExceeded(f"a link of {record.size} bytes")
            with self._opened(record, number, path) as file:
                return Entry(path, Kind.SYMLINK, 0o777, 0, file.read().decode("utf-8", "surrogateescape"))
        except Unreadable as error:
            self._problems.add(path, str(error), "limit" if isinstance(error, LimitExceeded) else "unreadable")
            return Entry(path, Kind.OTHER)

    def _opened(self, record: Record, number: int, path: str) -> BinaryIO:
        place = f"{self._name}: {path}"
        if record.is_encrypted:
            raise Unreadable(f"{place}: is encrypted")
        if number in self._overlapping:
            raise LimitExceeded(f"{place}: shares its data with other entries")
        opener = _METHODS.get(record.method)
        if opener is None:
            raise Unreadable(f"{place}: compression method {record.method} is not known")
        try:
            start = self._directory.data_at(record)
        except Unreadable as error:
            raise Unreadable(f"{place}: {error}") from error
        part = self._source.part(start, record.packed)
        packed: io.BufferedReader = io.BufferedReader(part, min(max(record.packed, 1), 256 << 10))
        plain = Decompressed(opener(packed), part, place, Meter(place, self._limits))
        return io.BufferedReader(_Checked(plain, record, place), 64 << 10)


class _Checked(ForwardReader):
    """Passes an entry's bytes on and compares their number and checksum with what the directory says."""

    def __init__(self, plain: Decompressed, record: Record, place: str) -> None:
        super().__init__()
        self._plain = plain
        self._left = record.size
        self._crc = record.crc
        self._found = 0
        self._place = place

    def readinto(self, buffer: "Buffer", /) -> int:
        view = memoryview(buffer)
        if not view:
            return 0
        count = self._plain.readinto(view)
        self._left -= count
        self._found = zlib.crc32(view[:count], self._found)
        if self._left < 0 or (not count and self._left):
            raise Unreadable(f"{self._place}: has another size than the directory says")
        if not count and self._found != self._crc:
            raise Unreadable(f"{self._place}: has another checksum than the directory says")
        return count

    def close(self) -> None:
        self._plain.close()
        super().close()


def _deflate(packed: io.BufferedReader) -> Reader:
    from isal import igzip_lib

    return StepwiseReader(packed, lambda: igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE), again=False)


def _bzip2(packed: io.BufferedReader) -> Reader:
    from bz2 import BZ2Decompressor

    return StepwiseReader(packed, BZ2Decompressor, again=False)


_METHODS: dict[int, Callable[[io.BufferedReader], Reader]] = {
    0: lambda packed: packed,
    8: _deflate,
    12: _bzip2,
    93: zstd_reader,
}
