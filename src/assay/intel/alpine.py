"""Alpine's security database (https://secdb.alpinelinux.org), one file per release and repository.

OSV's Alpine records are made from it; this feed reads it directly, so that a new release or a fix is known the same
day, and adds the packages that Alpine says were never affected (version ``0``).
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_ids_in
from assay.intel.feed import Covers, Download, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_listed, listed_files
from assay.intel.reading import decode, read_whole
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState, Reference
from assay.model.ecosystem import Ecosystem, os_scope

T = TypeVar("T")
_URL = "https://secdb.alpinelinux.org/"
_LIMIT = 64 << 20
_REPOSITORIES = ("main", "community")
_MINORS = range(3, 30)
_RELEASE = re.compile(r"v(\d{1,3}\.\d{1,3})\Z", re.ASCII)
_OTHER_ID = re.compile(r"(?:XSA|GHSA|ALPINE|ZBX|GNUTLS-SA|TALOS|WNPA-SEC)-[\w.-]{1,40}\Z", re.ASCII)


class _Package(msgspec.Struct):
    name: str = ""
    secfixes: dict[str, list[str] | None] | None = None


class _Entry(msgspec.Struct):
    pkg: _Package


class _Database(msgspec.Struct):
    version: str = msgspec.field(name="distroversion", default="")
    packages: list[msgspec.Raw] | None = None


class _YamlDatabase(msgspec.Struct):
    version: str = msgspec.field(name="distroversion", default="")
    packages: list[dict[str, object]] | None = None


_DATABASE = msgspec.json.Decoder(_Database)
_ENTRY = msgspec.json.Decoder(_Entry)


class AlpineSecurity:
    """The feed ``alpine``: one Advisory ``ALPINE-CVE-...`` per flaw, on source packages (origins).

    Asks for v3.3 to v3.29 and edge; releases that do not exist (yet) are skipped. A mirror folder may hold any
    releases, as JSON or YAML, under ``alpine-secdb/``.
    """

    name = "alpine"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get all releases' files."""
        files = listed_files(transport, _URL, _LIMIT) or _all_files()
        return fetch_listed(transport, into, previous, now, files)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Flaws by id. A release with a file that cannot be read is not covered."""
        paths = sorted(path for path in folder.rglob("*") if path.suffix in {".json", ".yaml"})
        if not paths:
            raise Unreadable(f"{folder.name}: no databases")
        flaws: dict[str, list[AffectedPackage]] = {}
        scopes: set[str] = set()
        half: set[str | None] = set()
        for path in paths:
            place = str(path.relative_to(folder))
            try:
                database = _read(path, place)
            except Unreadable as error:
                yield Malformed(place, str(error))
                half.add(_scope(path.parent.name))
                continue
            scope = _scope(database.version)
            if scope is None:
                yield Malformed(place, f"not a release: {database.version[:40]!r}")
                continue
            scopes.add(scope)
            for entry in _entries(database, place):
                if isinstance(entry, Malformed):
                    yield entry
                    continue
                for identifier, package in _statements(entry, scope):
                    flaws.setdefault(identifier, []).append(package)
        for identifier, affected in sorted(flaws.items()):
            yield _advisory(identifier, affected)
        yield from (Covers(scope) for scope in sorted(scopes - half))


def _all_files() -> tuple[RemoteFile, ...]:
    releases = [f"v3.{minor}" for minor in _MINORS] + ["edge"]
    names = (f"{release}/{repository}.json" for release in releases for repository in _REPOSITORIES)
    return tuple(RemoteFile(_URL + name, name, _LIMIT, optional=True) for name in names)


def _scope(version: str) -> str | None:
    found = _RELEASE.match(version)
    if found is not None:
        return os_scope("alpine", found[1])
    return "alpine:edge" if version == "edge" else None


def _read(path: Path, place: str) -> _Database | _YamlDatabase:
    data = read_whole(path, _LIMIT)
    return decode(_DATABASE, data, place) if path.suffix == ".json" else _from_yaml(data, place)


def _from_yaml(data: bytes, place: str) -> _YamlDatabase:
    import yaml

    try:
        tree = yaml.safe_load(data)  # not the loader in C, which crashes the process on deep nesting
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError, UnicodeError) as error:
        raise Unreadable(f"{place}: {error}") from error
    return _convert(tree, _YamlDatabase, place)


def _convert(tree: object, kind: type[T], place: str) -> T:
    try:
        return msgspec.convert(tree, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise Unreadable(f"{place}: {error}") from error


def _entries(database: _Database | _YamlDatabase, place: str) -> Iterator[_Package | Malformed]:
    for number, raw in enumerate(database.packages or ()):
        here = f"{place}: packages[{number}]"
        try:
            entry = decode(_ENTRY, raw, here) if isinstance(raw, msgspec.Raw) else _convert(raw, _Entry, here)
        except Unreadable as error:
            yield Malformed(here, str(error))
            continue
        yield entry.pkg if entry.pkg.name else Malformed(here, "a package without a name")


def _statements(package: _Package, scope: str) -> Iterator[tuple[str, AffectedPackage]]:
    for version, texts in (package.secfixes or {}).items():
        never = version == "0"
        statement = AffectedPackage(
            ecosystem=Ecosystem.APK.value,
            scope=scope,
            name=package.name,
            ranges=() if never else (AffectedRange(fixed=version),),
            state=FixState.NOT_AFFECTED if never else FixState.FIXED,
            source=True,
        )
        for identifier in _ids(texts or ()):
            yield identifier, statement


def _ids(texts: Sequence[str]) -> tuple[str, ...]:
    """``CVE-2018-1 (+ regression)`` and ``CVE-2018-1 CVE-2018-2`` name CVEs; entries without one keep their own id."""
    found: dict[str, None] = {}
    for text in texts:
        cves = cve_ids_in(text)
        others = [word for word in text.split() if _OTHER_ID.match(word)] if not cves else []
        found.update(dict.fromkeys((*cves, *others)))
    return tuple(found)


def _advisory(identifier: str, affected: Sequence[AffectedPackage]) -> Advisory:
    is_cve = identifier.startswith("CVE-")
    return Advisory(
        id=f"ALPINE-{identifier}" if is_cve else identifier,
        source=AlpineSecurity.name,
        affected=tuple(dict.fromkeys(affected)),
        cves=(identifier,) if is_cve else (),
        references=(Reference(f"https://security.alpinelinux.org/vuln/{identifier}", "ADVISORY"),),
    )
