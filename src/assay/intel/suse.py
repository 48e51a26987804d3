"""SUSE's OVAL files of affected packages (https://ftp.suse.com/pub/projects/security/oval/).

OSV's SUSE records are the update notices: fixed versions by source package. The ``-affected`` files have one
definition per CVE with every package, also those without a fix and those not affected. Products become scopes by the
same rules as OSV's product names.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from assay.intel.cve_id import cve_id
from assay.intel.feed import Covers, Download, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_listed, listed_files
from assay.intel.osv_ecosystem import world_of
from assay.intel.oval import Definition, definitions, links, state_of
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState
from assay.model.ecosystem import Ecosystem

_URL = "https://ftp.suse.com/pub/projects/security/oval/"
_LIMIT = 2 << 30
_REQUIRED = ("suse.linux.enterprise.server.15",)
_PRODUCTS = (
    "suse.linux.enterprise.server.11",
    "suse.linux.enterprise.server.12",
    "suse.linux.enterprise.server.16.0",
    *(f"opensuse.leap.15.{minor}" for minor in range(7)),
    "opensuse.leap.16.0",
    "opensuse.tumbleweed",
)
_WORDS = {
    FixState.FIXED: "",
    FixState.UNFIXED: "affected",
    FixState.NOT_AFFECTED: "not affected",
}


class Suse:
    """The feed ``suse``: one Advisory ``SUSE-CVE-...`` per CVE and file, on binary packages."""

    name = "suse"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the file of each product."""
        files = listed_files(transport, _URL, _LIMIT) or tuple(_files())
        return fetch_listed(transport, into, previous, now, files)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Definitions in the order of the files; a CVE that several files speak of is one record."""
        found: dict[str, tuple[Definition, dict[AffectedPackage, None]]] = {}
        scopes: set[str] = set()
        for path in sorted(path for path in folder.rglob("*.xml*") if ".part" not in path.name):
            for definition in definitions(path, self.name):
                identifier = cve_id(definition.title) or next(iter(definition.cves), "")
                if not identifier:
                    yield Malformed(f"{path.name}: {definition.id}", "a definition without a CVE id")
                    continue
                _, affected = found.setdefault(identifier, (_bare(definition), {}))
                affected.update(dict.fromkeys(_affected(definition)))
        for identifier, (definition, packages) in found.items():
            scopes.update(package.scope for package in packages)
            yield _advisory(identifier, definition, tuple(packages))
        yield from (Covers(scope) for scope in sorted(scopes))


def _files() -> Iterator[RemoteFile]:
    for product in (*_REQUIRED, *_PRODUCTS):
        name = f"{product}-affected.xml.gz"
        yield RemoteFile(_URL + name, name, _LIMIT, optional=product not in _REQUIRED)


def _bare(definition: Definition) -> Definition:
    """The definition without its branches, which are large and already read."""
    return replace(definition, branches=(), platforms=())


def _scope(platform: str) -> str:
    if platform.startswith("openSUSE "):
        return world_of("openSUSE:" + platform.removeprefix("openSUSE ")).scope
    return world_of("SUSE:" + platform.removeprefix("SUSE ")).scope


def _affected(definition: Definition) -> Iterator[AffectedPackage]:
    """NOT_AFFECTED only where nothing else is said of the package in the release."""
    stated: dict[tuple[str, str], dict[tuple[FixState, tuple[AffectedRange, ...]], None]] = {}
    for branch in definition.branches:
        said = state_of(branch)
        if said is None:
            continue
        for platform in branch.platforms or definition.platforms:
            stated.setdefault((_scope(platform), branch.name), {})[said] = None
    for (scope, name), states in stated.items():
        positive = [said for said in states if said[0] is not FixState.NOT_AFFECTED]
        for state, ranges in positive or states:
            yield AffectedPackage(
                ecosystem=Ecosystem.RPM.value,
                scope=scope,
                name=name,
                ranges=ranges,
                state=state,
                severity=definition.severity,
                status_text=_WORDS[state],
            )


def _advisory(identifier: str, definition: Definition, affected: tuple[AffectedPackage, ...]) -> Advisory:
    related = (name for source, name, _ in definition.references if source == "SUSE-SU")
    return Advisory(
        id=f"SUSE-{identifier}",
        source=Suse.name,
        affected=affected,
        cves=(identifier,),
        related=tuple(dict.fromkeys(related)),
        details=definition.description,
        severity=definition.severity,
        cvss=definition.cvss,
        references=links(definition),
        published=definition.issued,
        modified=definition.updated,
    )
