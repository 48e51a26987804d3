"""``yarn.lock`` of Yarn 1 and of Yarn 2 and later, which is YAML of one fixed shape.

https://classic.yarnpkg.com/en/docs/yarn-lock, https://yarnpkg.com/features/workspaces. Both are lists of entries: a
line without indentation with the descriptors that the entry answers, then its fields indented by two spaces.
"""

import re
from collections.abc import Iterator

from assay.errors import Unreadable
from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.javascript.spec import split_spec, version_or_none, without_alias
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_LINE = re.compile(
    r"""^(?:(?:\?[ ])?+(?P<head>[^\s#:][^\n]*+)"""
    r"""|[ ]{2}"?(?P<field>version|resolution)"?:?[ ]"?(?P<value>[^"\n]*+)"?[ \r]*+)$""",
    re.MULTILINE,
)
_ROOT = "@workspace:."


class YarnLock:
    """One package per entry but the project itself; an alias or a patch counts as the package it stands for."""

    name = "yarn-lock"
    version = 1
    wants = Wants(names=frozenset({"yarn.lock"}), pattern=re.compile(r"^(?!(?:.*/)?node_modules/)"))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        data = file.read()
        if b"\0" in data:
            raise Unreadable("yarn.lock that is not text")
        listing = Listing(self.name, Ecosystem.NPM, file.path)
        for head, resolution, version in _entries(data.decode("utf-8-sig", errors="replace")):
            if head.startswith("__metadata") or resolution.endswith(_ROOT):
                continue
            if not version:
                listing.reject(head[:80])
                continue
            listing.add(_name(head, resolution), version_or_none(version))
        yield from listing.facts()


def _entries(text: str) -> Iterator[tuple[str, str, str]]:
    """(descriptors, resolution or "", version or "") of each entry."""
    head = resolution = version = ""
    for line in _LINE.finditer(text):
        if line["head"] is not None:
            if head:
                yield head, resolution, version
            head, resolution, version = line["head"], "", ""
        elif line["field"] == "version":
            version = version or line["value"].strip()
        else:
            resolution = line["value"]
    if head:
        yield head, resolution, version


def _name(head: str, resolution: str) -> str:
    if resolution:
        return split_spec(resolution)[0]
    first = head.rstrip().removesuffix(":").partition(",")[0].strip().strip("\"'")
    return without_alias(*split_spec(first))[0]
