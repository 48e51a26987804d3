"""One pass over a tree: every wanted file goes to its extractors, their facts become an analysis.

An analysis depends on nothing but the tree's content and the extractors' versions, so it can be cached by the layer's
digest and merged with other layers later.
"""

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

from assay.errors import LimitExceeded, Unreadable
from assay.extract.contract import Extractor, OsRelease, Ownership, Problem
from assay.extract.dispatch import Dispatch
from assay.extract.readable import is_plain, readable, utf8
from assay.model.component import Package
from assay.model.inventory import ExtractError
from assay.model.tree import Entry, Kind, SourceFile, Tree

WALK_VERSION = 2
"""Raise it when the walk itself changes what an analysis holds."""

_IN_MEMORY = 24 << 20
_KEPT_FOR_SIBLINGS = 128 << 20


@dataclass(frozen=True, slots=True)
class OwnedFiles:
    """Files of one OS package, as stated by the package database file at ``path``."""

    path: str
    owner: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one tree says. ``removed`` and ``opaque`` hide names of older layers, ``names`` are all its own
    non-directories and ``directories`` its directories (both empty when the tree is not a layer), ``links`` its
    symbolic links to directories or files. ``complete`` is False when the same bytes may give more another time: the
    tree broke off, this machine had no room, or an extractor failed.
    """

    packages: tuple[Package, ...] = ()
    owned: tuple[OwnedFiles, ...] = ()
    releases: tuple[OsRelease, ...] = ()
    errors: tuple[ExtractError, ...] = ()
    removed: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()
    links: dict[str, str] = field(default_factory=dict)
    complete: bool = True


def analyze(
    tree: Tree, dispatch: Dispatch, *, layered: bool, again: Callable[[], AbstractContextManager[Tree]]
) -> Analysis:
    """Read the tree once. ``layered`` keeps what merging with other layers needs.

    ``again`` opens the same tree anew; it is needed only where a wanted name is a link to a file that nobody wanted
    under its own name. A tree that breaks off keeps what was read; the break is an error of the analysis.
    """
    walk = _Walk(tree, dispatch)
    try:
        for entry in tree.entries():
            walk.take(entry, layered=layered)
    except LimitExceeded as error:
        walk.broken(str(error), "limit")
    except Unreadable as error:
        walk.broken(str(error), "unreadable")
    walk.extract_kept()
    walk.follow_links(again)
    return walk.analysis()


_Found = Package | OwnedFiles | OsRelease | ExtractError


class _Walk:
    """The state of one pass. Facts are kept by the file that states them: a name may come again in an archive, and
    then only its last content counts.
    """

    def __init__(self, tree: Tree, dispatch: Dispatch) -> None:
        self.tree = tree
        self.dispatch = dispatch
        self.facts: dict[str, list[_Found]] = {}
        self.complete = True
        self.removed: list[str] = []
        self.opaque: list[str] = []
        self.names: list[str] = []
        self.directories: list[str] = []
        self.links: dict[str, str] = {}
        self._kept: dict[str, tuple[SourceFile, tuple[Extractor, ...]]] = {}
        self._kept_bytes = 0
        self._wanted_links: dict[str, tuple[str, tuple[Extractor, ...]]] = {}

    def broken(self, message: str, kind: str) -> None:
        """The tree breaks off here."""
        self._note("", ExtractError("root", "", message, kind=kind))
        self.complete = False

    def take(self, entry: Entry, *, layered: bool) -> None:
        kind = entry.kind
        if kind is Kind.WHITEOUT:
            self.removed.append(entry.path)
            return
        if kind is Kind.OPAQUE:
            self.opaque.append(entry.path)
            return
        path = entry.path
        if path in self.facts or path in self._kept or path in self.links or path in self._wanted_links:
            self._forget(path)
        if layered:
            (self.directories if kind is Kind.DIRECTORY else self.names).append(path)
        if kind is Kind.FILE:
            wanting = self.dispatch.by_path(path)
            if wanting or self.dispatch.magic_applies(path, entry.mode, entry.size):
                self._read(entry, wanting)
        elif kind is Kind.SYMLINK:
            self.links[path] = entry.link
            self._note_link(path, _resolve(path, entry.link))
        elif kind is Kind.HARDLINK:
            self._note_link(path, entry.link)

    def _forget(self, path: str) -> None:
        self.facts.pop(path, None)
        self.links.pop(path, None)
        self._wanted_links.pop(path, None)
        kept = self._kept.pop(path, None)
        if kept:
            self._kept_bytes -= kept[0].size

    def _note(self, path: str, fact: _Found) -> None:
        self.facts.setdefault(path, []).append(fact)

    def _note_link(self, path: str, target: str) -> None:
        wanting = self.dispatch.by_path(path)
        if wanting and target:
            self._wanted_links[path] = (target, wanting)

    def _read(self, entry: Entry, wanting: tuple[Extractor, ...]) -> None:
        try:
            with self.tree.open(entry) as reader:
                if self.dispatch.magic_applies(entry.path, entry.mode, entry.size):
                    start = reader.read(self.dispatch.magic_length)
                    wanting = tuple(dict.fromkeys(wanting + self.dispatch.by_magic(entry.path, entry.size, start)))
                else:
                    start = b""
                wanting = self._within_limits(entry, wanting)
                if not wanting:
                    return
                if reader.seekable():
                    self._give(entry, wanting, lambda: self.tree.open(entry))
                else:
                    self._give(entry, wanting, _buffered(start, reader, entry))
        except Unreadable as error:
            kind = "limit" if isinstance(error, LimitExceeded) else "unreadable"
            self._note(entry.path, ExtractError("root", entry.path, str(error), kind=kind))
        except OSError as error:
            self._note(entry.path, ExtractError("root", entry.path, f"cannot be read: {error.strerror}"))
            self.complete = False

    def _within_limits(self, entry: Entry, wanting: tuple[Extractor, ...]) -> tuple[Extractor, ...]:
        fitting = []
        for extractor in wanting:
            if entry.size <= extractor.max_size:
                fitting.append(extractor)
            else:
                message = f"{entry.size} bytes, more than the {extractor.max_size} that are read of such files"
                self._note(entry.path, ExtractError(extractor.name, entry.path, message, kind="limit"))
        return tuple(fitting)

    def _give(self, entry: Entry, wanting: tuple[Extractor, ...], opener: Callable[[], BinaryIO]) -> None:
        later = tuple(extractor for extractor in wanting if extractor.needs_siblings)
        file = SourceFile(entry.path, entry.size, opener, entry.mode)
        for extractor in wanting:
            if extractor not in later:
                self._extract(extractor, file)
        if later:
            self._keep(file, later)

    def _keep(self, file: SourceFile, wanting: tuple[Extractor, ...]) -> None:
        if self._kept_bytes + file.size > _KEPT_FOR_SIBLINGS:
            for extractor in wanting:
                message = "too many manifests to keep side by side"
                self._note(file.path, ExtractError(extractor.name, file.path, message, kind="limit"))
            return
        data = file.read()
        self._kept_bytes += len(data)
        kept = SourceFile(file.path, len(data), lambda: io.BytesIO(data), file.mode, self._sibling)
        self._kept[file.path] = (kept, wanting)

    def _sibling(self, path: str) -> SourceFile | None:
        found = self._kept.get(path)
        return found[0] if found else None

    def extract_kept(self) -> None:
        for file, wanting in self._kept.values():
            for extractor in wanting:
                self._extract(extractor, file)

    def follow_links(self, again: Callable[[], AbstractContextManager[Tree]]) -> None:
        """Read the targets of wanted links whose own names nobody wanted; they need a second pass over the tree."""
        targets: dict[str, list[tuple[str, tuple[Extractor, ...]]]] = {}
        for path, (target, wanting) in self._wanted_links.items():
            missing = tuple(e for e in wanting if e not in self.dispatch.by_path(target))
            if missing and target not in self.links:
                targets.setdefault(target, []).append((path, missing))
        if not targets:
            return
        try:
            with again() as tree:
                for entry in tree.entries():
                    if entry.kind is Kind.FILE and entry.path in targets:
                        self._read_as(tree, entry, targets.pop(entry.path))
                        if not targets:
                            return
        except Unreadable as error:
            if self.complete:  # else the first pass has reported it
                self.broken(f"when read again: {error}", "unreadable")

    def _read_as(self, tree: Tree, entry: Entry, names: list[tuple[str, tuple[Extractor, ...]]]) -> None:
        wanting = self._within_limits(entry, tuple(dict.fromkeys(e for _, extractors in names for e in extractors)))
        if not wanting:
            return
        try:
            with tree.open(entry) as reader:
                data = reader.read(entry.size)
        except (Unreadable, OSError) as error:
            self._note(entry.path, ExtractError("root", entry.path, f"cannot be read as a link's target: {error}"))
            return
        for path, extractors in names:
            file = SourceFile(path, len(data), lambda: io.BytesIO(data), entry.mode, self._sibling)
            for extractor in extractors:
                if extractor in wanting:
                    self._extract(extractor, file)

    def _extract(self, extractor: Extractor, file: SourceFile) -> None:
        try:
            for fact in extractor.extract(file):
                if isinstance(fact, Ownership):
                    files = tuple(path for path in fact.paths if self.dispatch.may_hold_packages(path))
                    if files:
                        self._note(file.path, OwnedFiles(file.path, fact.owner, files))
                elif isinstance(fact, Problem):
                    self._fail(extractor, file, fact.message, fact.kind)
                else:
                    self._note(file.path, fact)
        except LimitExceeded as error:
            self._fail(extractor, file, str(error), "limit")
        except Unreadable as error:
            self._fail(extractor, file, str(error), "unreadable")
        except OSError as error:
            self._fail(extractor, file, f"cannot be read: {error}", "unreadable")
            self.complete = False
        except MemoryError:
            self._fail(extractor, file, "not enough memory", "limit")
            self.complete = False
        except Exception as error:  # noqa: BLE001  a defect in one extractor must not cost the rest of the scan
            self._fail(extractor, file, f"defect in this extractor: {type(error).__name__}: {error}", "defect")
            self.complete = False

    def _fail(self, extractor: Extractor, file: SourceFile, message: str, kind: str) -> None:
        self._note(file.path, ExtractError(extractor.name, file.path, message, kind=kind))

    def analysis(self) -> Analysis:
        """What was found, as text that every document can hold."""
        packages, owned, releases, errors = [], [], [], []
        for fact in chain.from_iterable(self.facts.values()):
            if isinstance(fact, Package):
                packages.append(fact if is_plain(fact) else readable(fact))
            elif isinstance(fact, OwnedFiles):
                owned.append(readable(fact))
            elif isinstance(fact, OsRelease):
                releases.append(readable(fact))
            else:
                errors.append(readable(fact))
        return Analysis(
            packages=tuple(packages),
            owned=tuple(owned),
            releases=tuple(releases),
            errors=tuple(errors),
            removed=tuple(map(utf8, self.removed)),
            opaque=tuple(map(utf8, self.opaque)),
            names=tuple(map(utf8, self.names)),
            directories=tuple(map(utf8, self.directories)),
            links={utf8(path): utf8(target) for path, target in self.links.items()},
            complete=self.complete,
        )


def _buffered(start: bytes, reader: BinaryIO, entry: Entry) -> Callable[[], BinaryIO]:
    """Take the rest of a stream that cannot seek: into memory, or into a temporary file when it is large."""
    if entry.size <= _IN_MEMORY:
        data = start + reader.read()
        _check_length(len(data), entry)
        return lambda: io.BytesIO(data)
    spool = tempfile.NamedTemporaryFile(prefix="assay-")  # noqa: SIM115  deleted with the last opener that holds it
    spool.write(start)
    for chunk in _chunks(reader):
        spool.write(chunk)
    _check_length(spool.tell(), entry)
    spool.flush()

    def reopen() -> BinaryIO:
        return open(spool.name, "rb")

    return reopen


def _check_length(length: int, entry: Entry) -> None:
    if length < entry.size:
        raise Unreadable(f"breaks off after {length} of {entry.size} bytes")


def _chunks(reader: BinaryIO) -> Iterator[bytes]:
    while chunk := reader.read(1 << 20):
        yield chunk


def _resolve(path: str, link: str) -> str:
    """The path a symbolic link points to, inside the root: ``..`` never leaves it."""
    parts = [] if link.startswith("/") else path.split("/")[:-1]
    for part in link.split("/"):
        if part == "..":
            if parts:
                parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
