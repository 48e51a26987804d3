"""What a readable root looks like from the inside: entries, and the files an extractor is given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol


class Kind(StrEnum):
    """What an entry of a tree is."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    WHITEOUT = "whiteout"
    OPAQUE = "opaque"
    OTHER = "other"


@dataclass(slots=True)
class Entry:
    """One name in a tree.

    ``path`` has no leading slash, no ``.`` or ``..`` parts and ``/`` between its parts. ``link`` is the target as
    written (a symbolic link's text, a hard link's path inside the same tree, normalised like ``path``). For
    WHITEOUT and OPAQUE ``path`` is the name that is deleted or the directory whose older content is hidden.
    """

    path: str
    kind: Kind
    mode: int = 0
    size: int = 0
    link: str = ""


class Tree(Protocol):
    """One layer, one directory, one disk or one archive; streamed, so an entry's bytes are there only in its turn."""

    def entries(self) -> Iterator[Entry]:
        """Every entry once, in the tree's own order."""

    def open(self, entry: Entry, /) -> BinaryIO:
        """Read the FILE that ``entries`` yielded last; the reader may lack ``seek`` and dies with the next entry."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file given to an extractor: opened, limited and closed by the caller."""

    path: str
    size: int
    opener: Callable[[], BinaryIO]
    mode: int = 0
    siblings: Callable[[str], "SourceFile | None"] = lambda _path: None

    def open(self) -> BinaryIO:
        """A seekable reader positioned at the start."""
        return self.opener()

    def read(self) -> bytes:
        """The whole content; files over the caller's limit never come this far."""
        with self.opener() as file:
            return file.read()

    def sibling(self, path: str) -> "SourceFile | None":
        """Another kept file of the same tree by its full path; only extractors that ask for siblings have any."""
        return self.siblings(path)
