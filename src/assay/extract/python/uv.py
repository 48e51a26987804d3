"""``uv.lock``: https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile.

The file does not mark development packages, but it holds the graph: what is reached from the workspace's own
packages without their ``dev-dependencies`` is needed to run, what is reached only through them is not.
"""

from collections.abc import Iterable, Iterator

from assay.extract.contract import Fact, Wants
from assay.extract.listing import Listing
from assay.extract.python.toml_document import MAX_TOML, Table, read_toml, table, tables
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_LOCAL = ("virtual", "editable", "directory", "workspace")

Member = tuple[str, str, Table]


class UvLock:
    """One package per ``[[package]]`` but the project itself, whose name and version are its own affair."""

    name = "python-uv"
    version = 1
    wants = Wants(names=frozenset({"uv.lock"}))
    max_size = MAX_TOML
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        listing = Listing(self.name, Ecosystem.PYPI, file.path)
        members = list(tables(read_toml(file.read()), "package", listing))
        graph = _Graph(members)
        for name, version, package in members:
            source = table(package.get("source"))
            if source.get("virtual") != "." and source.get("editable") != ".":
                listing.add(name, version, dev=name in graph.development, direct=graph.direct(name))
        yield from listing.facts()


class _Graph:
    """Which package names the workspace needs directly, and which only for development."""

    def __init__(self, members: Iterable[Member]) -> None:
        self._needs: dict[str, set[str]] = {}
        roots: set[str] = set()
        first: set[str] = set()
        for name, _version, package in members:
            needed = _names(package.get("dependencies")) | _grouped(package.get("optional-dependencies"))
            self._needs.setdefault(name, set()).update(needed)
            if any(kind in table(package.get("source")) for kind in _LOCAL):
                roots.add(name)
                first |= _grouped(package.get("dev-dependencies"))
        self._first = first.union(*(self._needs[root] for root in roots))
        self._known = bool(roots)
        running = self._reached(roots)
        self.development = self._reached(first) - running

    def direct(self, name: str) -> bool | None:
        return name in self._first if self._known else None

    def _reached(self, start: Iterable[str]) -> set[str]:
        reached: set[str] = set()
        waiting = list(start)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting.extend(self._needs.get(name, ()))
        return reached


def _names(dependencies: object) -> set[str]:
    if not isinstance(dependencies, list):
        return set()
    names = (table(dependency).get("name") for dependency in dependencies)
    return {name for name in names if isinstance(name, str)}


def _grouped(groups: object) -> set[str]:
    return set[str]().union(*(_names(group) for group in table(groups).values()))
