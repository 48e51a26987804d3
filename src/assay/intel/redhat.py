"""Red Hat's VEX statements and advisories in CSAF (https://security.access.redhat.com/data/csaf/v2/).

OSV's Red Hat records are the advisories: fixed versions only. The VEX files have one document per CVE with every
state of every package: fixed, affected without a fix, will not fix, deferred, out of support, under investigation
and not affected. So this feed reads VEX, and names the advisories of each flaw as related.
"""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from assay.errors import NotFound, Unreadable
from assay.intel.feed import Covers, Download, Malformed, Record, Transport
from assay.intel.fetching import fetch_listed, listed_files
from assay.intel.reading import read_whole
from assay.intel.redhat_document import read_document
from assay.intel.tars import tar_members
from assay.intel.times import instant

_BASE = "https://security.access.redhat.com/data/csaf/v2/vex/"
_LISTED = "https://security.access.redhat.com/data/csaf/v2/"
_ARCHIVE, _CHANGED = "archive.tar.zst", "changed"
_ARCHIVE_LIMIT = 16 << 30
_SMALL = 256 << 20
_DOCUMENT = 128 << 20
_MANY = 3000
_MARGIN = timedelta(days=1)


class RedHat:
    """The feed ``redhat``: one Advisory ``REDHAT-CVE-...`` per VEX document, one per advisory document.

    The first fetch reads the archive, later ones the documents that ``changes.csv`` lists, or a newer archive when
    more than 3000 changed. A mirror folder may hold ``redhat/`` with archives (``.tar.zst``) and single documents,
    VEX or advisories.
    """

    name = "redhat"
    urls = (_BASE,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get what changed since the last complete fetch."""
        listed = listed_files(transport, _LISTED, _ARCHIVE_LIMIT)
        if listed:
            return fetch_listed(transport, into, previous, now, listed)
        known = {} if previous is None or previous.folder != into else dict(previous.validators)
        changes = _changes(transport, into)
        until = max((time for _, time in changes), default=now)
        since = instant(known.get("changed_until"))
        if since is not None and (into / _ARCHIVE).is_file():
            fresh = [path for path, time in changes if time > since]
            if len(fresh) <= _MANY:
                gone = _apply(transport, into, fresh)
                state = {**known, "changed_until": until.isoformat()}
                return Download(into, now, until, state, changed=bool(fresh) or gone)
        archive, made = _fetch_archive(transport, into)
        _apply(transport, into, [path for path, time in changes if time > made - _MARGIN])
        return Download(into, now, until, {"archive": archive, "changed_until": until.isoformat()})

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Documents of the archives, except those that changed or were deleted since, then the single ones."""
        scopes: set[str] = set()
        found = False
        for place, data in _documents(folder):
            found = True
            try:
                if isinstance(data, Unreadable):
                    raise data
                advisory = read_document(data, place, self.name)
            except Unreadable as error:
                yield Malformed(place, str(error))
                continue
            scopes.update(package.scope for package in advisory.affected)
            yield advisory
        if not found:
            raise Unreadable(f"{folder.name}: no documents")
        yield from (Covers(scope) for scope in sorted(scopes))


def _changes(transport: Transport, into: Path) -> list[tuple[str, datetime]]:
    """(path, time) of every document, as ``changes.csv`` lists them."""
    target = into / "changes.csv"
    transport.get(_BASE + "changes.csv", target, validators={}, limit=_SMALL)
    return [(row[0], time) for row in _rows(target) if len(row) > 1 and (time := instant(row[1])) is not None]


def _rows(path: Path) -> Iterator[list[str]]:
    """Rows whose first cell is a harmless relative path."""
    try:
        for row in csv.reader(read_whole(path, _SMALL).decode("utf-8", "replace").splitlines()):
            if row and row[0].endswith(".json") and not row[0].startswith("/") and ".." not in row[0].split("/"):
                yield row
    except csv.Error as error:
        raise Unreadable(f"{path.name}: {error}") from error


def _fetch_archive(transport: Transport, into: Path) -> tuple[str, datetime]:
    """The archive's name and day; single documents of earlier fetches are in it."""
    pointer = into / "archive_latest.txt"
    transport.get(_BASE + "archive_latest.txt", pointer, validators={}, limit=1 << 16)
    name = pointer.read_text("utf-8", "replace").strip()
    made = instant(name.removesuffix(".tar.zst")[-10:])
    if "/" in name or made is None:
        raise Unreadable(f"archive_latest.txt: not the name of an archive with its day: {name[:80]!r}")
    transport.get(_BASE + name, into / _ARCHIVE, validators={}, limit=_ARCHIVE_LIMIT)
    for path in sorted((into / _CHANGED).rglob("*.json")):
        path.unlink()
    return name, made


def _apply(transport: Transport, into: Path, changed: list[str]) -> bool:
    """Get changed documents and the list of deleted ones; whether that list changed."""
    deletions = into / "deletions.csv"
    before = deletions.read_bytes() if deletions.is_file() else b""
    try:
        transport.get(_BASE + "deletions.csv", deletions, validators={}, limit=_SMALL)
    except NotFound:
        deletions.unlink(missing_ok=True)
    for path in changed:
        try:
            transport.get(_BASE + path, into / _CHANGED / path, validators={}, limit=_DOCUMENT)
        except NotFound:
            (into / _CHANGED / path).unlink(missing_ok=True)
    return (deletions.read_bytes() if deletions.is_file() else b"") != before


def _documents(folder: Path) -> Iterator[tuple[str, bytes | Unreadable]]:
    deletions = folder / "deletions.csv"
    gone = {row[0] for row in _rows(deletions)} if deletions.is_file() else set()
    singles: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.json")):
        singles[_tail(path.relative_to(folder).as_posix())] = path
    for archive in sorted(folder.rglob("*.tar.zst")):
        for name, data in tar_members(archive, lambda name: name.endswith(".json"), limit=_DOCUMENT):
            tail = _tail(name)
            if tail not in singles and tail not in gone:
                yield tail, data
    for tail, path in sorted(singles.items()):
        if tail not in gone:
            yield tail, read_whole(path, _DOCUMENT)


def _tail(name: str) -> str:
    """``2024/cve-2024-1.json`` of any longer path."""
    return "/".join(name.split("/")[-2:])
