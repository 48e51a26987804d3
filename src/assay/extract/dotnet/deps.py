"""What a .NET application was deployed with: ``APP.deps.json``.

https://github.com/dotnet/cli/blob/rel/1.0.0/Documentation/specs/runtime-configuration-file.md. Projects of the solution
are listed like packages. A runtime pack is the NuGet package whose files a self-contained application carries.
"""

import re
from collections.abc import Iterator

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.jsonc import NOTHING, OBJECT, part, read_json, text
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile


class _Document(msgspec.Struct):
    libraries: msgspec.Raw = NOTHING
    targets: msgspec.Raw = NOTHING


class _Library(msgspec.Struct):
    kind: msgspec.Raw = msgspec.field(name="type", default=NOTHING)


class _Target(msgspec.Struct):
    compile_only: msgspec.Raw = msgspec.field(name="compileOnly", default=NOTHING)


_DOCUMENT = msgspec.json.Decoder(_Document)
_LIBRARY = msgspec.json.Decoder(_Library)
_TARGET = msgspec.json.Decoder(_Target)
_FLAG = msgspec.json.Decoder(bool)
_NO_PACKAGES = frozenset({"reference", "referenceassembly"})


class DotnetDeps:
    """The packages and projects of an application; what only compiling needed is for development."""

    name = "dotnet-deps"
    version = 1
    wants = Wants(extensions=frozenset({".json"}), pattern=re.compile(r"\.deps\.json$"))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        document = read_json(file.read(), _DOCUMENT)
        libraries = part(document.libraries, OBJECT)
        if libraries is None:
            raise Unreadable("deps.json without libraries")
        compiled_against = _compiled_against(document.targets)
        listing = Listing(self.name, Ecosystem.NUGET, file.path)
        for key, raw in libraries.items():
            library = part(raw, _LIBRARY) or _Library()
            name, _, version = key.partition("/")
            if text(library.kind).lower() in _NO_PACKAGES:
                continue
            if version:
                listing.add(name.removeprefix("runtimepack."), version, dev=key in compiled_against)
            else:
                listing.reject(key[:80])
        yield from listing.facts()


def _compiled_against(targets: msgspec.Raw) -> set[str]:
    """The libraries that a target marks as there for compiling only."""
    found: set[str] = set()
    for libraries in (part(targets, OBJECT) or {}).values():
        for key, raw in (part(libraries, OBJECT) or {}).items():
            target = part(raw, _TARGET)
            if target is not None and part(target.compile_only, _FLAG):
                found.add(key)
    return found
