"""How much a flaw is talked about: mentions per CVE in a recent window."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id
from assay.intel.feed import Download, Malformed, Record, Transport
from assay.intel.fetching import fetch_listed, listed_files
from assay.intel.paging import PageStore, documents
from assay.intel.reading import decode, read_whole
from assay.intel.tables import csv_rows
from assay.model.advisory import Vulnerability

_URL = "https://vulnerability.circl.lu/api/sighting/"
_PER_PAGE = 1000
_LIMIT = 64 << 20
_WINDOW = timedelta(days=30)
_PAGE = re.compile(r"([?&]page=)\d+")
_COUNTS = ("mentions", "count", "attention", "sightings")


class _Sighting(msgspec.Struct):
    vulnerability: str = ""
    type: str = ""


class _Metadata(msgspec.Struct):
    count: int = 0


class _Sightings(msgspec.Struct):
    data: list[_Sighting]
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _Mention(msgspec.Struct):
    cve: str
    mentions: int | None = None
    count: int | None = None
    attention: int | None = None
    sightings: int | None = None


_SIGHTINGS = msgspec.json.Decoder(_Sightings)
_LIST = msgspec.json.Decoder(list[_Mention])
_TABLE = msgspec.json.Decoder(dict[str, int])


class Attention:
    """The feed ``attention``: one Vulnerability with ``attention`` per CVE that was mentioned.

    The built-in source is the sightings interface of CIRCL's vulnerability-lookup, the last 30 days: every sighting
    of a CVE (seen, confirmed, exploited, a published proof of concept ...) is one mention. Instead, or as well,
    files that a mirror folder holds under ``attention/`` are read: JSON ``{"CVE-2024-1": 12}`` or
    ``[{"cve": "CVE-2024-1", "mentions": 12}]``, CSV with the columns ``cve`` and ``mentions`` (or ``count``).
    Numbers for the same CVE add up.
    """

    name = "attention"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the sightings of the window, or what the mirror folder holds."""
        listed = listed_files(transport, _URL, _LIMIT)
        if listed:
            return fetch_listed(transport, into, previous, now, listed)
        store = PageStore(into)
        since = (now - _WINDOW).date().isoformat()
        first = f"{_URL}?page=1&per_page={_PER_PAGE}&date_from={since}"
        store.fetch(transport, first, now, _next_page, limit=_LIMIT)
        store.keep_last()
        return Download(into, now, now)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """CVEs in the order of their ids."""
        mentions: Counter[str] = Counter()
        for path in documents(folder):
            try:
                _add(mentions, path)
            except Unreadable as error:
                yield Malformed(path.name, str(error))
        for identifier, count in sorted(mentions.items()):
            yield Vulnerability(identifier, attention=count)


def _next_page(address: str, content: bytes, _link: str) -> str:
    page = decode(_SIGHTINGS, content, address)
    number = int(parse_qs(urlsplit(address).query)["page"][0])
    if not page.data or number * _PER_PAGE >= page.metadata.count:
        return ""
    return _PAGE.sub(rf"\g<1>{number + 1}", address)


def _add(mentions: Counter[str], path: Path) -> None:
    found: Counter[str] = Counter()
    for text, count in _counts(path):
        identifier = cve_id(text)
        if identifier is not None and 0 < count < 1 << 53:
            found[identifier] += count
    mentions.update(found)


def _counts(path: Path) -> Iterator[tuple[str, int]]:
    if ".csv" in path.name.lower():
        for _, row in csv_rows(path, frozenset({"cve"}), _LIMIT):
            number = next((row[name].strip() for name in _COUNTS if name in row), "1")
            if number.isascii() and number.isdecimal() and len(number) < 16:
                yield row["cve"], int(number)
        return
    data = read_whole(path, _LIMIT)
    if data.lstrip()[:1] == b"[":
        for entry in decode(_LIST, data, path.name):
            given = (entry.mentions, entry.count, entry.attention, entry.sightings)
            yield entry.cve, next((number for number in given if number is not None), 1)
        return
    try:
        page = decode(_SIGHTINGS, data, path.name)
    except Unreadable:
        yield from decode(_TABLE, data, path.name).items()
        return
    for sighting in page.data:
        yield sighting.vulnerability, 1
