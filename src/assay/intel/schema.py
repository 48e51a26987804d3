"""The snapshot file: SQLite tables, and what the encoded columns hold.

``package`` names every (scope, name) that somebody speaks of; ``mark`` is a digest of all that is said about it, so
that two snapshots are compared without reading the statements. ``statement`` has one row per range or listed version
(``low`` <= key < ``high``, byte-wise; both NULL when a version has no order); ``body`` stands on the first row of each
statement and is NULL on the others. ``vulnerability`` keeps what changes daily in columns and the rest in ``block``s:
groups of records, compressed together.
"""

from collections.abc import Sequence

import msgspec

from assay.model.advisory import AffectedPackage, AffectedRange, Cvss, FixState, Kev, Reference, Vulnerability

FORMAT = 1
"""Raised when a reader of the former format could not read the new one."""
APPLICATION_ID = 0x41535341
"""``ASSA`` in the SQLite header (https://www.sqlite.org/fileformat2.html#application_id)."""

NO_LIMIT = b"\xff" * 8
"""An upper limit above every version key."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE source (name TEXT PRIMARY KEY, status TEXT NOT NULL, data_at TEXT, fetched_at TEXT,
    records INTEGER NOT NULL, malformed INTEGER NOT NULL, ignored INTEGER NOT NULL,
    message TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE coverage (scope TEXT, source TEXT, PRIMARY KEY (scope, source)) WITHOUT ROWID;
CREATE TABLE lifecycle (scope TEXT PRIMARY KEY, until TEXT) WITHOUT ROWID;
CREATE TABLE package (scope TEXT, name TEXT, id INTEGER NOT NULL, mark BLOB NOT NULL,
    PRIMARY KEY (scope, name)) WITHOUT ROWID;
CREATE TABLE statement (package INTEGER, advisory INTEGER, n INTEGER, low BLOB, high BLOB, body BLOB,
    PRIMARY KEY (package, advisory, n)) WITHOUT ROWID;
CREATE TABLE advisory (id INTEGER PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, flaws TEXT NOT NULL,
    url TEXT NOT NULL, withdrawn TEXT, block INTEGER NOT NULL);
CREATE TABLE speaks (vulnerability TEXT, advisory INTEGER, PRIMARY KEY (vulnerability, advisory)) WITHOUT ROWID;
CREATE TABLE alias (name TEXT PRIMARY KEY, canonical TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE vulnerability (id TEXT PRIMARY KEY, epss REAL, percentile REAL, epss_date TEXT, kev BLOB,
    attention INTEGER, block INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE block (id INTEGER PRIMARY KEY, mark BLOB NOT NULL, body BLOB NOT NULL);
"""
INDEXES = (
    "CREATE INDEX advisory_name ON advisory (name)",
    "CREATE INDEX package_name ON package (name)",
    "CREATE INDEX statement_advisory ON statement (advisory)",
)


class StatementBody(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An ``AffectedPackage`` without its key, under short names."""

    e: str
    r: tuple[tuple[str, str | None, str | None], ...] = ()
    v: tuple[str, ...] = ()
    s: FixState = FixState.FIXED
    m: str = ""
    a: tuple[str, ...] = ()
    g: str = ""
    t: str = ""
    b: bool = False


class AdvisoryBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an ``Advisory`` says beyond its statements, its place and its dates of withdrawal."""

    aliases: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    severity: str = ""
    cvss: tuple[Cvss, ...] = ()
    cwes: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    published: str = ""
    modified: str = ""


BROKEN = (msgspec.MsgspecError, AttributeError, KeyError, TypeError, ValueError)
"""What decoding an encoded column raises when its bytes were changed."""

ENCODER = msgspec.msgpack.Encoder()
STATEMENT = msgspec.msgpack.Decoder(StatementBody)
ADVISORY = msgspec.msgpack.Decoder(AdvisoryBody)
VULNERABILITY = msgspec.msgpack.Decoder(Vulnerability)
KEV = msgspec.msgpack.Decoder(Kev)


def pack_statement(affected: AffectedPackage, versions: Sequence[str], severity: str) -> bytes:
    """Encode a statement, with the listed ``versions`` that its ranges do not hold and the word it inherits."""
    return ENCODER.encode(
        StatementBody(
            e=affected.ecosystem,
            r=tuple((r.introduced, r.fixed, r.last_affected) for r in affected.ranges),
            v=tuple(versions),
            s=affected.state,
            m=affected.module,
            a=affected.arches,
            g=affected.severity or severity,
            t=affected.status_text,
            b=affected.source,
        )
    )


def unpack_statement(body: bytes, scope: str, name: str) -> AffectedPackage:
    """The inverse of ``pack_statement``. Raises one of ``BROKEN`` for other bytes."""
    packed = STATEMENT.decode(body)
    return AffectedPackage(
        packed.e,
        scope,
        name,
        tuple([AffectedRange(*limits) for limits in packed.r]),
        packed.v,
        packed.s,
        packed.m,
        packed.a,
        packed.g,
        packed.t,
        packed.b,
    )
