"""OSV's bulk feed of one ecosystem: all records in a zip, and a list of what changed since.

https://google.github.io/osv.dev/data/#data-dumps
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from assay.errors import LimitExceeded, NotFound, Unreadable
from assay.intel.feed import Covers, Download, Ignored, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_files
from assay.intel.osv import read_record
from assay.intel.osv_ecosystem import KNOWN, is_known
from assay.intel.reading import lines_of, open_stream, read_whole
from assay.intel.times import instant
from assay.intel.zips import zip_members

_BUCKET = "https://osv-vulnerabilities.storage.googleapis.com"
_ZIP, _INDEX, _SEEN, _SINGLE = "all.zip", "modified_id.csv", "seen_modified_id.csv", "single"
_ZIP_LIMIT = 8 << 30
_INDEX_LIMIT = 256 << 20
_RECORD_LIMIT = 32 << 20
_CONTENT_LIMIT = 64 << 30
_MANY = 200
_COMMITS = "ranges of commits, which only the repository's history could order"
_NO_FLAWS = "errata that mend no flaw"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,199}\Z")


@dataclass(frozen=True, slots=True)
class OsvEcosystem:
    """The feed of one folder of the bulk storage. Only folders of ``KNOWN`` ecosystems claim to be complete."""

    folder: str

    @property
    def name(self) -> str:
        """``osv-`` and the folder in lower case with dashes (``osv-crates-io``)."""
        return "osv-" + re.sub(r"[^a-z0-9]+", "-", self.folder.lower()).strip("-")

    @property
    def urls(self) -> tuple[str, ...]:
        """The zip and the list of changes."""
        return (self._url(_ZIP), self._url(_INDEX))

    def _url(self, name: str) -> str:
        return f"{_BUCKET}/{quote(self.folder)}/{quote(name)}"

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the list of changes first; a few changed records one by one, more than 200 with the whole zip.

        The whole zip is also got when records are no longer listed, from a local mirror, and from a server that has
        no single records or no proper list. ``data_at`` is the newest change.
        """
        singly = previous is not None and self._fetch_changed(transport, into, previous, now)
        return singly or self._fetch_all(transport, into, previous, now)

    def _fetch_changed(self, transport: Transport, into: Path, previous: Download, now: datetime) -> Download | None:
        local = f"{_ZIP}|mirror" in previous.validators
        if local or previous.folder != into or not (into / _ZIP).is_file() or not (into / _SEEN).is_file():
            return None
        try:
            listed = fetch_files(transport, into, previous, now, (self._index,), dated=_newest_change)
            changed = _changes(_read_index(into / _SEEN), _read_index(into / _INDEX))
            if changed is None or len(changed) > _MANY or not (changed or _singles(into)):
                return None
            for identifier in changed:
                target = into / _SINGLE / f"{identifier}.json"
                transport.get(self._url(f"{identifier}.json"), target, validators={}, limit=_RECORD_LIMIT)
        except (NotFound, Unreadable):
            return None
        _copy(into / _INDEX, into / _SEEN)
        kept = {key: value for key, value in previous.validators.items() if not key.startswith(f"{_INDEX}|")}
        return Download(into, now, listed.data_at, {**kept, **listed.validators}, changed=bool(changed))

    def _fetch_all(self, transport: Transport, into: Path, previous: Download | None, now: datetime) -> Download:
        """The list before the zip, so that what changes in between is seen again next time."""
        whole = RemoteFile(self._url(_ZIP), _ZIP, _ZIP_LIMIT)
        download = fetch_files(transport, into, previous, now, (self._index, whole), dated=_newest_change)
        superseded = _singles(into)
        for path in superseded.values():
            path.unlink(missing_ok=True)
        if (into / _INDEX).is_file():
            _copy(into / _INDEX, into / _SEEN)
        return replace(download, changed=download.changed or bool(superseded))

    @property
    def _index(self) -> RemoteFile:
        return RemoteFile(self._url(_INDEX), _INDEX, _INDEX_LIMIT, optional=True)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Records in the zip's order, then those fetched singly, then what the feed covers and what was left out.

        A record on packages of several ecosystems is in the zip of each; only this one's are all there.
        """
        scopes: set[str] = set()
        left_out: Counter[str] = Counter()
        for place, data in _records(folder / _ZIP, _singles(folder)):
            try:
                reading = read_record(_sound(data), place, self.name)
            except Unreadable as error:
                yield Malformed(place, str(error))
                continue
            left_out[_COMMITS] += reading.git_ranges
            if not reading.mends_flaws:
                left_out[_NO_FLAWS] += 1
                continue
            scopes.update(scope for name, scope in reading.scopes if name == self.folder)
            yield reading.advisory
        if is_known(self.folder):
            yield from (Covers(scope) for scope in sorted(scopes))
        yield from (Ignored(what, count) for what, count in sorted(left_out.items()) if count)


def osv_feeds() -> tuple[OsvEcosystem, ...]:
    """The feeds of all known ecosystems."""
    return tuple(OsvEcosystem(folder) for folder in KNOWN)


def osv_folders(mirror: Path) -> tuple[OsvEcosystem, ...]:
    """The feeds of all folders with an ``all.zip`` below ``mirror``/osv, known or not."""
    return tuple(OsvEcosystem(path.parent.name) for path in sorted((mirror / "osv").glob(f"*/{_ZIP}")))


def _singles(folder: Path) -> dict[str, Path]:
    """The records fetched one by one since the zip, by id."""
    return {path.stem: path for path in sorted((folder / _SINGLE).glob("*.json"))}


def _records(path: Path, singles: Mapping[str, Path]) -> Iterator[tuple[str, bytes | Unreadable]]:
    """(place, bytes or what is wrong with them) of each record; single files replace those of the zip."""

    def wanted(name: str) -> bool:
        return name.endswith(".json") and PurePosixPath(name).stem not in singles

    left = _CONTENT_LIMIT
    for name, data in zip_members(path, wanted, limit=_RECORD_LIMIT):
        left -= len(data) if isinstance(data, bytes) else 0
        if left < 0:
            raise LimitExceeded(f"{path.name}: more than {_CONTENT_LIMIT} bytes when unpacked")
        yield f"{path.name}:{name}", data
    for single in singles.values():
        yield f"{single.parent.name}/{single.name}", read_whole(single, _RECORD_LIMIT)


def _sound(data: bytes | Unreadable) -> bytes:
    if isinstance(data, Unreadable):
        raise data
    return data


def _newest_change(folder: Path) -> datetime | None:
    """The first line of the list, which is sorted by time, newest first."""
    try:
        with open_stream(folder / _INDEX, _INDEX_LIMIT) as file:
            _, line = next(lines_of(file, _INDEX))
    except (Unreadable, StopIteration):
        return None
    return instant(line.decode("utf-8", "replace").partition(",")[0])


def _read_index(path: Path) -> dict[str, str]:
    """When each record changed last, by id."""
    found: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                if len(row) == 2 and _ID.match(row[1]):
                    found[row[1]] = row[0]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"{path.name}: not a list of times and ids ({error})") from error
    return found


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str] | None:
    """The ids whose time differs; None when records are gone."""
    if old.keys() - new.keys():
        return None
    return sorted(identifier for identifier, time in new.items() if old.get(identifier) != time)


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    part.write_bytes(source.read_bytes())
    part.replace(target)
