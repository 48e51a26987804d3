"""The National Vulnerability Database, read through its API 2.0 (https://nvd.nist.gov/developers/vulnerabilities)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec

from assay.errors import Unreadable
from assay.intel.feed import Download, Malformed, Record, Transport
from assay.intel.fetching import fetch_listed, listed_files
from assay.intel.nvd_record import vulnerability_of
from assay.intel.paging import PageStore, documents
from assay.intel.reading import decode, read_whole
from assay.intel.times import instant

_URL = "https://services.nvd.nist.gov/rest/json/cves/2.0"
_PAGE = 2000
_INDEX = re.compile(r"startIndex=\d+")
_LIMIT = 256 << 20
_WINDOW = timedelta(days=119)
_ROUNDS = 90
_OVERLAP = timedelta(hours=1)


class _Page(msgspec.Struct, rename="camel"):
    vulnerabilities: list[msgspec.Raw]
    total_results: int = 0
    start_index: int = 0
    results_per_page: int = 0
    timestamp: str = ""


_PAGES = msgspec.json.Decoder(_Page)


class NationalDatabase:
    """The feed ``nvd``: one Vulnerability per CVE, of several answers the newest.

    The first fetch reads everything, later ones what was modified since, in windows of at most 120 days (the API's
    limit), and everything again after 90 rounds. The transport sends the API key and keeps the pace. A mirror folder
    may hold pages in the API's form, or the NVD's yearly files, which have the same form, under ``nvd/``.
    """

    name = "nvd"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get what is new; the cursor is the time of the last complete fetch."""
        listed = listed_files(transport, _URL + "/", _LIMIT)
        if listed:
            return fetch_listed(transport, into, previous, now, listed, dated=_newest_answer)
        store = PageStore(into)
        since = instant(previous.validators.get("modified_until")) if previous is not None else None
        if since is None or not len(store) or len(store) > _ROUNDS:
            store.fetch(transport, _address(0), now, _next_page, limit=_LIMIT)
            store.keep_last()
            changed = True
        else:
            changed = False
            for start, end in _windows(since - _OVERLAP, now):
                page = store.fetch(transport, _address(0, start, end), now, _next_page, limit=_LIMIT)
                if _read(page).vulnerabilities:
                    changed = True
                else:
                    store.drop_last()
        return Download(into, now, now, {"modified_until": now.isoformat()}, changed=changed)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Records of the newest answers first."""
        seen: set[str] = set()
        for path in documents(folder):
            for number, raw in enumerate(_read(path).vulnerabilities):
                place = f"{path.name}: vulnerabilities[{number}]"
                try:
                    found = vulnerability_of(raw, place)
                except Unreadable as error:
                    yield Malformed(place, str(error))
                    continue
                if found.id not in seen:
                    seen.add(found.id)
                    yield found


def _windows(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        until = min(start + _WINDOW, end)
        yield start, until
        start = until


def _address(index: int, start: datetime | None = None, end: datetime | None = None) -> str:
    query = f"resultsPerPage={_PAGE}&startIndex={index}"
    if start is not None and end is not None:
        times = (quote(time.isoformat(timespec="milliseconds")) for time in (start, end))
        query += "&lastModStartDate={}&lastModEndDate={}".format(*times)
    return f"{_URL}?{query}"


def _next_page(address: str, content: bytes, _link: str) -> str:
    page = decode(_PAGES, content, address)
    following = page.start_index + len(page.vulnerabilities)
    if not page.vulnerabilities or following >= page.total_results:
        return ""
    return _INDEX.sub(f"startIndex={following}", address)


def _read(path: Path) -> _Page:
    return decode(_PAGES, read_whole(path, _LIMIT), path.name)


def _newest_answer(folder: Path) -> datetime | None:
    times = (instant(_read(path).timestamp) for path in documents(folder))
    return max((time for time in times if time is not None), default=None)
