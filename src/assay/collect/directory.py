"""A directory as a tree: everything below it, in a fixed order, without ever leaving it.

Links are shown, not followed. Below the root of a running or mounted system the pseudo file systems (``proc``, ``sys``,
``dev``) are left out: they hold no software, and reading them can block.
"""

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from assay.collect.limits import DEFAULT_LIMITS, Limits, Meter
from assay.collect.problem import ProblemList, TreeProblem
from assay.errors import Invalid, LimitExceeded, NotFound, Unreadable
from assay.model.tree import Entry, Kind

_PSEUDO = frozenset({"proc", "sys", "dev"})
_PSEUDO_TYPES = frozenset(
    "autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue nsfs proc"
    " pstore rpc_pipefs securityfs sysfs tracefs".split()
)
_SYSTEM_MARKS = ("etc", "usr", "proc", "sys", "dev")


class DirectoryTree:
    """The entries below ``root``. Opening goes through the directory once more and refuses anything but that file."""

    def __init__(self, root: str, *, limits: Limits = DEFAULT_LIMITS) -> None:
        try:
            status = Path(root).stat()
        except FileNotFoundError as error:
            raise NotFound(f"{root}: no such directory") from error
        except (OSError, ValueError) as error:
            raise Unreadable(f"{root}: {error}") from error
        if not stat.S_ISDIR(status.st_mode):
            raise Invalid(f"{root}: not a directory")
        self._root = root
        self._limits = limits
        self._problems = ProblemList()
        self._skipped = _pseudo_mounts(root)
        self.complete = False

    @property
    def problems(self) -> list[TreeProblem]:
        """Directories and files that could not be looked at so far."""
        return self._problems.items

    def entries(self) -> Iterator[Entry]:
        """A directory comes before what it holds; names are sorted by their bytes' order in each directory."""
        meter, count, self._problems = Meter(self._root, self._limits), 0, ProblemList()
        pending = [""]
        while pending:
            directory = pending.pop()
            below: list[str] = []
            for entry in self._list(directory):
                count += 1
                meter.check_entries(count)
                if entry.kind is Kind.DIRECTORY:
                    below.append(entry.path)
                yield entry
            below.reverse()
            pending += below
        self.complete = True

    def _list(self, directory: str) -> Iterator[Entry]:
        prefix = f"{directory}/" if directory else ""
        try:
            with os.scandir(os.path.join(self._root, directory) if directory else self._root) as found:
                children = sorted(found, key=_name)
        except (OSError, ValueError) as error:
            self._problems.add(directory, _reason(error))
            return
        for child in children:
            path = prefix + child.name
            if path in self._skipped:
                continue
            try:
                yield _entry(path, child)
            except OSError as error:
                self._problems.add(path, _reason(error))

    def open(self, entry: Entry, /) -> BinaryIO:
        """Read a file of the tree, at any time. Raises ``Unreadable``, or ``LimitExceeded`` for a file too large."""
        path = os.path.join(self._root, entry.path)
        if entry.kind is not Kind.FILE:
            raise Invalid(f"{path} is not a file")
        if entry.size > self._limits.file_size:
            raise LimitExceeded(f"{path} has {entry.size} bytes, at most {self._limits.file_size} are read")
        try:
            descriptor = _open_below(self._root, entry.path)
        except (OSError, ValueError) as error:
            raise Unreadable(f"{path}: {_reason(error)}") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Unreadable(f"{path}: changed while it was being read")
        return io.BufferedReader(io.FileIO(descriptor, "rb"))


def _open_below(root: str, path: str) -> int:
    """Open part by part, so that no link that took the place of a directory or file since it was listed leads out."""
    *parents, name = path.split("/")
    directory = os.open(root, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        for parent in parents:
            flags = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW
            below = os.open(parent, flags, dir_fd=directory)
            os.close(directory)
            directory = below
        # A pipe that took the file's place must not block.
        return os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
    finally:
        os.close(directory)


def _name(child: os.DirEntry[str]) -> str:
    return child.name


def _entry(path: str, child: os.DirEntry[str]) -> Entry:
    if child.is_symlink():
        return Entry(path, Kind.SYMLINK, 0o777, 0, os.readlink(child.path))  # noqa: PTH115  # bytes of the name must survive
    if child.is_dir(follow_symlinks=False):
        return Entry(path, Kind.DIRECTORY, 0o755)
    if child.is_file(follow_symlinks=False):
        status = child.stat(follow_symlinks=False)
        return Entry(path, Kind.FILE, status.st_mode & 0o7777, status.st_size)
    return Entry(path, Kind.OTHER)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _pseudo_mounts(root: str) -> frozenset[str]:
    """Paths below ``root`` not to enter: pseudo file systems by the mount table, and by name below a system's root."""
    skipped: set[str] = set()
    real = os.path.realpath(root)
    prefix = real.rstrip("/") + "/"
    try:
        with open("/proc/self/mounts", "rb") as table:
            for line in table.read(4 << 20).splitlines():
                fields = line.split(b" ")
                if len(fields) > 2 and fields[2].decode("ascii", "replace") in _PSEUDO_TYPES:
                    where = os.fsdecode(fields[1].decode("unicode_escape").encode("latin-1"))
                    if where.startswith(prefix):
                        skipped.add(where[len(prefix) :])
    except (OSError, UnicodeError):
        skipped.clear()
    if all(Path(root, mark).is_dir() for mark in _SYSTEM_MARKS):
        skipped |= _PSEUDO
    return frozenset(skipped)
