"""Conan's lock files, versions 1 and 2, and the plain text form of its recipes.

https://docs.conan.io/1/versioning/lockfiles/introduction.html, https://docs.conan.io/2/tutorial/versioning/lockfiles.html
and https://docs.conan.io/2/reference/conanfile_txt.html. A reference is ``name/version@user/channel#revision%time``,
in old lock files with ``:package#revision`` behind it. Tools (``build_requires``, ``tool_requires``,
``python_requires``) are for development.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.jsonc import NOTHING, OBJECT, part, read_json, text, texts
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_END = re.compile(r"[@#%:]")
_TOOLS = frozenset({"build_requires", "tool_requires", "test_requires", "python_requires"})


class _Lock(msgspec.Struct):
    graph_lock: msgspec.Raw = NOTHING
    requires: msgspec.Raw = NOTHING
    build_requires: msgspec.Raw = NOTHING
    python_requires: msgspec.Raw = NOTHING


class _Graph(msgspec.Struct):
    nodes: msgspec.Raw = NOTHING


class _Node(msgspec.Struct):
    ref: msgspec.Raw = NOTHING
    pref: msgspec.Raw = NOTHING
    path: msgspec.Raw = NOTHING
    context: msgspec.Raw = NOTHING
    requires: msgspec.Raw = NOTHING
    build_requires: msgspec.Raw = NOTHING


_LOCK = msgspec.json.Decoder(_Lock)
_GRAPH = msgspec.json.Decoder(_Graph)
_NODE = msgspec.json.Decoder(_Node)


class ConanLock:
    """The packages of ``conan.lock``, without the recipe that was locked."""

    name = "conan-lock"
    version = 1
    wants = Wants(names=frozenset({"conan.lock"}))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        lock = read_json(file.read(), _LOCK)
        listing = Listing(self.name, Ecosystem.CONAN, file.path)
        if lock.graph_lock:
            nodes = part((part(lock.graph_lock, _GRAPH) or _Graph()).nodes, OBJECT)
            if nodes is None:
                raise Unreadable("conan.lock without nodes")
            _add_nodes(listing, {key: part(raw, _NODE) or _Node() for key, raw in nodes.items()})
        else:
            for references, dev in ((lock.requires, False), (lock.build_requires, True), (lock.python_requires, True)):
                for reference in texts(references):
                    _add(listing, reference, dev=dev)
        yield from listing.facts()


class ConanRecipe:
    """The requirements of ``conanfile.txt``; a range of versions states none."""

    name = "conan-recipe"
    version = 1
    wants = Wants(names=frozenset({"conanfile.txt"}))
    max_size = 1 << 20
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        listing = Listing(self.name, Ecosystem.CONAN, file.path)
        section = ""
        for line in file.read().decode("utf-8", "replace").splitlines():
            line = line.partition("#")[0].strip() if line.lstrip().startswith("#") else line.strip()
            if line.startswith("[") and line.endswith("]"):
                section = line[1:-1]
            elif line and (section == "requires" or section in _TOOLS):
                _add(listing, line, dev=section in _TOOLS, direct=True)
        yield from listing.facts()


def _add_nodes(listing: Listing, nodes: Mapping[str, _Node]) -> None:
    used: set[str] = set()
    tools: set[str] = set()
    for node in nodes.values():
        used.update(_ids(node.requires))
        tools.update(_ids(node.build_requires))
    for key, node in nodes.items():
        reference = text(node.ref) or text(node.pref)
        if reference and not text(node.path):
            _add(listing, reference, dev=text(node.context) == "build" or (key in tools and key not in used))


def _ids(requires: msgspec.Raw) -> tuple[str, ...]:
    """The nodes that one needs: a list of ids, or in the oldest files an object of reference to id."""
    by_reference = part(requires, OBJECT)
    return tuple(text(raw) for raw in by_reference.values()) if by_reference is not None else texts(requires)


def _add(listing: Listing, reference: str, *, dev: bool, direct: bool | None = None) -> None:
    name, slash, rest = reference.partition("/")
    if not slash or not name:
        listing.reject(reference[:80])
        return
    version = "" if rest.startswith("[") else _END.split(rest, maxsplit=1)[0]
    listing.add(name, version, dev=dev, direct=direct)
