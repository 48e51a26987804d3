"""Debian packages of chiselled Ubuntu images, which keep Chisel's manifest instead of dpkg's database.

The manifest is a zstd-compressed "jsonwall", one JSON object a line: a header, then packages, slices, paths, contents.
https://documentation.ubuntu.com/chisel/en/latest/reference/manifest/
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from assay.errors import LimitExceeded, Unreadable
from assay.extract.capped import capped
from assay.extract.contract import MANIFEST, Fact, Ownership, Problem, Wants
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_WANTS = Wants(names=frozenset({"manifest.wall"}))
_LARGEST_WINDOW = 64 << 20
_LONGEST_LINE = 1 << 20


class _Line(msgspec.Struct):
    """Any line; ``slices`` are named ``package_slice``."""

    jsonwall: str = ""
    count: int = 0
    kind: str = ""
    name: str = ""
    version: str = ""
    arch: str = ""
    path: str = ""
    slices: list[str] = []


@dataclass(frozen=True, slots=True)
class Chisel:
    """Reads ``manifest.wall``; it names no source packages, so each package counts as its own source."""

    name: str = "chisel"
    version: int = 1
    wants: Wants = _WANTS
    max_size: int = MANIFEST
    needs_siblings: bool = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        return capped(_facts(file))


def _facts(file: SourceFile) -> Iterator[Fact]:
    import zstandard

    owned: dict[str, list[str]] = {}
    with file.open() as raw:
        decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        reader = io.BufferedReader(decompressor.stream_reader(raw))
        try:
            for line in _lines(reader.readline):
                if line.kind == "package" and line.name and line.version:
                    yield Package(_component(line), file.path, extractor="chisel")
                elif line.kind == "package":
                    yield Problem(f"package without name or version: {line.name or line.version!r}")
                elif line.kind == "path" and line.slices and not line.path.endswith("/"):
                    owned.setdefault(line.slices[0].partition("_")[0], []).append(line.path.lstrip("/"))
        except zstandard.ZstdError as error:
            raise Unreadable(f"not a zstd-compressed manifest: {error}") from error
    for owner, paths in owned.items():
        yield Ownership(owner, tuple(paths))


def _lines(readline: Callable[[int], bytes]) -> Iterator[_Line]:
    left = MANIFEST
    expected = read = 0
    while raw := readline(_LONGEST_LINE):
        left -= len(raw)
        if left < 0:
            raise LimitExceeded(f"manifest is larger than {MANIFEST} bytes")
        try:
            line = msgspec.json.decode(raw, type=_Line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Unreadable(f"line of the manifest is not as expected: {error}") from error
        read += 1
        if read == 1:
            if not line.jsonwall:
                raise Unreadable("not a jsonwall: the header is missing")
            expected = line.count
        yield line
    if read < expected or not read:
        raise Unreadable(f"manifest ends after {read} of {expected} lines")


def _component(line: _Line) -> Component:
    return Component(
        Ecosystem.DEB,
        line.name,
        line.version,
        arch=line.arch,
        source_name=line.name,
        source_version=line.version,
    )
