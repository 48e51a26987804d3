"""What differs between two snapshots: packages about which something else is said, and facts that changed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from assay.errors import Unreadable
from assay.intel.blocks import unpack
from assay.intel.schema import BROKEN, VULNERABILITY
from assay.intel.snapshot_file import DAMAGE, SnapshotFile, connect
from assay.model.advisory import Vulnerability
from assay.model.candidate import LookupKey

_LASTING = ("summary", "details", "aliases", "cvss", "severities", "cwes", "references", "published", "modified",
            "exploits", "ssvc", "rejected")  # fmt: skip
_VOLATILE = ("epss", "kev", "attention")
FACTS = ("added", "removed", *_VOLATILE, *_LASTING)
"""The names of facts in ``VulnerabilityChange.facts``."""


@dataclass(frozen=True, slots=True)
class VulnerabilityChange:
    """A vulnerability whose ``facts`` differ, named as the fields of ``Vulnerability``; ``added`` and ``removed``
    stand alone.
    """

    id: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SnapshotDiff:
    """``keys`` are the packages to match again, ``vulnerabilities`` those to score again; both sorted.

    ``covered`` and ``uncovered`` are scopes that came under or dropped out of the sources' coverage, ``aliases`` ids
    that now stand for another flaw, ``lifecycle`` scopes whose end date changed.
    """

    old: str
    new: str
    keys: tuple[LookupKey, ...] = ()
    vulnerabilities: tuple[VulnerabilityChange, ...] = ()
    covered: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    lifecycle: tuple[str, ...] = ()


def diff(old: Path, new: Path) -> SnapshotDiff:
    """Compare two snapshots. Raises NotFound and Unreadable as opening them does."""
    before, after = _digest(old), _digest(new)
    if before == after:
        return SnapshotDiff(before, after)
    with closing(connect(new)) as db:
        try:
            db.execute("ATTACH ? AS old", (f"{old.absolute().as_uri()}?mode=ro&immutable=1",))
            return SnapshotDiff(
                before,
                after,
                keys=tuple(db.execute(_KEYS)),
                vulnerabilities=tuple(_changed_vulnerabilities(db)),
                covered=_column(db, _COVERED),
                uncovered=_column(db, _UNCOVERED),
                aliases=_column(db, _ALIASES),
                lifecycle=_column(db, _LIFECYCLE),
            )
        except DAMAGE as error:
            raise Unreadable(f"{old.name}, {new.name}: the snapshots cannot be compared ({error})") from error


def _digest(path: Path) -> str:
    with closing(SnapshotFile(path)) as file:
        return file.meta["digest"]


_KEYS = """
SELECT scope, name FROM main.package n
WHERE NOT EXISTS (SELECT 1 FROM old.package o WHERE o.scope = n.scope AND o.name = n.name AND o.mark = n.mark)
UNION SELECT scope, name FROM old.package o
WHERE NOT EXISTS (SELECT 1 FROM main.package n WHERE n.scope = o.scope AND n.name = o.name)
ORDER BY 1, 2
"""
_COVERED = "SELECT scope FROM main.coverage EXCEPT SELECT scope FROM old.coverage ORDER BY 1"
_UNCOVERED = "SELECT scope FROM old.coverage EXCEPT SELECT scope FROM main.coverage ORDER BY 1"
_ALIASES = """
SELECT name FROM main.alias n WHERE NOT EXISTS
    (SELECT 1 FROM old.alias o WHERE o.name = n.name AND o.canonical = n.canonical)
UNION SELECT name FROM old.alias o WHERE NOT EXISTS (SELECT 1 FROM main.alias n WHERE n.name = o.name)
ORDER BY 1
"""
_LIFECYCLE = """
SELECT scope FROM main.lifecycle n WHERE NOT EXISTS
    (SELECT 1 FROM old.lifecycle o WHERE o.scope = n.scope AND o.until IS n.until)
UNION SELECT scope FROM old.lifecycle o WHERE NOT EXISTS (SELECT 1 FROM main.lifecycle n WHERE n.scope = o.scope)
ORDER BY 1
"""


def _column(db: sqlite3.Connection, query: str) -> tuple[str, ...]:
    return tuple(row[0] for row in db.execute(query))


_CANDIDATES = """
SELECT n.id, n.epss IS NOT o.epss OR n.percentile IS NOT o.percentile, n.kev IS NOT o.kev,
    n.attention IS NOT o.attention, nb.mark IS NOT ob.mark, n.block, o.block
FROM main.vulnerability n JOIN old.vulnerability o ON o.id = n.id
    JOIN main.block nb ON nb.id = n.block JOIN old.block ob ON ob.id = o.block
WHERE n.epss IS NOT o.epss OR n.percentile IS NOT o.percentile OR n.kev IS NOT o.kev
    OR n.attention IS NOT o.attention OR nb.mark IS NOT ob.mark
ORDER BY n.id
"""
_ADDED = "SELECT id FROM main.vulnerability n WHERE NOT EXISTS (SELECT 1 FROM old.vulnerability o WHERE o.id = n.id)"
_REMOVED = "SELECT id FROM old.vulnerability o WHERE NOT EXISTS (SELECT 1 FROM main.vulnerability n WHERE n.id = o.id)"


def _changed_vulnerabilities(db: sqlite3.Connection) -> list[VulnerabilityChange]:
    found = [VulnerabilityChange(name, ("added",)) for name in _column(db, _ADDED)]
    found += [VulnerabilityChange(name, ("removed",)) for name in _column(db, _REMOVED)]
    return sorted([*found, *_changed_facts(db)], key=lambda change: change.id)


def _changed_facts(db: sqlite3.Connection) -> Iterator[VulnerabilityChange]:
    """Only records in blocks that differ are read; ids come in order, so the last block of each side is enough."""
    new = _Blocks(db, "SELECT body FROM main.block WHERE id = ?")
    old = _Blocks(db, "SELECT body FROM old.block WHERE id = ?")
    for name, epss, kev, attention, differs, new_block, old_block in db.cursor().execute(_CANDIDATES):
        facts = [fact for fact, changed in zip(_VOLATILE, (epss, kev, attention), strict=True) if changed]
        if differs:
            facts += _differing(new.record(new_block, name), old.record(old_block, name), name)
        if facts:
            yield VulnerabilityChange(name, tuple(facts))


class _Blocks:
    """Records of one side, with the block that was read last."""

    def __init__(self, db: sqlite3.Connection, query: str) -> None:
        self._db = db
        self._query = query
        self._number = 0
        self._records: dict[str, msgspec.Raw] = {}

    def record(self, block: int, name: str) -> bytes:
        if block != self._number:
            rows = self._db.execute(self._query, (block,)).fetchall()
            self._number, self._records = block, unpack(rows[0][0])[1] if rows else {}
        if name not in self._records:
            raise Unreadable(f"the facts on {name} are missing from a snapshot")
        return bytes(self._records[name])


def _differing(new: bytes, old: bytes, name: str) -> list[str]:
    if new == old:
        return []
    try:
        left, right = VULNERABILITY.decode(new), VULNERABILITY.decode(old)
    except BROKEN as error:
        raise Unreadable(f"the facts on {name} are damaged in a snapshot ({error})") from error
    return [fact for fact in _LASTING if _value(left, fact) != _value(right, fact)]


def _value(vulnerability: Vulnerability, fact: str) -> object:
    return getattr(vulnerability, fact)
