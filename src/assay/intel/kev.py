"""CISA's catalogue of known exploited vulnerabilities (https://www.cisa.gov/known-exploited-vulnerabilities-catalog)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id
from assay.intel.feed import Download, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_files
from assay.intel.reading import decode, read_whole
from assay.intel.times import day, instant
from assay.model.advisory import Kev, Vulnerability

_FILE = "known_exploited_vulnerabilities.json"
_URL = f"https://www.cisa.gov/sites/default/files/feeds/{_FILE}"
_LIMIT = 256 << 20


class _Entry(msgspec.Struct, frozen=True, rename="camel"):
    cve_id: str = msgspec.field(name="cveID")
    date_added: str
    due_date: str = ""
    vulnerability_name: str = ""
    required_action: str = ""
    known_ransomware_campaign_use: str = ""


class _Catalogue(msgspec.Struct, frozen=True, rename="camel"):
    vulnerabilities: list[msgspec.Raw]
    date_released: str = ""


_CATALOGUE = msgspec.json.Decoder(_Catalogue)
_ENTRY = msgspec.json.Decoder(_Entry)


class KnownExploited:
    """The feed ``kev``: one Vulnerability with a ``kev`` fact per entry."""

    name = "kev"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the catalogue; ``data_at`` is its release date."""
        files = (RemoteFile(_URL, _FILE, _LIMIT),)
        return fetch_files(transport, into, previous, now, files, dated=_released)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Entries in the catalogue's order."""
        for number, raw in enumerate(_read(folder).vulnerabilities):
            place = f"{_FILE}: vulnerabilities[{number}]"
            try:
                yield _fact(decode(_ENTRY, raw, place))
            except Unreadable as error:
                yield Malformed(place, str(error))


def _read(folder: Path) -> _Catalogue:
    return decode(_CATALOGUE, read_whole(folder / _FILE, _LIMIT), _FILE)


def _released(folder: Path) -> datetime | None:
    return instant(_read(folder).date_released)


def _fact(entry: _Entry) -> Vulnerability:
    identifier, added = cve_id(entry.cve_id), day(entry.date_added)
    if identifier is None or added is None:
        raise Unreadable(f"{entry.cve_id!r} added on {entry.date_added!r}: not a CVE id with a date")
    return Vulnerability(
        id=identifier,
        kev=Kev(
            added=added,
            due=day(entry.due_date),
            action=entry.required_action,
            name=entry.vulnerability_name,
            ransomware=entry.known_ransomware_campaign_use.strip().lower() == "known",
        ),
    )
