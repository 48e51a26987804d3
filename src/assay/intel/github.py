"""GitHub's reviewed advisories (https://docs.github.com/en/rest/security-advisories/global-advisories)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from assay.errors import Unreadable
from assay.intel.feed import Covers, Download, Malformed, Record, Transport
from assay.intel.fetching import fetch_listed, listed_files
from assay.intel.github_range import parse_range
from assay.intel.github_schema import (
    ECOSYSTEMS,
    GRAPH_ANSWER,
    GRAPH_NODE,
    REST_ADVISORY,
    REST_ANSWER,
    Bulletin,
    Statement,
    from_graph,
    from_rest,
)
from assay.intel.paging import PageStore, documents
from assay.intel.reading import decode, read_whole
from assay.intel.times import instant
from assay.model.advisory import Advisory, AffectedPackage, FixState
from assay.model.ecosystem import Ecosystem, normal_name

_URL = "https://api.github.com/advisories"
_LIMIT = 64 << 20
_OVERLAP = timedelta(hours=1)
_ROUNDS = 90


class GitHubAdvisories:
    """The feed ``github``: one Advisory per GHSA record.

    OSV's bulk feeds carry the same records, earlier joined with those of other databases; this feed serves where
    the interface (with a token) or saved answers of it are at hand. The first fetch reads all reviewed advisories,
    later ones what was updated since. A mirror folder may hold answers of the REST or the GraphQL interface under
    ``github/``; where a GraphQL answer does not name the package world, its file's name does (``npm.json``). Only
    what was fetched from the interface itself claims to be complete.
    """

    name = "github"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get what is new; the cursor is the time of the last complete fetch."""
        listed = listed_files(transport, _URL + "/", _LIMIT)
        if listed:
            return fetch_listed(transport, into, previous, now, listed)
        store = PageStore(into)
        since = instant(previous.validators.get("updated_until")) if previous is not None else None
        query = "?type=reviewed&per_page=100&sort=updated&direction=asc"
        cursor = {"updated_until": now.isoformat()}
        if since is None or not len(store) or len(store) > _ROUNDS:
            store.fetch(transport, _URL + query, now, _next_page, limit=_LIMIT)
            store.keep_last()
            return Download(into, now, now, cursor)
        query += "&modified=" + quote(f">={(since - _OVERLAP).isoformat(timespec='seconds')}")
        page = store.fetch(transport, _URL + query, now, _next_page, limit=_LIMIT)
        changed = bool(decode(REST_ANSWER, read_whole(page, _LIMIT), page.name))
        if not changed:
            store.drop_last()
        return Download(into, now, now, cursor, changed=changed)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Advisories in the order of their first appearance, the newest answers first."""
        found: dict[str, Bulletin] = {}
        worlds: set[str] = set()
        for path in documents(folder):
            for bulletin in _bulletins(path):
                if isinstance(bulletin, Malformed):
                    yield bulletin
                else:
                    _keep(found, bulletin)
        for bulletin in found.values():
            affected: list[AffectedPackage] = []
            for statement in dict.fromkeys(bulletin.statements):
                try:
                    affected.extend(_affected(statement, bulletin.severity))
                except Unreadable as error:
                    yield Malformed(f"{bulletin.ghsa}: {statement.name}", str(error))
            worlds.update(package.scope for package in affected)
            yield _advisory(bulletin, affected)
        if len(PageStore(folder)):
            yield from (Covers(world) for world in sorted(worlds))


def _next_page(_address: str, _content: bytes, link: str) -> str:
    return link


def _bulletins(path: Path) -> Iterator[Bulletin | Malformed]:
    data = read_whole(path, _LIMIT)
    if data.lstrip()[:1] == b"[":
        raws = decode(REST_ANSWER, data, path.name)
    else:
        connection = decode(GRAPH_ANSWER, data, path.name).data.vulnerabilities
        raws = [edge.node for edge in connection.edges] + connection.nodes
    for number, raw in enumerate(raws):
        place = f"{path.name}[{number}]"
        try:
            if data.lstrip()[:1] == b"[":
                bulletin = from_rest(decode(REST_ADVISORY, raw, place))
            else:
                bulletin = _with_world(from_graph(decode(GRAPH_NODE, raw, place)), path)
        except Unreadable as error:
            yield Malformed(place, str(error))
            continue
        yield bulletin if bulletin.ghsa else Malformed(place, "an advisory without a GHSA id")


def _with_world(bulletin: Bulletin, path: Path) -> Bulletin:
    """A GraphQL answer to a question about one package world need not repeat its name."""
    world = path.name.partition(".")[0]
    statements = tuple(one if one.ecosystem else replace(one, ecosystem=world) for one in bulletin.statements)
    return replace(bulletin, statements=statements)


def _keep(found: dict[str, Bulletin], bulletin: Bulletin) -> None:
    """GraphQL spreads an advisory over several nodes; of REST answers the first, newest one holds."""
    known = found.get(bulletin.ghsa)
    if known is None:
        found[bulletin.ghsa] = bulletin
    elif known.modified == bulletin.modified:
        found[bulletin.ghsa] = replace(known, statements=(*known.statements, *bulletin.statements))


def _world(name: str) -> Ecosystem | None:
    known = ECOSYSTEMS.get(name.lower())
    if known is not None:
        return known
    return next((world for world in ECOSYSTEMS.values() if world.value == name), None)


def _affected(statement: Statement, severity: str) -> Iterator[AffectedPackage]:
    """Nothing for package worlds that we do not know (``other``, ``actions``)."""
    world = _world(statement.ecosystem)
    if world is None:
        return
    versions = parse_range(statement.versions, statement.patched or None, world)
    fixed = any(one.fixed is not None for one in versions.ranges) or bool(statement.patched)
    yield AffectedPackage(
        ecosystem=world.value,
        scope=world.value,
        name=normal_name(world, statement.name),
        ranges=versions.ranges,
        versions=versions.listed,
        state=FixState.FIXED if fixed else FixState.UNFIXED,
        severity=severity,
    )


def _advisory(bulletin: Bulletin, affected: list[AffectedPackage]) -> Advisory:
    return Advisory(
        id=bulletin.ghsa,
        source=GitHubAdvisories.name,
        affected=tuple(affected),
        aliases=bulletin.aliases,
        summary=bulletin.summary,
        details=bulletin.details,
        severity=bulletin.severity,
        cvss=bulletin.cvss,
        cwes=bulletin.cwes,
        references=bulletin.references,
        published=instant(bulletin.published),
        modified=instant(bulletin.modified),
        withdrawn=instant(bulletin.withdrawn),
    )
