"""Photon OS's CVE metadata (https://packages.vmware.com/photon/photon_cve_metadata/), one JSON file per release.

The files state also what is not affected, which the advisories (and OSV's copy of them) do not.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id
from assay.intel.feed import Covers, Download, Ignored, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_listed, listed_files
from assay.intel.reading import decode, read_whole
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState, Reference
from assay.model.ecosystem import Ecosystem, os_scope

_URL = "https://packages.vmware.com/photon/photon_cve_metadata/"
_LIMIT = 256 << 20
_FILE = re.compile(r"cve_data_photon(\d{1,2}\.\d)\.json\Z", re.ASCII)
_RELEASES = ("1.0", "2.0", "3.0", "4.0", "5.0", "6.0")
_STATES = {
    "fixed": FixState.FIXED,
    "not affected": FixState.NOT_AFFECTED,
    "open": FixState.UNFIXED,
    "not fixed": FixState.UNFIXED,
    "unfixed": FixState.UNFIXED,
    "vulnerable": FixState.UNFIXED,
    "affected": FixState.UNFIXED,
    "under investigation": FixState.UNDETERMINED,
    "won't fix": FixState.WILL_NOT_FIX,
    "will not fix": FixState.WILL_NOT_FIX,
}


class _Entry(msgspec.Struct):
    cve: str = msgspec.field(name="cve_id")
    package: str = msgspec.field(name="pkg")
    fixed: str | None = msgspec.field(name="res_ver", default=None)
    status: str = ""


_ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])
_ENTRY = msgspec.json.Decoder(_Entry)


class PhotonOs:
    """The feed ``photon``: one Advisory ``PHOTON-CVE-...`` per flaw.

    The files name a package as it is installed; where that is also a source package's name the statement holds for
    all its packages, so each is recorded under both.
    """

    name = "photon"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the file of each release."""
        files = listed_files(transport, _URL, _LIMIT) or tuple(
            RemoteFile(f"{_URL}cve_data_photon{release}.json", f"cve_data_photon{release}.json", _LIMIT, optional=True)
            for release in _RELEASES
        )
        return fetch_listed(transport, into, previous, now, files)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Flaws by id."""
        flaws: dict[str, list[AffectedPackage]] = {}
        scopes: set[str] = set()
        unversioned = 0
        paths = sorted(path for path in folder.rglob("*.json") if _FILE.search(path.name))
        if not paths:
            raise Unreadable(f"{folder.name}: no CVE metadata")
        for path in paths:
            release = _FILE.search(path.name)
            scope = os_scope("photon", release[1] if release else "")
            scopes.add(scope)
            for number, raw in enumerate(decode(_ENTRIES, read_whole(path, _LIMIT), path.name)):
                place = f"{path.name}[{number}]"
                try:
                    entry = decode(_ENTRY, raw, place)
                    packages = _packages(entry, scope, place)
                except Unreadable as error:
                    yield Malformed(place, str(error))
                    continue
                unversioned += not packages
                flaws.setdefault(entry.cve.strip(), []).extend(packages)
        for identifier, affected in sorted(flaws.items()):
            yield _advisory(identifier, affected)
        yield from (Covers(scope) for scope in sorted(scopes))
        if unversioned:
            yield Ignored("entries that are called fixed without naming a version", unversioned)


def _packages(entry: _Entry, scope: str, place: str) -> list[AffectedPackage]:
    state = _STATES.get(entry.status.strip().lower())
    if state is None or not entry.package or not entry.cve.strip():
        raise Unreadable(f"{place}: status {entry.status[:40]!r} of package {entry.package[:40]!r}")
    fixed = (entry.fixed or "").strip()
    ranges: tuple[AffectedRange, ...] = (AffectedRange(),)
    if state is FixState.NOT_AFFECTED:
        ranges = ()
    elif state is FixState.FIXED:
        if fixed in {"", "NA"}:
            return []
        ranges = (AffectedRange(fixed=fixed),)
    return [
        AffectedPackage(
            Ecosystem.RPM.value, scope, entry.package, ranges, state=state, status_text=entry.status, source=source
        )
        for source in (False, True)
    ]


def _advisory(identifier: str, affected: list[AffectedPackage]) -> Advisory:
    cve = cve_id(identifier)
    page = f"https://nvd.nist.gov/vuln/detail/{cve}"
    return Advisory(
        id=f"PHOTON-{identifier}",
        source=PhotonOs.name,
        affected=tuple(dict.fromkeys(affected)),
        cves=(cve,) if cve else (),
        aliases=() if cve else (identifier,),
        references=(Reference(page),) if cve else (),
    )
