"""The digest of a snapshot: over what it says, not over how the bytes lie or when its sources were asked."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from hashlib import sha256

from assay.errors import Unreadable
from assay.intel.blocks import mark, unpack
from assay.intel.schema import APPLICATION_ID, BROKEN, ENCODER, FORMAT, INDEXES, TABLES
from assay.intel.snapshot_file import DAMAGE
from assay.intel.write_packages import statement_marks

_CONTENT = (
    "SELECT scope, source FROM coverage ORDER BY scope, source",
    "SELECT scope, until FROM lifecycle ORDER BY scope",
    "SELECT scope, name, mark FROM package ORDER BY scope, name",
    (
        "SELECT a.name, a.source, a.flaws, a.url, a.withdrawn, b.mark FROM advisory a JOIN block b ON b.id = a.block"
        " ORDER BY a.name, a.source"
    ),
    "SELECT name, canonical FROM alias ORDER BY name",
    (
        "SELECT v.id, v.epss, v.percentile, v.epss_date, v.kev, v.attention, b.mark FROM vulnerability v"
        " JOIN block b ON b.id = v.block ORDER BY v.id"
    ),
)
"""Statements are in it through the marks of their packages, records through the marks of their blocks."""


def seal(db: sqlite3.Connection, built_at: datetime | None) -> str:
    """Note the digest and the age of a snapshot that was just written; the digest."""
    digest = content_digest(db)
    about = {"digest": digest, "format": str(FORMAT), "built_at": built_at.isoformat() if built_at else ""}
    db.executemany("INSERT INTO meta VALUES (?, ?)", sorted(about.items()))
    return digest


def content_digest(db: sqlite3.Connection) -> str:
    """The digest of what the tables say, as 64 hexadecimal digits."""
    whole = sha256(f"assay intel snapshot {FORMAT}\n".encode())
    for query in _CONTENT:
        whole.update(b"\0table\0")
        for row in db.execute(query):
            whole.update(ENCODER.encode(row))
    return whole.hexdigest()


def verify(db: sqlite3.Connection, place: str) -> str:
    """Read everything in a snapshot and compare it with its digest; the digest. Raises Unreadable, naming ``place``."""
    try:
        _check_format(db, place)
        _expect(place, "its layout", _layout(db), _expected_layout())
        _expect(place, "its pages", db.execute("PRAGMA integrity_check(1)"), [("ok",)])
        _expect(place, "a block", _wrong_blocks(db), [])
        marks = db.execute("SELECT id, mark FROM package ORDER BY id")
        if list(statement_marks(db)) != marks.fetchall():
            raise Unreadable(f"{place}: the statements are not those it was built with")
        digest = content_digest(db)
        _expect(place, "its digest", db.execute("SELECT value FROM meta WHERE key = 'digest'"), [(digest,)])
    except (*DAMAGE, *BROKEN) as error:
        raise Unreadable(f"{place}: not a sound snapshot ({error})") from error
    return digest


def _check_format(db: sqlite3.Connection, place: str) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise Unreadable(f"{place}: not an intel snapshot")
    if version != FORMAT:
        raise Unreadable(f"{place}: a snapshot of format {version}; this program reads format {FORMAT}")


def _layout(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    return db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").fetchall()


def _expected_layout() -> list[tuple[object, ...]]:
    """Of the tables that are ours: a foreign file could bring views and triggers that do something else."""
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(";".join((TABLES, *INDEXES)))
        return _layout(empty)


def _wrong_blocks(db: sqlite3.Connection) -> Iterator[tuple[int]]:
    for number, expected, body in db.execute("SELECT id, mark, body FROM block"):
        content, _ = unpack(body)
        if mark(content) != expected:
            yield (number,)


def _expect(place: str, what: str, rows: Iterable[tuple[object, ...]], expected: list[tuple[object, ...]]) -> None:
    if list(rows) != expected:
        raise Unreadable(f"{place}: {what} does not fit the snapshot")
