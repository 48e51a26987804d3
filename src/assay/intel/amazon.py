"""Amazon Linux's own updates (ALAS, https://alas.aws.amazon.com), from the repositories' ``updateinfo.xml.gz``.

OSV has no Amazon Linux. The repositories are the list that ``yum updateinfo`` and ``dnf updateinfo`` show. The
advisories' web pages and RSS are not read: they leave out epochs, without which versions cannot be compared.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin

from assay.errors import NotFound, Unavailable, Unreadable
from assay.intel.feed import Covers, Download, Malformed, Record, Transport
from assay.intel.fetching import fetch_listed, listed_files
from assay.intel.updateinfo import Build, Update, has_digest, updateinfo_location, updates
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState, Reference
from assay.model.ecosystem import Ecosystem, os_scope

_CDN = "https://cdn.amazonlinux.com/"
_LISTED = f"{_CDN}updateinfo/"
_LIMIT = 1 << 30
_SMALL = 16 << 20
_TOPICS = (
    "BCC GraphicsMagick1.3 R3.4 R4 ansible2 aws-nitro-enclaves-cli awscli1 collectd collectd-python3 corretto8 dnsmasq "
    "dnsmasq2.85 docker ecs emacs epel firecracker firefox gimp golang1.11 golang1.19 golang1.9 haproxy2 httpd_modules "
    "java-openjdk11 kernel-5.10 kernel-5.15 kernel-5.4 kernel-ng lamp-mariadb10.2-php7.2 libreoffice livepatch lustre "
    "lustre2.10 lynis mariadb10.5 mate-desktop1.x memcached1.5 mock mock2 mono nano nginx1 nginx1.12 php7.1 php7.2 "
    "php7.3 php7.4 php8.0 php8.1 php8.2 postgresql10 postgresql11 postgresql12 postgresql13 postgresql14 postgresql9.6 "
    "python3 python3.8 redis4.0 redis6 ruby2.4 ruby2.6 ruby3.0 rust1 selinux-ng squid4 testing tomcat8.5 tomcat9 "
    "unbound1.13 unbound1.17 vim"
).split()
_MIRRORS: Mapping[str, str] = {
    "al1/updates": "http://repo.us-east-1.amazonaws.com/2018.03/updates/x86_64/mirror.list",
    "al1/main": "http://repo.us-east-1.amazonaws.com/2018.03/main/x86_64/mirror.list",
    "al2/core": f"{_CDN}2/core/latest/x86_64/mirror.list",
    "al2023/core": f"{_CDN}al2023/core/mirrors/latest/x86_64/mirror.list",
    "al2023/kernel-livepatch": f"{_CDN}al2023/kernel-livepatch/mirrors/latest/x86_64/mirror.list",
    **{f"al2/extras/{topic}": f"{_CDN}2/extras/{topic}/latest/x86_64/mirror.list" for topic in _TOPICS},
}
_REQUIRED = ("al2/core", "al2023/core")
_BESIDES = frozenset({"extras", "kernel-livepatch"})
_SCOPES = {"al1": "amzn:1", "al2": os_scope("amzn", "2"), "al2023": os_scope("amzn", "2023")}
_TOPIC_VERSION = re.compile(r"[A-Za-z_-](\d+(?:\.\d+)*)\Z", re.ASCII)


class AmazonLinux:
    """The feed ``amazon``: one Advisory per update that fixes CVEs, on binary packages.

    An extras topic of Amazon Linux 2 has packages with the names of the core's (``kernel``, ``php``) in its own
    version line. Where the topic names the line (``kernel-5.10``) and the fixed version is of it, the range begins
    with the line, so that a patched core package is not measured by the topic's version. A mirror folder may hold
    ``amazon/al1|al2|al2023/.../updateinfo.xml.gz``.
    """

    name = "amazon"
    urls = tuple(_MIRRORS.values())

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the updateinfo of every repository whose digest changed."""
        listed = listed_files(transport, _LISTED, _LIMIT)
        if listed:
            return fetch_listed(transport, into, previous, now, listed)
        known = {} if previous is None or previous.folder != into else dict(previous.validators)
        digests: dict[str, str] = {}
        for repository, mirrors in _MIRRORS.items():
            try:
                digests[repository] = _fetch_repository(transport, into, repository, mirrors, known.get(repository, ""))
            except NotFound:
                if repository in _REQUIRED:
                    raise
        return Download(into, now, None, digests, changed=digests != known)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Updates, repository by repository. Extras alone do not cover a release."""
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and "updateinfo" in path.name)
        paths = [path for path in paths if ".part" not in path.name]
        if not paths:
            raise Unreadable(f"{folder.name}: no updateinfo")
        scopes: set[str] = set()
        for path in paths:
            repository = _Repository.of(path.relative_to(folder))
            if repository is None:
                yield Malformed(str(path.relative_to(folder)), "not below al1, al2 or al2023")
                continue
            if _BESIDES.isdisjoint(path.parts):
                scopes.add(repository.scope)
            for update in updates(path):
                if isinstance(update, Unreadable):
                    yield Malformed(str(path.relative_to(folder)), str(update))
                elif update.cves:
                    yield _advisory(update, repository)
        yield from (Covers(scope) for scope in sorted(scopes))


@dataclass(frozen=True, slots=True)
class _Repository:
    release: str
    scope: str
    line: str

    @staticmethod
    def of(path: Path) -> "_Repository | None":
        release, *rest = path.parts
        scope = _SCOPES.get(release)
        if scope is None:
            return None
        version = _TOPIC_VERSION.search(rest[1]) if len(rest) > 2 and rest[0] == "extras" else None
        return _Repository(release, scope, version[1] if version else "")


def _fetch_repository(transport: Transport, into: Path, repository: str, mirrors: str, known: str) -> str:
    """The digest of the updateinfo that is now at ``into``/repository."""
    target = into / repository / "updateinfo.xml.gz"
    scratch = into / repository / "mirror.list"
    transport.get(mirrors, scratch, validators={}, limit=_SMALL)
    lines = scratch.read_text("utf-8", "replace").split()
    scratch.unlink()
    address = next((line for line in lines if line.startswith(("http://", "https://")) and "$" not in line), "")
    if not address:
        raise Unavailable(f"{mirrors}: names no mirror")
    base = address.rstrip("/") + "/"
    metadata = into / repository / "repomd.xml"
    transport.get(urljoin(base, "repodata/repomd.xml"), metadata, validators={}, limit=_SMALL)
    location = updateinfo_location(metadata)
    metadata.unlink()
    if location is None:
        raise NotFound(f"{base}: the repository has no updateinfo")
    if location.sha256 and location.sha256 == known and target.is_file():
        return known
    transport.get(urljoin(base, location.href), target, validators={}, limit=_LIMIT)
    if not has_digest(target, location.sha256):
        target.unlink()
        raise Unavailable(f"{base}{location.href}: not the file that repomd.xml describes")
    return location.sha256


def _advisory(update: Update, repository: _Repository) -> Advisory:
    page = f"https://alas.aws.amazon.com/{_page(update.id, repository)}.html"
    builds = sorted({(build.name, build.version) for build in update.builds if build.arch != "src"})
    return Advisory(
        id=update.id,
        source=AmazonLinux.name,
        affected=tuple(_affected(Build(name, version), repository, update.severity) for name, version in builds),
        cves=update.cves,
        summary=update.title,
        details=update.description,
        severity=update.severity,
        references=(Reference(page, "ADVISORY"), *update.references),
        published=update.issued,
        modified=update.updated,
    )


def _page(identifier: str, repository: _Repository) -> str:
    """https://alas.aws.amazon.com/AL2/ALAS-2018-939.html is the page of ALAS2-2018-939."""
    if repository.release == "al1":
        return identifier
    release = repository.release.upper()
    return f"{release}/{identifier.replace('ALAS' + release[2:], 'ALAS', 1)}"


def _affected(build: Build, repository: _Repository, severity: str) -> AffectedPackage:
    return AffectedPackage(
        ecosystem=Ecosystem.RPM.value,
        scope=repository.scope,
        name=build.name,
        ranges=(AffectedRange(introduced=_start(build.version, repository.line), fixed=build.version),),
        state=FixState.FIXED,
        severity=severity,
    )


def _start(version: str, line: str) -> str:
    epoch, colon, rest = version.rpartition(":")
    in_line = bool(line) and (rest == line or rest.startswith((f"{line}.", f"{line}-")))
    return f"{epoch}{colon}{line}" if in_line else "0"
