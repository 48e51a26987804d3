"""Fedora's security updates, from its update system Bodhi (https://bodhi.fedoraproject.org). OSV has no Fedora."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_ids_in
from assay.intel.feed import Covers, Download, Ignored, Malformed, Record, Transport
from assay.intel.fetching import fetch_listed, listed_files
from assay.intel.paging import PageStore, documents
from assay.intel.reading import decode, read_whole
from assay.intel.rpm_version import evr, split_nevra
from assay.intel.times import instant
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Reference
from assay.model.ecosystem import Ecosystem, os_scope

_URL = "https://bodhi.fedoraproject.org/updates/"
_LIMIT = 128 << 20
_OVERLAP = timedelta(days=2)
_ROUNDS = 60


class _Bug(msgspec.Struct):
    title: str | None = None


class _Build(msgspec.Struct):
    nvr: str
    type: str = "rpm"
    epoch: int | str | None = None


class _Release(msgspec.Struct):
    version: str = ""
    id_prefix: str = ""


class _Update(msgspec.Struct):
    alias: str
    release: _Release
    title: str = ""
    name: str = msgspec.field(name="display_name", default="")
    notes: str | None = None
    severity: str = ""
    type: str = ""
    status: str = ""
    url: str = ""
    submitted: str | None = msgspec.field(name="date_submitted", default=None)
    modified: str | None = msgspec.field(name="date_modified", default=None)
    pushed: str | None = msgspec.field(name="date_pushed", default=None)
    bugs: list[_Bug] = []
    builds: list[_Build] = []


class _Page(msgspec.Struct):
    updates: list[msgspec.Raw]
    page: int = 1
    pages: int = 1


_PAGE = msgspec.json.Decoder(_Page)
_UPDATE = msgspec.json.Decoder(_Update)


class Fedora:
    """The feed ``fedora``: one Advisory ``FEDORA-...`` per stable security update, on source packages.

    The first fetch reads all security updates, later ones those pushed since. A mirror folder may hold pages of
    Bodhi's interface or single updates under ``fedora/``. EPEL is left out: its packages are no part of the
    distributions they are installed on. CVE ids are those of the bugs' titles, else of the notes.
    """

    name = "fedora"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get what is new; the cursor is the time of the last complete fetch."""
        listed = listed_files(transport, _URL, _LIMIT)
        if listed:
            return fetch_listed(transport, into, previous, now, listed)
        store = PageStore(into)
        since = instant(previous.validators.get("pushed_until")) if previous is not None else None
        query = "?type=security&status=stable&rows_per_page=100&page=1"
        cursor = {"pushed_until": now.isoformat()}
        if since is None or not len(store) or len(store) > _ROUNDS:
            store.fetch(transport, _URL + query, now, _next_page, limit=_LIMIT)
            store.keep_last()
            return Download(into, now, now, cursor)
        query += f"&pushed_since={(since - _OVERLAP).date().isoformat()}"
        page = store.fetch(transport, _URL + query, now, _next_page, limit=_LIMIT)
        changed = bool(decode(_PAGE, read_whole(page, _LIMIT), page.name).updates)
        if not changed:
            store.drop_last()
        return Download(into, now, now, cursor, changed=changed)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Updates, the newest answers first, each once."""
        seen: set[str] = set()
        scopes: set[str] = set()
        left_out = 0
        for path in documents(folder):
            for place, raw in _updates(path):
                try:
                    update = decode(_UPDATE, raw, place)
                except Unreadable as error:
                    yield Malformed(place, str(error))
                    continue
                if update.alias in seen:
                    continue
                seen.add(update.alias)
                if update.release.id_prefix != "FEDORA" or update.status != "stable" or update.type != "security":
                    left_out += 1
                    continue
                advisory = _advisory(update)
                scopes.update(package.scope for package in advisory.affected)
                yield advisory
        yield from (Covers(scope) for scope in sorted(scopes))
        if left_out:
            yield Ignored("updates of EPEL, not yet stable, or not about security", left_out)


def _next_page(address: str, content: bytes, _link: str) -> str:
    page = decode(_PAGE, content, address)
    number = int(parse_qs(urlsplit(address).query)["page"][0])
    if not page.updates or number >= page.pages:
        return ""
    return address.replace(f"&page={number}", f"&page={number + 1}")


def _updates(path: Path) -> Iterator[tuple[str, bytes | msgspec.Raw]]:
    data = read_whole(path, _LIMIT)
    try:
        page = decode(_PAGE, data, path.name)
    except Unreadable:
        yield path.name, data
        return
    yield from ((f"{path.name}: updates[{number}]", raw) for number, raw in enumerate(page.updates))


def _advisory(update: _Update) -> Advisory:
    titles = " ".join(bug.title or "" for bug in update.bugs)
    scope = os_scope("fedora", update.release.version)
    page = update.url or f"{_URL}{update.alias}"
    return Advisory(
        id=update.alias,
        source=Fedora.name,
        affected=tuple(package for build in update.builds for package in _affected(build, scope, update.severity)),
        cves=cve_ids_in(titles) or cve_ids_in(f"{update.title} {update.name} {update.notes or ''}"),
        summary=update.name or update.title,
        details=update.notes or "",
        severity=update.severity,
        references=(Reference(page, "ADVISORY"),),
        published=instant(update.pushed) or instant(update.submitted),
        modified=instant(update.modified),
    )


def _affected(build: _Build, scope: str, severity: str) -> Iterator[AffectedPackage]:
    """Only builds of rpm packages; modules, containers and flatpaks have names of their own."""
    found = split_nevra(build.nvr) if build.type == "rpm" else None
    if found is None:
        return
    name, version, _ = found
    epoch = "" if build.epoch is None else str(build.epoch)
    yield AffectedPackage(
        ecosystem=Ecosystem.RPM.value,
        scope=scope,
        name=name,
        ranges=(AffectedRange(fixed=evr(version, "", epoch)),),
        severity=severity,
        source=True,
    )
