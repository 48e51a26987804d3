"""Stanzas of dpkg's control format, as its status file and opkg's hold them.

The format is that of deb822(5): fields start in the first column, a line that starts with a blank continues the field
above it and is never a field of its own, an empty line ends the stanza.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assay.extract.contract import Problem
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem

_FIELD = re.compile(
    rb"^(package|status|version|source|architecture):[ \t]*+(.*+(?:\n[ \t].*+)*+)", re.MULTILINE | re.IGNORECASE
)
_BLANK = re.compile(rb"\n(?:[ \t\r]*+\n)++")
_LONGEST = 4096
_SOURCE = re.compile(r"([^\s()]+)(?:\s*\(\s*([^\s()]+)\s*\))?")
_PRESENT = frozenset({"installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending"})


@dataclass(frozen=True, slots=True)
class Stanza:
    """The fields of one package that matter here; ``status`` is the whole field (``install ok installed``)."""

    package: str
    version: str
    status: str
    source: str
    architecture: str

    @property
    def is_present(self) -> bool:
        """Whether the package's files are all on disk, by its dpkg state (dpkg(1), "Package states").

        That includes packages that are unpacked but not configured, and those selected for removal but still there;
        it excludes ``config-files``, ``not-installed`` and ``half-installed``.
        """
        words = self.status.split()
        return bool(words) and words[-1].lower() in _PRESENT


def stanzas(data: bytes) -> Iterator[Stanza]:
    """Every stanza that has any of the fields, whole or not."""
    start = 0
    while start < len(data):
        blank = _BLANK.search(data, start)
        end = blank.start() if blank else len(data)
        fields: dict[str, str] = {}
        for match in _FIELD.finditer(data, start, end):
            key = match[1].lower().decode("ascii")
            if key not in fields:
                fields[key] = " ".join(match[2][:_LONGEST].decode("utf-8", "replace").split())
        if fields:
            yield Stanza(
                fields.get("package", ""),
                fields.get("version", ""),
                fields.get("status", ""),
                fields.get("source", ""),
                fields.get("architecture", ""),
            )
        start = blank.end() - 1 if blank else end


def component(stanza: Stanza, ecosystem: Ecosystem) -> Component | Problem:
    """The component of a present package; a stanza without name or version is a Problem."""
    if not stanza.package or not stanza.version:
        known = stanza.package or stanza.version or stanza.status
        return Problem(f"{ecosystem} stanza without {'version' if stanza.package else 'name'}: {known[:80]!r}")
    match = _SOURCE.fullmatch(stanza.source) if ecosystem is Ecosystem.DEB else None
    source_name, source_version = match.groups() if match else (None, None)
    return Component(
        ecosystem,
        stanza.package,
        stanza.version,
        arch=stanza.architecture,
        source_name=source_name or stanza.package,
        source_version=source_version or stanza.version,
    )
