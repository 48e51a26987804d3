"""The parts of ``pnpm-lock.yaml`` that matter, read line by line.

pnpm writes a small, regular part of YAML: mappings indented by two spaces, one key a line, flow mappings only for
details that nobody needs here. Reading it by lines is exact for that shape, takes a fraction of a YAML parser's time
and knows no anchors, so a hostile file cannot make it grow. A file that is indented otherwise is refused.
"""

import re
from dataclasses import dataclass, field

from assay.errors import Unreadable

_LINE = re.compile(
    r"""^([ ]*+)(?:\?[ ])?+(?:'((?:[^'\n]++|'')++)'|"([^"\n]++)"|([^\s'"\#:?{-](?:[^\n:]++|:(?=[^ \r\n]))*+))"""
    r"""[ ]*+(?::[ ]*+([^\n]*+))?$""",
    re.MULTILINE,
)
_GROUPS = frozenset({"dependencies", "devDependencies", "optionalDependencies"})
_NUMBER = re.compile(r"\d{1,4}(?:\.\d{1,4})?")


@dataclass(slots=True)
class Entry:
    """One key of ``packages`` with the fields that are not part of the key."""

    key: str
    name: str = ""
    version: str = ""
    dev: bool = False


@dataclass(slots=True)
class Wanted:
    """What the project or a workspace asks for: its name for it, and the version or key it resolved to."""

    alias: str
    resolved: str
    dev: bool


@dataclass(slots=True)
class Document:
    """``snapshots`` maps a package with its peers to what it needs, as (alias, version or key); version 9 only."""

    version: float = 0.0
    packages: list[Entry] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    snapshots: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def read_document(text: str) -> Document:
    """Read a lock file; raises Unreadable when it does not have the shape that pnpm writes."""
    reader = _Reader()
    for line in _LINE.finditer(text):
        indent, single, double, plain, value = line.groups()
        key = plain.rstrip() if plain else double or single.replace("''", "'")
        reader.take(len(indent), key, _unquoted(value.rstrip()) if value else "")
    if not reader.document.version:
        raise Unreadable("pnpm-lock.yaml without a lockfileVersion")
    if reader.odd:
        raise Unreadable(f"pnpm-lock.yaml that is not indented by two spaces at {reader.odd[:80]!r}")
    return reader.document


class _Reader:
    """Where in the document the current line is."""

    def __init__(self) -> None:
        self.document = Document()
        self.odd = ""
        self._section = ""
        self._group = ""
        self._needs: list[tuple[str, str]] = []

    def take(self, indent: int, key: str, value: str) -> None:
        if indent == 0:
            self._top(key, value)
        elif self._section == "packages":
            self._package(indent, key, value)
        elif self._section == "snapshots":
            self._snapshot(indent, key, value)
        elif self._section == "importers":
            if indent == 4:
                self._group = key
            elif indent > 4:
                self._want(indent - 4, key, value)
        else:
            self._want(indent, key, value)

    def _top(self, key: str, value: str) -> None:
        if key == "lockfileVersion":
            number = _NUMBER.match(value)
            self.document.version = float(number[0]) if number else 0.0
        self._section = self._group = key

    def _package(self, indent: int, key: str, value: str) -> None:
        packages = self.document.packages
        if indent == 2:
            packages.append(Entry(key))
        elif not packages or indent % 2:
            self.odd = self.odd or key
        elif indent == 4:
            if key == "version":
                packages[-1].version = value
            elif key == "name":
                packages[-1].name = value
            elif key == "dev":
                packages[-1].dev = value == "true"

    def _snapshot(self, indent: int, key: str, value: str) -> None:
        if indent == 2:
            self._needs = self.document.snapshots.setdefault(key, [])
        elif indent == 4:
            self._group = key
        elif indent == 6 and self._group in _GROUPS and value:
            self._needs.append((key, value))

    def _want(self, indent: int, key: str, value: str) -> None:
        if self._group not in _GROUPS:
            return
        wanted = self.document.wanted
        if indent == 2:
            wanted.append(Wanted(key, value, self._group == "devDependencies"))
        elif indent == 4 and key == "version" and wanted:
            wanted[-1].resolved = value


def _unquoted(value: str) -> str:
    if value[:1] == "'" == value[-1:]:
        return value[1:-1].replace("''", "'")
    return value[1:-1] if value[:1] == '"' == value[-1:] else value
