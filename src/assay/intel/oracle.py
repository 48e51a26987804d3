"""Oracle Linux errata (https://linux.oracle.com/security/), the OVAL file of all of them. OSV has no Oracle Linux."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from assay.errors import InvalidVersion
from assay.intel.feed import Covers, Download, Ignored, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_listed, listed_files
from assay.intel.oval import Branch, Definition, definitions, links, state_of
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState
from assay.model.ecosystem import Ecosystem, os_scope
from assay.versions.registry import version_key

_URL = "https://linux.oracle.com/security/oval/"
_FILE = "com.oracle.elsa-all.xml.bz2"
_LIMIT = 2 << 30
_RELEASE = re.compile(r"Oracle Linux (\d{1,2})\b")
_ERRATUM = re.compile(r"EL[SBE]A-\d{4}-\d{3,6}", re.ASCII)
_SPECIAL = re.compile(r"ksplice|[._]fips", re.IGNORECASE)


class OracleLinux:
    """The feed ``oracle``: one Advisory per erratum, on binary packages.

    Oracle maintains several lines of its own kernel (``kernel-uek`` 4.14.35, 5.4.17, 5.15.0) in one release; a fix is
    compared within its line only. Builds for Ksplice and FIPS are left out: they carry a higher epoch than the
    ordinary packages of the same name, which would all look older than the fix
    (https://linux.oracle.com/errata/ELSA-2021-9151.html, openssl epoch 2).
    """

    name = "oracle"
    urls = (_URL + _FILE,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the file of all errata."""
        files = listed_files(transport, _URL, _LIMIT) or (RemoteFile(_URL + _FILE, _FILE, _LIMIT),)
        return fetch_listed(transport, into, previous, now, files)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Errata in the order of the files."""
        scopes: set[str] = set()
        special = 0
        for path in sorted(path for path in folder.rglob("*.xml*") if ".part" not in path.name):
            for definition in definitions(path, self.name):
                ordinary = [branch for branch in definition.branches if not _is_special(branch)]
                special += len(definition.branches) - len(ordinary)
                erratum = _erratum(definition)
                if not erratum:
                    yield Malformed(f"{path.name}: {definition.id}", "a definition without an erratum's id")
                    continue
                affected = _affected(definition, ordinary)
                scopes.update(package.scope for package in affected)
                if definition.cves:
                    yield _advisory(erratum, definition, affected)
        yield from (Covers(scope) for scope in sorted(scopes))
        if special:
            yield Ignored("statements on Ksplice and FIPS builds", special)


def _is_special(branch: Branch) -> bool:
    return bool(branch.marks) or any(_SPECIAL.search(test.version) for test in branch.tests)


def _erratum(definition: Definition) -> str:
    named = [identifier for source, identifier, _ in definition.references if source.lower() in {"elsa", "erratum"}]
    found = _ERRATUM.search(" ".join([*named, definition.title]))
    return found[0] if found else ""


def _advisory(erratum: str, definition: Definition, affected: tuple[AffectedPackage, ...]) -> Advisory:
    return Advisory(
        id=erratum,
        source=OracleLinux.name,
        affected=affected,
        cves=definition.cves,
        summary=definition.title.removeprefix(f"{erratum}:").strip(),
        details=definition.description,
        severity=definition.severity,
        cvss=definition.cvss if len(definition.cves) == 1 else (),
        references=links(definition),
        published=definition.issued,
        modified=definition.updated or definition.issued,
    )


def _affected(definition: Definition, branches: list[Branch]) -> tuple[AffectedPackage, ...]:
    """Per package the fix of each architecture. Several builds of one erratum all have the fix: the lowest counts."""
    fixes: dict[tuple[str, str, str], dict[str, str]] = {}
    for branch in branches:
        stated = state_of(branch)
        if stated is None or stated[0] is not FixState.FIXED or stated[1][0].fixed is None:
            continue
        for platform in branch.platforms or definition.platforms:
            release = _RELEASE.match(platform)
            if release is not None:
                by_arch = fixes.setdefault((os_scope("ol", release[1]), branch.name, branch.module), {})
                by_arch[branch.arch] = _lower(by_arch.get(branch.arch, ""), stated[1][0].fixed)
    return tuple(_packages(fixes, definition.severity))


def _packages(fixes: dict[tuple[str, str, str], dict[str, str]], severity: str) -> Iterator[AffectedPackage]:
    for (scope, name, module), by_arch in fixes.items():
        same = len(set(by_arch.values())) == 1
        for arch, fixed in list(by_arch.items())[: 1 if same else None]:
            yield AffectedPackage(
                ecosystem=Ecosystem.RPM.value,
                scope=scope,
                name=name,
                ranges=(AffectedRange(_start(name, fixed), fixed),),
                module=module,
                arches=() if same or not arch else (arch, "noarch"),
                severity=severity,
            )


def _start(name: str, fixed: str) -> str:
    """Where the fixed version's line begins: its version with the lowest release for a kernel, else the first one."""
    return f"{fixed.partition('-')[0]}-0" if name.startswith("kernel-uek") else "0"


def _lower(known: str, version: str) -> str:
    try:
        return min(known or version, version, key=lambda text: version_key(Ecosystem.RPM, text))
    except InvalidVersion:
        return known or version
