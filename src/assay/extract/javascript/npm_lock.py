"""npm's lock files: ``package-lock.json``, ``npm-shrinkwrap.json`` and the hidden one inside ``node_modules``.

https://docs.npmjs.com/cli/v10/configuring-npm/package-lock-json. Versions 2 and 3 have a flat ``packages`` map by
path, version 1 a nested ``dependencies`` tree. Where both files lie side by side npm reads only the shrinkwrap.
Lock files that packages ship are ignored by npm, so those below ``node_modules`` do not count.
"""

import re
from collections.abc import Iterator

import msgspec

from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.javascript.spec import name_in_path, version_or_none, without_alias
from assay.extract.jsonc import NOTHING, keys, part, read_json, text
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_MODULES = "node_modules/"


class _Lock(msgspec.Struct):
    packages: dict[str, msgspec.Raw] | None = None
    dependencies: msgspec.Raw = NOTHING


class _Entry(msgspec.Struct):
    name: str = ""
    version: str = ""
    link: bool = False
    dev: bool = False
    license: msgspec.Raw = NOTHING


class _Root(msgspec.Struct):
    dependencies: msgspec.Raw = NOTHING
    devDependencies: msgspec.Raw = NOTHING  # noqa: N815  the file's own spelling
    optionalDependencies: msgspec.Raw = NOTHING  # noqa: N815


class _Nested(msgspec.Struct):
    version: msgspec.Raw = NOTHING
    dev: msgspec.Raw = NOTHING
    dependencies: "dict[str, _Nested] | None" = None


_LOCK = msgspec.json.Decoder(_Lock)
_ENTRY = msgspec.json.Decoder(_Entry)
_ROOT = msgspec.json.Decoder(_Root)
_NESTED = msgspec.json.Decoder(dict[str, _Nested] | None)


class NpmLock:
    """One package per entry but the project itself and links to local directories, whose targets are entries too."""

    name = "npm-lock"
    version = 1
    wants = Wants(
        names=frozenset({"package-lock.json", "npm-shrinkwrap.json", ".package-lock.json"}),
        pattern=re.compile(r"^(?!(?:.*/)?node_modules/)|(?:^|/)node_modules/\.package-lock\.json$"),
    )
    max_size = MANIFEST
    needs_siblings = True

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        if file.path.endswith("package-lock.json"):
            directory = file.path.removesuffix("package-lock.json")
            if file.sibling(f"{directory}npm-shrinkwrap.json") is not None:
                return
        listing = Listing(self.name, Ecosystem.NPM, file.path)
        lock = read_json(file.read(), _LOCK)
        if lock.packages:
            _add_flat(listing, lock.packages)
        elif lock.dependencies:
            _add_nested(listing, read_json(bytes(lock.dependencies), _NESTED) or {})
        yield from listing.facts()


def _add_flat(listing: Listing, packages: dict[str, msgspec.Raw]) -> None:
    direct = _direct(packages)
    for path, raw in packages.items():
        if not path:
            continue
        entry = part(raw, _ENTRY)
        if entry is None:
            listing.reject(path[:80])
            continue
        if entry.link:
            continue
        spdx = text(entry.license)
        listing.add(
            entry.name or name_in_path(path),
            version_or_none(entry.version),
            dev=entry.dev,
            direct=path in direct if direct else None,
            licenses=(spdx,) if spdx else (),
        )


def _direct(packages: dict[str, msgspec.Raw]) -> set[str]:
    """The paths of what the project and its workspaces ask for themselves."""
    direct: set[str] = set()
    for path, raw in packages.items():
        if _MODULES in path:
            continue
        if path:
            direct.add(path)
        root = part(raw, _ROOT) or _Root()
        for group in (root.dependencies, root.devDependencies, root.optionalDependencies):
            for name in keys(group):
                nested = f"{path}/{_MODULES}{name}"
                direct.add(nested if nested in packages else _MODULES + name)
    return direct


def _add_nested(listing: Listing, dependencies: dict[str, _Nested]) -> None:
    waiting = [dependencies]
    while waiting:
        for name, entry in waiting.pop().items():
            real, version = without_alias(name, text(entry.version))
            listing.add(real, version_or_none(version), dev=bytes(entry.dev) == b"true")
            if entry.dependencies:
                waiting.append(entry.dependencies)
