"""Compile shelves into a snapshot: join ids, place statements under their packages, merge facts, seal.

The same shelves give the same file, byte by byte, in whatever order their feeds wrote them. Everything is sorted by
SQLite in a scratch file, so memory does not grow with the amount of advisories, only with the number of ids.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from assay.errors import Unavailable, Unreadable
from assay.intel.join import Join, Names
from assay.intel.schema import APPLICATION_ID, FORMAT, INDEXES, TABLES
from assay.intel.seal import seal, verify
from assay.intel.shelf import NAMES
from assay.intel.snapshot_file import connect
from assay.intel.write_advisories import write_advisories
from assay.intel.write_facts import write_vulnerabilities
from assay.intel.write_packages import write_packages


@dataclass(frozen=True, slots=True)
class Source:
    """One feed's contribution: its ``shelf`` (None when there has never been good data) and how fresh it is.

    ``status`` is ``ok``, ``stale`` (the shelf is the last good one) or ``missing``; ``message`` says why.
    """

    name: str
    shelf: Path | None
    status: str = "ok"
    data_at: datetime | None = None
    fetched_at: datetime | None = None
    records: int = 0
    malformed: int = 0
    ignored: int = 0
    message: str = ""


class DamagedShelf(Unreadable):
    """What was kept of the feed ``source`` cannot be read any more; its files must be read again."""

    def __init__(self, source: str, message: str) -> None:
        super().__init__(message)
        self.source = source


def build(sources: Iterable[Source], folder: Path) -> Path:
    """Write the snapshot of the sources into ``folder``, as ``<digest>.assaydb``; its path.

    A file of the same digest is replaced: it says the same, with newer dates of its sources. Raises DamagedShelf,
    Unreadable when the new file does not say what it should, and Unavailable when the disk refuses.
    """
    ordered = sorted(sources, key=lambda source: source.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".build-", dir=folder) as scratch:
            part = Path(scratch) / "snapshot"
            with closing(sqlite3.connect(part, isolation_level=None)) as db:
                digest = _compile(db, ordered, Path(scratch))
            with closing(connect(part)) as db:
                verify(db, f"{folder}: the new snapshot")
            target = folder / f"{digest}.assaydb"
            part.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"{folder}: the snapshot cannot be written ({error})") from error
    return target


def _compile(db: sqlite3.Connection, sources: Sequence[Source], scratch: Path) -> str:
    db.executescript(
        f"PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;"
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};"
    )
    db.execute("ATTACH ? AS scratch", (str(scratch / "sorting"),))
    db.executescript("PRAGMA scratch.journal_mode = OFF; PRAGMA scratch.synchronous = OFF;" + TABLES + _STAGING)
    for source in sources:
        if source.shelf is not None:
            _stage(db, source)
    db.execute("BEGIN")
    join = Join(_all_names(db))
    db.executemany("INSERT INTO alias VALUES (?, ?)", join.aliases())
    write_advisories(db, join)
    for index in INDEXES:
        db.execute(index)
    write_packages(db)
    _check_counts(db)
    write_vulnerabilities(db, join)
    _write_sources(db, sources)
    db.execute("COMMIT")
    db.execute("DETACH scratch")
    return seal(db, built_at=max((s.fetched_at for s in sources if s.fetched_at), default=None))


_COUNTS = (
    ("advisories", "SELECT count(*) FROM scratch.staged", "SELECT count(*) FROM advisory"),
    ("statements", "SELECT count(*) FROM scratch.said", "SELECT count(*) FROM statement"),
)


def _check_counts(db: sqlite3.Connection) -> None:
    """That nothing was lost on the way."""
    for what, staged, written in _COUNTS:
        before, after = db.execute(staged).fetchone()[0], db.execute(written).fetchone()[0]
        if before != after:
            raise Unreadable(f"of {before} rows of {what} {after} came into the snapshot")


_STAGING = """
CREATE TABLE scratch.staged (name TEXT, source TEXT, names BLOB, url TEXT, withdrawn TEXT, body BLOB);
CREATE TABLE scratch.said (advisory TEXT, source TEXT, n INTEGER, scope TEXT, name TEXT,
    low BLOB, high BLOB, body BLOB);
CREATE TABLE scratch.fact (id TEXT, source TEXT, aliases BLOB, body BLOB);
CREATE TABLE scratch.known (id TEXT, rank INTEGER, label TEXT, origin TEXT, body BLOB);
"""
_COPY = (
    (
        "CREATE TEMP TABLE newest AS SELECT n FROM (SELECT n, row_number() OVER"
        " (PARTITION BY name ORDER BY modified DESC, body DESC, names DESC) AS place FROM shelf.advisory)"
        " WHERE place = 1"
    ),
    (
        "INSERT INTO scratch.staged SELECT name, ?1, names, url, withdrawn, body FROM shelf.advisory"
        " WHERE n IN (SELECT n FROM newest)"
    ),
    (
        "INSERT INTO scratch.said SELECT a.name, ?1, s.n, s.scope, s.name, s.low, s.high, s.body FROM shelf.statement s"
        " JOIN shelf.advisory a ON a.n = s.advisory WHERE a.n IN (SELECT n FROM newest)"
    ),
    "INSERT INTO scratch.fact SELECT id, ?1, aliases, body FROM shelf.fact",
    "INSERT INTO coverage SELECT scope, ?1 FROM shelf.covers",
    (
        "INSERT INTO lifecycle SELECT scope, max(until) FROM shelf.lifecycle WHERE true GROUP BY scope"
        " ON CONFLICT (scope) DO UPDATE SET until = coalesce(max(until, excluded.until), until, excluded.until)"
    ),
    "DROP TABLE newest",
)

_ORPHANS = "SELECT count(*) FROM shelf.statement WHERE advisory NOT IN (SELECT n FROM shelf.advisory)"
_ALIASES = msgspec.msgpack.Decoder(tuple[str, ...])


def _stage(db: sqlite3.Connection, source: Source) -> None:
    """Copy a shelf's rows; of several records with one id the one modified last counts."""
    try:
        db.execute("ATTACH ? AS shelf", (str(source.shelf),))
    except sqlite3.Error as error:
        raise DamagedShelf(source.name, f"{source.shelf}: the kept data are gone ({error})") from error
    try:
        db.execute("BEGIN")
        for statement in _COPY:
            db.execute(statement, (source.name,) if "?1" in statement else ())
        ((orphans,),) = db.execute(_ORPHANS)
        db.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        raise DamagedShelf(source.name, f"{source.shelf}: the kept data are damaged ({error})") from error
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
        db.execute("DETACH shelf")
    if orphans:
        raise DamagedShelf(source.name, f"{source.shelf}: {orphans} kept statements belong to no record")


def _all_names(db: sqlite3.Connection) -> Iterator[Names]:
    rows = db.execute("SELECT name, names FROM scratch.staged WHERE withdrawn IS NULL ORDER BY name, source")
    for name, names in rows:
        found = NAMES.decode(names)
        yield Names(name, found.aliases, found.covers)
    for name, aliases in db.execute(
        "SELECT DISTINCT id, aliases FROM scratch.fact WHERE aliases <> x'90' ORDER BY 1, 2"
    ):
        yield Names(name, _ALIASES.decode(aliases))


def _write_sources(db: sqlite3.Connection, sources: Sequence[Source]) -> None:
    rows = [
        (s.name, s.status, _iso(s.data_at), _iso(s.fetched_at), s.records, s.malformed, s.ignored, s.message)
        for s in sources
    ]
    db.executemany("INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
