"""What one feed said last time it was read well: its records, prepared for the snapshot, in a file of its own.

A shelf is written next to the old one and replaces it only when it is complete and plausible. So a feed that fails
later leaves its last good data behind, and a build needs no feed to be read again.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from assay.errors import Unavailable, Unreadable
from assay.intel.bounds import limits_of
from assay.intel.feed import Covers, Ignored, Lifecycle, Malformed, Record
from assay.intel.link import record_url
from assay.intel.schema import ENCODER, AdvisoryBody, pack_statement
from assay.model.advisory import Advisory, Vulnerability

SHELF_FORMAT = 1
"""Raised when parsing or the tables below change, so that shelves are written anew."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE advisory (n INTEGER PRIMARY KEY, name TEXT, names BLOB, url TEXT, withdrawn TEXT,
    modified TEXT, body BLOB);
CREATE TABLE statement (advisory INTEGER, n INTEGER, scope TEXT, name TEXT, low BLOB, high BLOB, body BLOB);
CREATE TABLE fact (id TEXT, aliases BLOB, body BLOB);
CREATE TABLE covers (scope TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE lifecycle (scope TEXT, until TEXT);
CREATE TABLE malformed (place TEXT, message TEXT);
CREATE TABLE ignored (what TEXT, count INTEGER);
"""
_BATCH = 4096
_KEPT_MALFORMED = 1000


@dataclass(frozen=True, slots=True)
class Count:
    """How much a shelf holds: ``records`` are advisories and facts, ``ignored`` what was left out on purpose."""

    records: int = 0
    malformed: int = 0
    ignored: int = 0


class _Names(msgspec.Struct, frozen=True, array_like=True):
    aliases: tuple[str, ...]
    covers: tuple[str, ...]


NAMES = msgspec.msgpack.Decoder(_Names)


def write_shelf(path: Path, records: Iterable[Record]) -> Count:
    """Write all records to a new file at ``path``, which is only there when everything was read.

    Raises what reading the records raises (Unreadable), and Unavailable when the disk refuses.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(part)) as db:
            db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
            count = _Writer(db).write(records)
            db.execute("INSERT INTO meta VALUES ('format', ?)", (str(SHELF_FORMAT),))
            db.executemany("INSERT INTO meta VALUES (?, ?)", [(name, str(getattr(count, name))) for name in _COUNTS])
            db.commit()
        part.replace(path)
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"{path}: cannot be written ({error})") from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise Unreadable(f"{path}: a record holds what is no text or no number ({error})") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return count


_COUNTS = ("records", "malformed", "ignored")


def shelf_count(path: Path) -> Count | None:
    """How much the shelf holds; None when there is none of this format."""
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            meta = dict(db.execute("SELECT key, value FROM meta"))
        return Count(*(int(meta[name]) for name in _COUNTS)) if meta["format"] == str(SHELF_FORMAT) else None
    except (sqlite3.Error, KeyError, ValueError):
        return None


def left_out(path: Path) -> str:
    """What of the feed is not on the shelf, for people; empty when everything is, or there is no shelf."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            ((broken,),) = db.execute("SELECT value FROM meta WHERE key = 'malformed'")
            first = db.execute("SELECT place, message FROM malformed ORDER BY rowid LIMIT 1").fetchone()
            ignored = db.execute("SELECT what, sum(count) FROM ignored GROUP BY what ORDER BY what").fetchall()
    except (sqlite3.Error, ValueError):
        return ""
    parts = [f"{broken} broken records (the first: {': '.join(first)[:200]})"] if first else []
    parts += [f"{count} {what}" for what, count in ignored]
    return f"left out: {'; '.join(parts)}" if parts else ""


class _Writer:
    """Distributes records to tables, in batches."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._advisories: list[tuple[object, ...]] = []
        self._statements: list[tuple[object, ...]] = []
        self._facts: list[tuple[object, ...]] = []
        self._n = 0

    def write(self, records: Iterable[Record]) -> Count:
        count: Counter[str] = Counter()
        for record in records:
            match record:
                case Advisory():
                    count["records"] += 1
                    self._add_advisory(record)
                case Vulnerability():
                    count["records"] += 1
                    self._add_fact(record)
                case Covers(scope):
                    self._db.execute("INSERT OR IGNORE INTO covers VALUES (?)", (scope,))
                case Lifecycle(scope, end):
                    count["records"] += 1
                    until = end.isoformat() if end else None
                    self._db.execute("INSERT INTO lifecycle VALUES (?, ?)", (scope, until))
                case Malformed(place, message):
                    count["malformed"] += 1
                    if count["malformed"] <= _KEPT_MALFORMED:
                        self._db.execute("INSERT INTO malformed VALUES (?, ?)", (place, message))
                case Ignored(what, number):
                    count["ignored"] += number
                    self._db.execute("INSERT INTO ignored VALUES (?, ?)", (what, number))
        self._flush()
        return Count(count["records"], count["malformed"], count["ignored"])

    def _add_advisory(self, advisory: Advisory) -> None:
        names = ENCODER.encode(_Names(advisory.aliases, advisory.cves))
        withdrawn = _text(advisory.withdrawn) or None
        body = ENCODER.encode(_body(advisory))
        row = (self._n, advisory.id, names, record_url(advisory), withdrawn, _text(advisory.modified), body)
        self._advisories.append(row)
        if withdrawn is None:
            self._statements += _statement_rows(self._n, advisory)
        self._n += 1
        if len(self._advisories) >= _BATCH:
            self._flush()

    def _add_fact(self, fact: Vulnerability) -> None:
        self._facts.append((fact.id, ENCODER.encode(fact.aliases), ENCODER.encode(replace(fact, aliases=()))))
        if len(self._facts) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        self._db.executemany("INSERT INTO advisory VALUES (?, ?, ?, ?, ?, ?, ?)", self._advisories)
        self._db.executemany("INSERT INTO statement VALUES (?, ?, ?, ?, ?, ?, ?)", self._statements)
        self._db.executemany("INSERT INTO fact VALUES (?, ?, ?)", self._facts)
        for rows in (self._advisories, self._statements, self._facts):
            rows.clear()


def _body(advisory: Advisory) -> AdvisoryBody:
    return AdvisoryBody(
        aliases=advisory.aliases,
        cves=advisory.cves,
        related=advisory.related,
        summary=advisory.summary,
        details=advisory.details,
        severity=advisory.severity,
        cvss=advisory.cvss,
        cwes=advisory.cwes,
        references=advisory.references,
        published=_text(advisory.published),
        modified=_text(advisory.modified),
    )


def _statement_rows(number: int, advisory: Advisory) -> Iterator[tuple[object, ...]]:
    """A row per range and listed version; the first of a statement carries its body. Equal statements once."""
    rows: dict[tuple[str, str], int] = {}
    for affected in dict.fromkeys(advisory.affected):
        key = (affected.scope, affected.name)
        limits, versions = limits_of(affected)
        body: bytes | None = pack_statement(affected, versions, advisory.severity)
        for low, high in limits or [(None, None)]:
            n = rows[key] = rows.get(key, -1) + 1
            yield (number, n, *key, low, high, body)
            body = None


def _text(time: datetime | None) -> str:
    return time.isoformat() if time else ""
