"""Azure Linux and CBL-Mariner (https://github.com/microsoft/AzureLinuxVulnerabilityData), OVAL by release.

OSV's Azure Linux records are made from these files; read directly they are a day newer and keep the packages that
have no fix yet with the last version known to be affected.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from assay.intel.feed import Covers, Download, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_listed, listed_files
from assay.intel.oval import Branch, Definition, definitions, links, state_of
from assay.model.advisory import Advisory, AffectedPackage
from assay.model.ecosystem import Ecosystem, os_scope

_URL = "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/"
_FILES = ("azurelinux-3.0-oval.xml", "cbl-mariner-2.0-oval.xml", "cbl-mariner-1.0-oval.xml")
_LIMIT = 512 << 20
_TAG = re.compile(r"\.(azl|cm)(\d{1,2})\Z", re.ASCII)
_NUMBER = re.compile(r":def:(\d{1,12})\Z", re.ASCII)
_DISTRIBUTIONS = {"azl": "azurelinux", "cm": "mariner"}


class AzureLinux:
    """The feed ``azurelinux``: one Advisory ``AZL-...`` per definition, on source packages.

    The release is the tag at the end of the version (``.azl3``, ``.cm2``).
    """

    name = "azurelinux"
    urls = tuple(_URL + name for name in _FILES)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the file of each release."""
        files = listed_files(transport, _URL, _LIMIT)
        own = tuple(RemoteFile(_URL + name, name, _LIMIT, optional=name != _FILES[0]) for name in _FILES)
        return fetch_listed(transport, into, previous, now, files or own)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Definitions in the order of the files."""
        scopes: set[str] = set()
        for path in sorted(path for path in folder.rglob("*.xml*") if ".part" not in path.name):
            for definition in definitions(path, self.name):
                affected = tuple(package for branch in definition.branches for package in _package(branch, definition))
                number = _NUMBER.search(definition.id)
                if not affected or number is None or not definition.cves:
                    yield Malformed(f"{path.name}: {definition.id}", "no package, CVE or number in a definition")
                    continue
                scopes.update(package.scope for package in affected)
                yield _advisory(f"AZL-{number[1]}", definition, affected)
        yield from (Covers(scope) for scope in sorted(scopes))


def _package(branch: Branch, definition: Definition) -> Iterator[AffectedPackage]:
    tag = next((found for test in branch.tests if (found := _TAG.search(test.version))), None)
    stated = state_of(branch)
    if tag is not None and stated is not None:
        yield AffectedPackage(
            ecosystem=Ecosystem.RPM.value,
            scope=os_scope(_DISTRIBUTIONS[tag[1]], f"{tag[2]}.0"),
            name=branch.name,
            ranges=stated[1],
            state=stated[0],
            severity=definition.severity,
            source=True,
        )


def _advisory(identifier: str, definition: Definition, affected: tuple[AffectedPackage, ...]) -> Advisory:
    return Advisory(
        id=identifier,
        source=AzureLinux.name,
        affected=affected,
        cves=definition.cves,
        summary=definition.title,
        details=definition.description,
        severity=definition.severity,
        references=links(definition),
        published=definition.issued,
    )
