"""``bun.lock``: https://bun.com/docs/pm/lockfile, JSON with trailing commas.

``packages`` maps a place in the tree (``parent/name``) to a tuple whose first member is ``name@version`` or
``name@source``; the object in it lists what the package needs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from assay.extract.contract import Fact, Wants
from assay.extract.javascript.spec import split_spec, version_or_none
from assay.extract.jsonc import ARRAY, NOTHING, keys, part, read_jsonc, text
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_WORKSPACE = "workspace:"
_LONGEST_PLACE = 512
_MAX_STEPS = 1_000_000


class _Needs(msgspec.Struct):
    name: msgspec.Raw = NOTHING
    version: msgspec.Raw = NOTHING
    dependencies: msgspec.Raw = NOTHING
    optionalDependencies: msgspec.Raw = NOTHING  # noqa: N815  the file's own spelling
    peerDependencies: msgspec.Raw = NOTHING  # noqa: N815
    devDependencies: msgspec.Raw = NOTHING  # noqa: N815


class _Lock(msgspec.Struct):
    packages: dict[str, msgspec.Raw]
    workspaces: dict[str, _Needs] = {}


_LOCK = msgspec.json.Decoder(_Lock)
_NEEDS = msgspec.json.Decoder(_Needs)


class BunLock:
    """One package per tuple; needed only for development when only ``devDependencies`` of a workspace lead to it."""

    name = "bun-lock"
    version = 1
    wants = Wants(names=frozenset({"bun.lock"}), pattern=re.compile(r"^(?!(?:.*/)?node_modules/)"))
    max_size = 16 << 20
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        listing = Listing(self.name, Ecosystem.NPM, file.path)
        lock = read_jsonc(file.read(), _LOCK)
        specs: dict[str, str] = {}
        needs: dict[str, list[str]] = {}
        for place, raw in lock.packages.items():
            members = part(raw, ARRAY) or []
            spec = text(members[0]) if members else ""
            if not spec or len(place) > _LONGEST_PLACE:
                listing.reject(place[:80])
                continue
            specs[place] = spec
            needs[place] = _needed(members)
        graph = _Graph(lock.workspaces, needs)
        for place, spec in specs.items():
            name, version = split_spec(spec)
            if version.startswith(_WORKSPACE):
                workspace = lock.workspaces.get(version.removeprefix(_WORKSPACE))
                version = text(workspace.version) if workspace else ""
            listing.add(
                name,
                version_or_none(version),
                dev=place in graph.development,
                direct=place in graph.direct if lock.workspaces else None,
            )
        yield from listing.facts()


class _Graph:
    """Which places the workspaces need directly, and which only for development.

    Looking places up stops after ``_MAX_STEPS``, which only a hostile file needs; then nothing is marked.
    """

    def __init__(self, workspaces: Mapping[str, _Needs], needs: Mapping[str, list[str]]) -> None:
        self._needs = needs
        self._steps = 0
        running: list[tuple[str, str]] = []
        development: list[tuple[str, str]] = []
        for workspace in workspaces.values():
            place = text(workspace.name)[:_LONGEST_PLACE]
            running.extend((place, name) for name in _names(workspace))
            development.extend((place, name) for name in keys(workspace.devDependencies))
        self.direct = frozenset(filter(None, (self._place(*start) for start in running + development)))
        runs = self._reached(running)
        self.development = self._reached(development) - runs
        if self._steps > _MAX_STEPS:
            self.development = set()

    def _reached(self, starts: Iterable[tuple[str, str]]) -> set[str]:
        reached: set[str] = set()
        waiting = list(starts)
        while waiting and self._steps <= _MAX_STEPS:
            place = self._place(*waiting.pop())
            if place and place not in reached:
                reached.add(place)
                waiting.extend((place, name) for name in self._needs[place])
        return reached

    def _place(self, parent: str, name: str) -> str:
        """Where ``parent`` finds ``name``: below itself, else below what is above it; "" when nowhere."""
        while parent:
            self._steps += 1
            if self._steps > _MAX_STEPS:
                return ""
            if f"{parent}/{name}" in self._needs:
                return f"{parent}/{name}"
            parent = _above(parent)
        return name if name in self._needs else ""


def _above(place: str) -> str:
    """The place one level up; a scoped name is one level."""
    above = place.rpartition("/")[0]
    rest, _, last = above.rpartition("/")
    return rest if last.startswith("@") else above


def _needed(members: list[msgspec.Raw]) -> list[str]:
    for member in members[1:]:
        needs = part(member, _NEEDS)
        if needs is not None:
            return _names(needs)
    return []


def _names(needs: _Needs) -> list[str]:
    return [
        name
        for group in (needs.dependencies, needs.optionalDependencies, needs.peerDependencies)
        for name in keys(group)
    ]
