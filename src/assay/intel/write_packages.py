"""The packages of a snapshot and what is said about each, in the order in which they are looked up."""

import sqlite3
from collections.abc import Iterator
from hashlib import blake2b
from itertools import groupby

from assay.intel.blocks import MARK_BYTES
from assay.intel.schema import ENCODER

_BATCH = 4096
_SAID = (
    "SELECT s.scope, s.name, a.id, a.name, a.source, a.flaws, s.low, s.high, s.body FROM scratch.said s"
    " CROSS JOIN advisory a ON a.name = s.advisory AND a.source = s.source"
    " ORDER BY s.scope, s.name, a.id, s.n"
)


def write_packages(db: sqlite3.Connection) -> None:
    """Number the packages by scope and name; ``mark`` each with a digest of its statements."""
    reading = db.cursor()
    packages: list[tuple[object, ...]] = []
    statements: list[tuple[object, ...]] = []
    said = groupby(reading.execute(_SAID), key=lambda row: (row[0], row[1]))
    for package, ((scope, name), rows) in enumerate(said, 1):
        digest = blake2b(digest_size=MARK_BYTES)
        n, last = 0, 0
        for row in rows:
            n = n + 1 if row[2] == last else 0
            last = row[2]
            statements.append((package, last, n, *row[6:]))
            digest.update(ENCODER.encode(row[3:]))
        packages.append((scope, name, package, digest.digest()))
        if len(packages) >= _BATCH:
            _insert(db, packages, statements)
    _insert(db, packages, statements)


def statement_marks(db: sqlite3.Connection) -> Iterator[tuple[int, bytes]]:
    """(package, mark) as the statements in a finished snapshot give it, in the order of the packages."""
    rows = db.execute(
        "SELECT s.package, a.name, a.source, a.flaws, s.low, s.high, s.body FROM statement s"
        " JOIN advisory a ON a.id = s.advisory ORDER BY s.package, s.advisory, s.n"
    )
    for package, said in groupby(rows, key=lambda row: row[0]):
        digest = blake2b(digest_size=MARK_BYTES)
        for row in said:
            digest.update(ENCODER.encode(row[1:]))
        yield package, digest.digest()


def _insert(db: sqlite3.Connection, packages: list[tuple[object, ...]], statements: list[tuple[object, ...]]) -> None:
    db.executemany("INSERT INTO package VALUES (?, ?, ?, ?)", packages)
    db.executemany("INSERT INTO statement VALUES (?, ?, ?, ?, ?, ?)", statements)
    packages.clear()
    statements.clear()
