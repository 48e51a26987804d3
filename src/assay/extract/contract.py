"""The seam between the walk over a root and the extractors: what they want, what they are given, what they yield."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from assay.model.component import Package
from assay.model.inventory import OperatingSystem
from assay.model.tree import SourceFile


@dataclass(frozen=True, slots=True)
class Wants:
    """Which files an extractor reads, as data, so that one dispatch table serves all extractors.

    A file is a candidate when its base name is in ``names``, its last extension (with the dot, lower case) in
    ``extensions``, its parent directory in ``directories``, its full path in ``paths``, or its first bytes start
    with one of ``magic`` (looked at only for regular files of at least ``magic_size`` bytes that are executable or
    have no extension). Where ``pattern`` is given, a candidate's full path must also match it (``re.search``).
    """

    names: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    directories: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    magic: tuple[bytes, ...] = ()
    magic_size: int = 0
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Ownership:
    """Files that an OS package put there: full paths relative to the root, as the package database writes them
    (without the leading slash; links in directories such as ``lib`` -> ``usr/lib`` are resolved by the merge).
    """

    owner: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OsRelease:
    """One file's word on the operating system; of several the lowest ``rank`` wins (0 = etc/os-release)."""

    os: OperatingSystem
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Part of a file that could not be read, where the rest could; ``kind`` as in ``ExtractError``."""

    message: str
    kind: str = "unreadable"


Fact = Package | Ownership | OsRelease | Problem


class Extractor(Protocol):
    """One package database or manifest family.

    ``name`` is stable and unique (``dpkg``, ``python-installed``); raising ``version`` makes cached results stale.
    ``extract`` yields what the file states and raises ``Unreadable`` where the file is not what its name claims;
    what was yielded before is kept. It must survive any bytes: nothing but ``Unreadable`` may leave it, memory and
    time stay proportional to the file. Packages carry no ``layer`` and no ``owner``, and OS packages no ``scope``:
    the merge sets them. ``max_size`` bounds the files it is given, in bytes. With ``needs_siblings`` the file's
    ``sibling(path)`` reaches all other files of the same tree that the same extractor wants.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def wants(self) -> Wants: ...
    @property
    def max_size(self) -> int: ...
    @property
    def needs_siblings(self) -> bool: ...
    def extract(self, file: SourceFile, /) -> Iterator[Fact]: ...


MANIFEST = 64 << 20
"""Usual ``max_size`` of text manifests and lock files."""
DATABASE = 512 << 20
"""Usual ``max_size`` of package databases and archives."""
PROGRAM = 2 << 30
"""Usual ``max_size`` of executables, of which only the parts that matter are read; some exceed half a gigabyte."""
