"""``pnpm-lock.yaml``, versions 5 to 9: https://github.com/pnpm/spec/tree/master/lockfile.

``packages`` holds one entry per package; its key states name and version (``/name/1.0.0_peers`` in version 5,
``/name@1.0.0(peers)`` in version 6, ``name@1.0.0`` in version 9) unless the entry has a ``name`` or ``version`` of
its own. Up to version 6 an entry says whether it is for development only; version 9 leaves that to the graph.
"""

import re
from collections.abc import Iterator

from assay.errors import Unreadable
from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.javascript.pnpm_document import read_document
from assay.extract.javascript.pnpm_graph import development_only, direct_keys
from assay.extract.javascript.spec import split_spec, version_or_none
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_NAME_SLASH_VERSION = re.compile(r"((?:@[^/]+/)?[^/@]+)/(\d[^/_]*)(?:_.*)?")
_NAME_AT_VERSION = re.compile(r"((?:@[^/]+/)?[^/@]+)@(\d[^/_]*)(?:_.*)?")
_FLAT_SINCE = 9


class PnpmLock:
    """One package per entry of ``packages``; what has no name (a link to the project's own files) is left out."""

    name = "pnpm-lock"
    version = 1
    wants = Wants(names=frozenset({"pnpm-lock.yaml"}), pattern=re.compile(r"^(?!(?:.*/)?node_modules/)"))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        data = file.read()
        if b"\0" in data:
            raise Unreadable("pnpm-lock.yaml that is not text")
        document = read_document(data.decode("utf-8-sig", errors="replace"))
        listing = Listing(self.name, Ecosystem.NPM, file.path)
        flat = document.version >= _FLAT_SINCE
        development = development_only(document) if flat else frozenset[str]()
        direct = direct_keys(document)
        for entry in document.packages:
            name, version = _flat_key(entry.key) if flat else _path_key(entry.key)
            name, version = entry.name or name, version_or_none(entry.version) or version
            if name and (version or flat):
                dev = entry.dev or entry.key in development
                listing.add(name, version, dev=dev, direct=entry.key in direct if direct else None)
        yield from listing.facts()


def _flat_key(key: str) -> tuple[str, str]:
    name, version = split_spec(key.partition("(")[0])
    return name, version_or_none(version)


def _path_key(key: str) -> tuple[str, str]:
    """Name and version in ``[host]/name/version`` or ``[host]/name@version``; both empty for a path or a commit."""
    path = key.partition("(")[0].partition("/")[2]
    found = _NAME_SLASH_VERSION.fullmatch(path) or _NAME_AT_VERSION.fullmatch(path)
    return (found[1], found[2]) if found else ("", "")
