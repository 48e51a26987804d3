"""Core metadata of an installed distribution: the header block of METADATA and PKG-INFO files.

https://packaging.python.org/en/latest/specifications/core-metadata/; the block is read as the email package reads
it: folded lines belong to the field before, and the first line that is neither a field nor folded begins the body.
"""

import re
from dataclasses import dataclass

from assay.errors import Unreadable

_FIELD = re.compile(r"([!-9;-~]+):(.*)", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._ -]*[A-Za-z0-9])?")
_WANTED = frozenset({"name", "version", "license", "license-expression", "classifier"})
_LICENSE_CLASSIFIER = "License :: "
_LONGEST_LICENSE = 200
_LONGEST_VERSION = 256


@dataclass(frozen=True, slots=True)
class Metadata:
    """Name and version as written, licences from the expression, the licence field or the classifiers."""

    name: str
    version: str
    licenses: tuple[str, ...] = ()


def parse_metadata(head: bytes) -> Metadata:
    """Read the header block at the start of ``head``; raises Unreadable without a usable name and version."""
    fields = _fields(head)
    name = fields["name"][0] if fields["name"] else ""
    version = fields["version"][0] if fields["version"] else ""
    if not _NAME.fullmatch(name):
        raise Unreadable(f"Python metadata without a usable Name: {name[:80]!r}")
    if not version or version == "UNKNOWN" or len(version) > _LONGEST_VERSION or not version.isprintable():
        raise Unreadable(f"Python metadata of {name} without a usable Version: {version[:80]!r}")
    return Metadata(name, version, _licenses(fields))


def _fields(head: bytes) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {name: [] for name in _WANTED}
    current: list[str] | None = None
    for line in head.decode("utf-8-sig", errors="replace").split("\n"):
        line = line.removesuffix("\r")
        if line[:1] in ("", " ", "\t"):
            if not line:
                break
            if current and len(current[-1]) <= _LONGEST_LICENSE:
                current[-1] += "\n" + line.strip()
            continue
        field = _FIELD.fullmatch(line)
        if field is None:
            break
        current = fields.get(field[1].lower())
        if current is not None:
            current.append(field[2].strip())
    return fields


def _licenses(fields: dict[str, list[str]]) -> tuple[str, ...]:
    for value in (*fields["license-expression"], *fields["license"]):
        if value and value != "UNKNOWN" and len(value) <= _LONGEST_LICENSE and value.isprintable():
            return (value,)
    return tuple(
        value.rpartition(" :: ")[2]
        for value in fields["classifier"]
        if value.startswith(_LICENSE_CLASSIFIER) and value != "License :: OSI Approved" and value.isprintable()
    )
