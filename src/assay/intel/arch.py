"""Arch Linux's security tracker (https://security.archlinux.org). OSV has no Arch Linux."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id
from assay.intel.feed import Covers, Download, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_files
from assay.intel.reading import decode, read_whole
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState, Reference
from assay.model.ecosystem import Ecosystem, os_scope

_URL = "https://security.archlinux.org/all.json"
_FILE = "all.json"
_LIMIT = 256 << 20
_STATES = {
    "fixed": FixState.FIXED,
    "testing": FixState.UNFIXED,
    "vulnerable": FixState.UNFIXED,
    "unknown": FixState.UNDETERMINED,
    "not affected": FixState.NOT_AFFECTED,
}


class _Group(msgspec.Struct):
    name: str
    packages: list[str]
    affected: str = ""
    fixed: str | None = None
    severity: str = ""
    status: str = ""
    type: str = ""
    issues: list[str] = []
    advisories: list[str] = []


_GROUPS = msgspec.json.Decoder(list[msgspec.Raw])
_GROUP = msgspec.json.Decoder(_Group)


class ArchLinux:
    """The feed ``arch``: one Advisory ``AVG-...`` per group of issues.

    pacman orders versions by the rules of rpm (https://man.archlinux.org/man/vercmp.8), so the version order is
    rpm's. A fix that is still in testing has not reached the release.
    """

    name = "arch"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get all groups."""
        return fetch_files(transport, into, previous, now, (RemoteFile(_URL, _FILE, _LIMIT),))

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Groups in the file's order."""
        for number, raw in enumerate(decode(_GROUPS, read_whole(folder / _FILE, _LIMIT), _FILE)):
            place = f"{_FILE}[{number}]"
            try:
                yield _advisory(decode(_GROUP, raw, place), place)
            except Unreadable as error:
                yield Malformed(place, str(error))
        yield Covers(os_scope("arch", ""))


def _advisory(group: _Group, place: str) -> Advisory:
    state = _STATES.get(group.status.lower())
    if state is None or not group.name:
        raise Unreadable(f"{place}: status {group.status[:40]!r} of group {group.name[:40]!r}")
    if state is FixState.FIXED and not group.fixed:
        raise Unreadable(f"{place}: {group.name} is fixed in no version")
    fixed = group.fixed if state is FixState.FIXED else None
    return Advisory(
        id=group.name,
        source=ArchLinux.name,
        affected=tuple(
            AffectedPackage(
                ecosystem=Ecosystem.RPM.value,
                scope=os_scope("arch", ""),
                name=name,
                ranges=() if state is FixState.NOT_AFFECTED else (AffectedRange(fixed=fixed),),
                state=state,
                severity=group.severity,
                status_text=group.status,
            )
            for name in dict.fromkeys(group.packages)
        ),
        cves=tuple(dict.fromkeys(cve for issue in group.issues if (cve := cve_id(issue)))),
        related=tuple(dict.fromkeys(group.advisories)),
        summary=group.type,
        severity=group.severity,
        references=(Reference(f"https://security.archlinux.org/{group.name}", "ADVISORY"),),
    )
