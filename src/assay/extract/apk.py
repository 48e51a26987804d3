"""Alpine packages (also Wolfi, Chainguard and recent OpenWrt): apk's installed database and which files it owns.

https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from assay.errors import Unreadable
from assay.extract.capped import capped
from assay.extract.contract import MANIFEST, Fact, Ownership, Problem, Wants
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_WANTS = Wants(
    paths=frozenset({"lib/apk/db/installed", "usr/lib/apk/db/installed", "var/lib/apk/db/installed"}),
)
_LONGEST = 4096
_MOST_FILES = 1_000_000


@dataclass(frozen=True, slots=True)
class Apk:
    """Reads ``lib/apk/db/installed``: one-letter fields, an empty line after each package."""

    name: str = "apk"
    version: int = 1
    wants: Wants = _WANTS
    max_size: int = MANIFEST
    needs_siblings: bool = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        return capped(_facts(file))


@dataclass(slots=True)
class _Block:
    """What the lines of one package have said so far; its own fields come before the first ``F:``.

    A hostile database could name one long directory and countless files in it, so all paths together are bounded by
    a multiple of what is written, which no sound package needs.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    folder: str | None = None
    allowed: int = 64 * 1024
    cut: bool = False

    def take(self, line: str) -> None:
        key, colon, value = line.partition(":")
        self.allowed += 4 * len(line)
        if key == "F":
            self.folder = value.strip("/")
        elif self.folder is None:
            if colon and len(key) == 1 and value:
                self.fields.setdefault(key, value[:_LONGEST])
        elif key == "R" and not self.cut:
            path = f"{self.folder}/{value}" if self.folder else value
            self.allowed -= len(path)
            self.cut = self.allowed < 0 or len(self.files) >= _MOST_FILES
            if not self.cut:
                self.files.append(path)

    @property
    def names_a_package(self) -> bool:
        return "P" in self.fields or "V" in self.fields


def _facts(file: SourceFile) -> Iterator[Fact]:
    data = file.read()
    found = False
    for block in _blocks(data):
        if not block.names_a_package:
            continue
        found = True
        fields = block.fields
        if "P" not in fields or "V" not in fields:
            missing = "version" if "P" in fields else "name"
            yield Problem(f"apk package without {missing}: {fields.get('P') or fields['V']!r}")
            continue
        licenses = (fields["L"],) if "L" in fields else ()
        yield Package(_component(fields), file.path, extractor="apk", licenses=licenses)
        if block.files:
            yield Ownership(fields["P"], tuple(block.files))
        if block.cut:
            yield Problem(f"file list of {fields['P']!r} is larger than it can be", "limit")
    if not found and data.strip():
        raise Unreadable(f"no apk package in {len(data)} bytes")


def _blocks(data: bytes) -> Iterator[_Block]:
    block: _Block | None = None
    for raw in io.BytesIO(data):
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line:
            block = block or _Block()
            block.take(line)
        elif block:
            yield block
            block = None
    if block:
        yield block


def _component(fields: dict[str, str]) -> Component:
    """Alpine's and Wolfi's advisories name origins; all packages of an origin share its version."""
    return Component(
        Ecosystem.APK,
        fields["P"],
        fields["V"],
        arch=fields.get("A", ""),
        source_name=fields.get("o") or fields["P"],
        source_version=fields["V"],
    )
