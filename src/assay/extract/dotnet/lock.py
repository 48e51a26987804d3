"""NuGet's lock file and the restore result: ``packages.lock.json`` and ``obj/project.assets.json``.

https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files#locking-dependencies
"""

from collections.abc import Iterator

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.jsonc import NOTHING, OBJECT, part, read_json, text
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile


class _Lock(msgspec.Struct):
    dependencies: msgspec.Raw = NOTHING


class _Locked(msgspec.Struct):
    kind: msgspec.Raw = msgspec.field(name="type", default=NOTHING)
    resolved: msgspec.Raw = NOTHING


class _Assets(msgspec.Struct):
    libraries: msgspec.Raw = NOTHING
    project: msgspec.Raw = NOTHING


class _Library(msgspec.Struct):
    kind: msgspec.Raw = msgspec.field(name="type", default=NOTHING)


class _Project(msgspec.Struct):
    frameworks: msgspec.Raw = NOTHING


class _Framework(msgspec.Struct):
    dependencies: msgspec.Raw = NOTHING


class _Asked(msgspec.Struct):
    private: msgspec.Raw = msgspec.field(name="suppressParent", default=NOTHING)


_LOCK = msgspec.json.Decoder(_Lock)
_LOCKED = msgspec.json.Decoder(_Locked)
_ASSETS = msgspec.json.Decoder(_Assets)
_LIBRARY = msgspec.json.Decoder(_Library)
_PROJECT = msgspec.json.Decoder(_Project)
_FRAMEWORK = msgspec.json.Decoder(_Framework)
_ASKED = msgspec.json.Decoder(_Asked)


class NugetLock:
    """The packages of ``packages.lock.json``; projects in it are not packages."""

    name = "nuget-lock"
    version = 1
    wants = Wants(names=frozenset({"packages.lock.json"}))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        frameworks = part(read_json(file.read(), _LOCK).dependencies, OBJECT)
        if frameworks is None:
            raise Unreadable("packages.lock.json without dependencies")
        listing = Listing(self.name, Ecosystem.NUGET, file.path)
        for framework in frameworks.values():
            for name, raw in (part(framework, OBJECT) or {}).items():
                locked = part(raw, _LOCKED) or _Locked()
                kind = text(locked.kind).lower()
                if kind != "project":
                    listing.add(name, text(locked.resolved), direct=kind == "direct")
        yield from listing.facts()


class NugetAssets:
    """The packages of ``project.assets.json``; those that the project keeps to itself are for development."""

    name = "nuget-assets"
    version = 1
    wants = Wants(names=frozenset({"project.assets.json"}))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        document = read_json(file.read(), _ASSETS)
        libraries = part(document.libraries, OBJECT)
        if libraries is None:
            raise Unreadable("project.assets.json without libraries")
        asked = _asked_for(document.project)
        listing = Listing(self.name, Ecosystem.NUGET, file.path)
        for key, raw in libraries.items():
            if text((part(raw, _LIBRARY) or _Library()).kind) != "package":
                continue
            name, _, version = key.partition("/")
            private = asked.get(name.lower())
            listing.add(name, version, dev=private is True, direct=private is not None)
        yield from listing.facts()


def _asked_for(project: msgspec.Raw) -> dict[str, bool]:
    """Whether the project keeps it to itself, by the lower-case name of each package that it asks for."""
    asked: dict[str, bool] = {}
    frameworks = part((part(project, _PROJECT) or _Project()).frameworks, OBJECT) or {}
    for raw in frameworks.values():
        dependencies = part((part(raw, _FRAMEWORK) or _Framework()).dependencies, OBJECT) or {}
        for name, dependency in dependencies.items():
            private = text((part(dependency, _ASKED) or _Asked()).private).lower() == "all"
            asked[name.lower()] = private and asked.get(name.lower(), True)
    return asked
