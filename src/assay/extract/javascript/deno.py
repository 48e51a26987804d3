"""``deno.lock``, versions 2 to 5: the npm packages among what it locks.

https://docs.deno.com/runtime/fundamentals/modules/#integrity-checking-and-lock-files. Keys are ``name@version``, with
``_peer@version`` appended where peers matter. Packages of jsr.io are no npm packages and are not listed.
"""

import re
from collections.abc import Iterator

import msgspec

from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.javascript.spec import split_spec, version_or_none
from assay.extract.jsonc import NOTHING, OBJECT, keys, part, read_json
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile


class _Lock(msgspec.Struct):
    npm: msgspec.Raw = NOTHING
    packages: msgspec.Raw = NOTHING


class _Packages(msgspec.Struct):
    npm: msgspec.Raw = NOTHING


_LOCK = msgspec.json.Decoder(_Lock)
_PACKAGES = msgspec.json.Decoder(_Packages)


class DenoLock:
    """One package per key."""

    name = "deno-lock"
    version = 1
    wants = Wants(names=frozenset({"deno.lock"}), pattern=re.compile(r"^(?!(?:.*/)?node_modules/)"))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        listing = Listing(self.name, Ecosystem.NPM, file.path)
        for key in _keys(read_json(file.read(), _LOCK)):
            name, version = split_spec(key)
            listing.add(name, version_or_none(version.partition("_")[0]))
        yield from listing.facts()


def _keys(lock: _Lock) -> list[str]:
    if lock.packages:  # version 3
        packages = part(lock.packages, _PACKAGES)
        return keys(packages.npm) if packages else []
    npm = part(lock.npm, OBJECT) or {}
    return keys(npm["packages"]) if "packages" in npm else list(npm)  # version 2, else 4 and 5
