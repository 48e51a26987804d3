"""Alpine packages (also Wolfi, Chainguard and recent OpenWrt): apk's installed database and which files it owns.

https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assay.errors import Unreadable
from assay.extract.contract import MANIFEST, Fact, Ownership, Problem, Wants
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_WANTS = Wants(
    paths=frozenset({"lib/apk/db/installed", "usr/lib/apk/db/installed", "var/lib/apk/db/installed"}),
)


@dataclass(frozen=True, slots=True)
class Apk:
    """Reads ``lib/apk/db/installed``: one-letter fields, an empty line after each package."""

    name: str = "apk"
    version: int = 1
    wants: Wants = _WANTS
    max_size: int = MANIFEST
    needs_siblings: bool = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        data = file.read()
        found = False
        for lines in _blocks(data):
            fields = _fields(lines)
            if "P" not in fields and "V" not in fields:
                continue
            found = True
            if "P" not in fields or "V" not in fields:
                missing = "version" if "P" in fields else "name"
                yield Problem(f"apk package without {missing}: {fields.get('P') or fields['V']!r}")
                continue
            yield Package(_component(fields), file.path, extractor="apk", licenses=_licenses(fields))
            files, cut = _files(lines)
            if files:
                yield Ownership(fields["P"], files)
            if cut:
                yield Problem(f"file list of {fields['P']!r} is larger than it can be", "limit")
        if not found and data.strip():
            raise Unreadable(f"no apk package in {len(data)} bytes")


def _blocks(data: bytes) -> Iterator[list[str]]:
    """The lines of each package."""
    block: list[str] = []
    for raw in io.BytesIO(data):
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line:
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _fields(lines: Sequence[str]) -> dict[str, str]:
    """Fields of the package itself; those of its files start with the first ``F:``."""
    fields: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if key == "F":
            break
        if colon and len(key) == 1 and value:
            fields.setdefault(key, value[:4096])
    return fields


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


def _licenses(fields: dict[str, str]) -> tuple[str, ...]:
    return (fields["L"],) if "L" in fields else ()


def _files(lines: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """``F:`` names a directory, the ``R:`` lines after it the files in it; and whether that was too much.

    A hostile database could name one long directory and countless files, so all paths together are bounded by a
    multiple of what is written, which no sound package needs.
    """
    paths: list[str] = []
    allowed = 64 * 1024 + 4 * sum(map(len, lines))
    folder = ""
    for line in lines:
        if line.startswith("F:"):
            folder = line[2:].strip("/")
        elif line.startswith("R:"):
            paths.append(f"{folder}/{line[2:]}" if folder else line[2:])
            allowed -= len(paths[-1])
            if allowed < 0:
                return tuple(paths), True
    return tuple(paths), False
