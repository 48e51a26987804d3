"""The CVE list itself: records of the CVE program with what CISA's Vulnrichment adds (https://github.com/CVEProject/cvelistV5)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from assay.errors import Unreadable
from assay.intel.cve5_record import vulnerability_of
from assay.intel.feed import Download, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_files
from assay.intel.reading import lines_of, open_stream, read_whole
from assay.intel.zips import is_zip, zip_members

_URL = "https://github.com/CVEProject/cvelistV5/archive/refs/heads/main.zip"
_FILE = "cvelist"
_LIMIT = 8 << 30
_RECORD = 64 << 20


class CveList:
    """The feed ``cve``: one Vulnerability per record, rejected ones included.

    The folder may hold the list in any of its forms: the repository's zip archive, lines of records (``.jsonl``,
    compressed or not), or single ``CVE-*.json`` files in any depth.
    """

    name = "cve"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the whole list."""
        return fetch_files(transport, into, previous, now, (RemoteFile(_URL, _FILE, _LIMIT),))

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Records in the order of the files' names and, within a file, of the file."""
        files = sorted(
            path for path in folder.rglob("*") if path.is_file() and not path.name.endswith((".part", ".part.json"))
        )
        if not files:
            raise Unreadable(f"{folder.name}: no CVE records")
        for path in files:
            yield from _read(path)


def _read(path: Path) -> Iterator[Record]:
    for place, data in _documents(path):
        if isinstance(data, Unreadable):
            yield Malformed(place, str(data))
            continue
        try:
            yield vulnerability_of(data, place)
        except Unreadable as error:
            yield Malformed(place, str(error))


def _documents(path: Path) -> Iterator[tuple[str, bytes | Unreadable]]:
    if is_zip(path):
        yield from zip_members(path, _is_record, limit=_RECORD)
    elif _is_record(path.name):
        yield path.name, read_whole(path, _RECORD)
    elif path.name == _FILE or ".jsonl" in path.name:
        with open_stream(path) as file:
            for number, line in lines_of(file, path.name):
                if line.strip():
                    yield f"{path.name}:{number}", line


def _is_record(name: str) -> bool:
    return name.endswith(".json") and name.rpartition("/")[2].startswith("CVE-")
