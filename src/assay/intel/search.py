"""Everything a snapshot knows about one identifier: a CVE, an advisory of any publisher, or a package's name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id
from assay.intel.lookup import Snapshot
from assay.intel.schema import ADVISORY, BROKEN, unpack_statement
from assay.intel.times import instant
from assay.model.advisory import Advisory, AffectedPackage, Vulnerability
from assay.model.candidate import Candidate, LookupKey
from assay.model.ecosystem import Ecosystem, normal_name

_NAMED = "SELECT id, name, source, flaws, withdrawn, block FROM advisory WHERE name = ? ORDER BY source"
_SPEAKING = (
    "SELECT id, name, source, flaws, withdrawn, block FROM advisory"
    " WHERE id IN (SELECT advisory FROM speaks WHERE vulnerability = ?) ORDER BY id"
)
_STATEMENTS = (
    "SELECT p.scope, p.name, s.body FROM statement s JOIN package p ON p.id = s.package"
    " WHERE s.advisory = ? AND s.body IS NOT NULL ORDER BY p.scope, p.name, s.n"
)


@dataclass(frozen=True, slots=True)
class Known:
    """``vulnerabilities`` the identifier stands for, ``advisories`` that are called so or speak of them, and
    ``packages`` of that name with every statement on them. All empty when nothing is known.
    """

    identifier: str
    vulnerabilities: tuple[Vulnerability, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    packages: Mapping[LookupKey, Sequence[Candidate]] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether there is anything."""
        return bool(self.vulnerabilities or self.advisories or self.packages)


def search(snapshot: Snapshot, identifier: str) -> Known:
    """Look an identifier up as a flaw, as an advisory and as a package. Case matters only for packages."""
    asked = identifier.strip()
    for spelling in _spellings(asked):
        known = _as_flaw(snapshot, spelling)
        if known.found:
            return known
    return Known(asked, packages=_as_package(snapshot, asked))


def _spellings(text: str) -> Iterable[str]:
    prefix, dash, rest = text.partition("-")
    return dict.fromkeys((cve_id(text) or text, text.upper(), prefix.upper() + dash + rest.lower()))


def _as_flaw(snapshot: Snapshot, identifier: str) -> Known:
    named = _rows(snapshot, _NAMED, identifier)
    flaws = {snapshot.canonical(identifier), *(flaw for row in named for flaw in _flaws(snapshot, row[3]))}
    vulnerabilities = snapshot.vulnerabilities(flaws)
    rows = {row[0]: row for row in named}
    for flaw in sorted(flaws):
        rows |= {row[0]: row for row in _rows(snapshot, _SPEAKING, flaw)}
    return Known(
        identifier,
        tuple(vulnerabilities[flaw] for flaw in sorted(vulnerabilities)),
        tuple(_advisory(snapshot, row) for row in rows.values()),
    )


def _as_package(snapshot: Snapshot, name: str) -> Mapping[LookupKey, Sequence[Candidate]]:
    """In every scope, in each ecosystem's spelling; ``scope/name`` asks for one scope only."""
    scope, slash, rest = name.partition("/")
    if slash and snapshot.covers(scope):
        return snapshot.affecting([(scope, spelled) for spelled in _names(rest)])
    keys = {
        (str(row[0]), spelled)
        for spelled in _names(name)
        for row in _rows(snapshot, "SELECT scope FROM package WHERE name = ? ORDER BY scope", spelled)
    }
    found = snapshot.affecting(keys)
    return {key: found[key] for key in sorted(found)}


def _names(name: str) -> Iterable[str]:
    return dict.fromkeys([name, *(normal_name(ecosystem, name) for ecosystem in Ecosystem)])


def _rows(snapshot: Snapshot, query: str, parameter: str) -> list[tuple[Any, ...]]:
    return snapshot.file.rows(query, (parameter,)) if parameter.isprintable() else []


def _advisory(snapshot: Snapshot, row: tuple[Any, ...]) -> Advisory:
    """The record as it was read, its statements gathered from their packages."""
    number, name, source, _flaws, withdrawn, block = row
    try:
        body = ADVISORY.decode(snapshot.file.block(block)[f"{name} {source}"])
        affected = tuple(_statement(*said) for said in snapshot.file.rows(_STATEMENTS, (number,)))
    except BROKEN as error:
        raise Unreadable(f"{snapshot.file.path.name}: the advisory {name} is damaged ({error})") from error
    return Advisory(
        id=name,
        source=source,
        affected=affected,
        aliases=body.aliases,
        cves=body.cves,
        related=body.related,
        summary=body.summary,
        details=body.details,
        severity=body.severity,
        cvss=body.cvss,
        cwes=body.cwes,
        references=body.references,
        published=instant(body.published),
        modified=instant(body.modified),
        withdrawn=instant(withdrawn),
    )


def _flaws(snapshot: Snapshot, listed: str) -> list[str]:
    try:
        return msgspec.json.decode(listed, type=list[str])
    except BROKEN as error:
        raise Unreadable(f"{snapshot.file.path.name}: an advisory is damaged ({error})") from error


def _statement(scope: str, name: str, body: bytes) -> AffectedPackage:
    return unpack_statement(body, scope, name)
