"""Proof-of-concept links per CVE, as https://github.com/trickest/cve collects them."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id
from assay.intel.feed import Download, Ignored, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_files
from assay.intel.reading import decode, lines_of, open_stream
from assay.intel.zips import is_zip, zip_members
from assay.model.advisory import Exploit, Vulnerability

_URL = "https://github.com/trickest/cve/archive/refs/heads/main.zip"
_FILE = "poc"
_LIMIT = 4 << 30
_LINK = re.compile(r"^\s*[-*]\s+(https?://\S+)\s*$", re.MULTILINE)
_PAGE = re.compile(r"(?:^|/)(CVE-\d{4}-\d{4,19})\.md\Z", re.ASCII)
_HEADING = re.compile(r"^####\s+(\w+)", re.MULTILINE)


class _Line(msgspec.Struct):
    cve: str
    reference: list[str] = []
    github: list[str] = []


_LINE = msgspec.json.Decoder(_Line)


class ProofsOfConcept:
    """The feed ``poc``: one Vulnerability per CVE with its public proofs of concept.

    The collection is generous: its GitHub part lists every repository that mentions a CVE, also lists of CVEs and
    tools that only carry ids. A repository counts here when its own address names the CVE; links of the reference
    part, which come from the CVE record's references tagged as exploits, all count. What does not count is reported
    as a number. Reads the repository's zip archive and lines of ``{"cve", "reference", "github"}``.
    """

    name = "poc"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the collection."""
        return fetch_files(transport, into, previous, now, (RemoteFile(_URL, _FILE, _LIMIT),))

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """CVEs in the order of the collection."""
        left_out = 0
        for entry in _entries(folder / _FILE):
            if isinstance(entry, Malformed):
                yield entry
                continue
            repositories = [url for url in dict.fromkeys(entry.github) if _names(url, entry.cve)]
            left_out += len(entry.github) - len(repositories)
            found = (*_exploits(entry.reference, "reference"), *_exploits(repositories, "repository"))
            if found:
                yield Vulnerability(entry.cve, exploits=found)
        if left_out:
            yield Ignored("repositories that mention a CVE id without being named after it", left_out)


def _exploits(urls: Iterable[str], kind: str) -> Iterator[Exploit]:
    return (Exploit("poc", url, kind) for url in dict.fromkeys(urls) if url.startswith(("http://", "https://")))


def _names(url: str, cve: str) -> bool:
    """Whether an address has the CVE's year and number, however they are joined."""
    _, year, number = cve.split("-")
    return number in url and re.search(rf"(?<!\d){year}[-_.]?{number}(?!\d)", url) is not None


def _entries(path: Path) -> Iterator[_Line | Malformed]:
    if is_zip(path):
        for name, data in zip_members(path, lambda name: _PAGE.search(name) is not None):
            page = _PAGE.search(name)
            if isinstance(data, Unreadable):
                yield Malformed(name, str(data))
            elif page is not None:
                yield _page(page[1], data.decode("utf-8", "replace"))
        return
    with open_stream(path) as file:
        for number, line in lines_of(file, path.name):
            place = f"{path.name}:{number}"
            try:
                entry = decode(_LINE, line, place)
            except Unreadable as error:
                yield Malformed(place, str(error))
                continue
            identifier = cve_id(entry.cve)
            if identifier is None:
                yield Malformed(place, f"{entry.cve!r} is not a CVE id")
            else:
                yield _Line(identifier, entry.reference, entry.github)


def _page(cve: str, text: str) -> _Line:
    """The links below the headings ``#### Reference`` and ``#### Github`` of a CVE's page."""
    entry = _Line(cve)
    headings = list(_HEADING.finditer(text))
    for heading, following in zip(headings, [*headings[1:], None], strict=False):
        links = _LINK.findall(text, heading.end(), following.start() if following else len(text))
        match heading[1].lower():
            case "reference":
                entry.reference.extend(links)
            case "github":
                entry.github.extend(links)
    return entry
