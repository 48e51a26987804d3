"""``updateinfo.xml`` of rpm repositories: the updates with their packages
(https://en.opensuse.org/openSUSE:Standards_Rpm_Metadata_UpdateInfo) and ``repomd.xml``, which says where it lies.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element  # only the type; reading is defusedxml's

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id, cve_ids_in
from assay.intel.reading import open_stream
from assay.intel.rpm_version import evr
from assay.intel.times import instant
from assay.intel.xml_stream import children, descendants, elements, text_of
from assay.model.advisory import Reference

_LIMIT = 8 << 30
_EPOCH_SECONDS = re.compile(r"\d{9,11}\Z", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Build:
    """A package that an update brings; ``module`` is its stream (``nodejs:16``) or empty."""

    name: str
    version: str
    arch: str = ""
    module: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """One update, in its publisher's words."""

    id: str
    kind: str
    title: str
    description: str
    severity: str
    cves: tuple[str, ...]
    references: tuple[Reference, ...]
    builds: tuple[Build, ...]
    issued: datetime | None
    updated: datetime | None


def updates(path: Path) -> Iterator[Update | Unreadable]:
    """The updates of a file, compressed or not, in its order; Unreadable in the place of one without an id."""
    with open_stream(path, _LIMIT) as file:
        for number, element in enumerate(elements(file, path.name, frozenset({"update"}))):
            if text_of(element, "id"):
                yield _update(element)
            else:
                yield Unreadable(f"{path.name}: update[{number}]: an update without an id")


def _update(element: Element) -> Update:
    references = [reference for group in children(element, "references") for reference in children(group, "reference")]
    named = [cve for reference in references for cve in cve_ids_in(reference.get("id", ""))]
    if not named:
        named = [cve for reference in references for cve in cve_ids_in(reference.get("title", ""))]
    description = text_of(element, "description")
    return Update(
        id=text_of(element, "id"),
        kind=element.get("type", ""),
        title=text_of(element, "title"),
        description=description,
        severity=text_of(element, "severity"),
        cves=tuple(dict.fromkeys(named)) or cve_ids_in(text_of(element, "title")),
        references=tuple(
            dict.fromkeys(
                Reference(reference.get("href", ""), "WEB" if cve_id(reference.get("id", "")) else "ADVISORY")
                for reference in references
                if reference.get("href", "").startswith(("http://", "https://"))
            )
        ),
        builds=tuple(dict.fromkeys(_builds(element))),
        issued=_date(element, "issued"),
        updated=_date(element, "updated"),
    )


def _builds(element: Element) -> Iterator[Build]:
    for group in descendants(element, "collection"):
        module = next(children(group, "module"), None)
        stream = "" if module is None else f"{module.get('name', '')}:{module.get('stream', '')}"
        for package in children(group, "package"):
            name, version = package.get("name", ""), package.get("version", "")
            if name and version:
                text = evr(version, package.get("release", ""), package.get("epoch"))
                yield Build(name, text, package.get("arch", ""), stream)


def _date(element: Element, name: str) -> datetime | None:
    found = next(children(element, name), None)
    text = "" if found is None else found.get("date", "").strip()
    if _EPOCH_SECONDS.match(text):
        return datetime.fromtimestamp(int(text), UTC)
    return instant(text)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a repository's updateinfo lies, relative to the repository, with its SHA-256 (empty when not stated)."""

    href: str
    sha256: str


def updateinfo_location(path: Path) -> Location | None:
    """Read ``repomd.xml``; None when the repository has no updateinfo."""
    with open_stream(path, 16 << 20) as file:
        for data in elements(file, path.name, frozenset({"data"})):
            if data.get("type") == "updateinfo":
                location = next(children(data, "location"), None)
                sums = [(c.get("type", ""), (c.text or "").strip().lower()) for c in children(data, "checksum")]
                if location is not None and location.get("href"):
                    return Location(location.get("href", ""), dict(sums).get("sha256", ""))
    return None


def has_digest(path: Path, sha256: str) -> bool:
    """Whether a file's SHA-256 is the one stated; True when none is stated."""
    if not sha256:
        return True
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
