"""The vulnerabilities of a snapshot: everything known about each flaw, under its canonical id."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from assay.intel.blocks import BlockWriter
from assay.intel.join import Join, Names
from assay.intel.merge import merged, text_rank
from assay.intel.schema import ENCODER, VULNERABILITY
from assay.intel.write_advisories import Row
from assay.model.advisory import Vulnerability

_BATCH = 4096
_LARGEST = (1 << 63) - 1


def write_vulnerabilities(db: sqlite3.Connection, join: Join) -> None:
    """Merge the facts of the feeds and of the advisories, and store them in the order of the ids."""
    db.executemany("INSERT INTO scratch.known VALUES (?, ?, ?, ?, ?)", _facts(db, join))
    blocks = BlockWriter(db)
    rows = db.cursor().execute("SELECT id, body FROM scratch.known ORDER BY id, rank, label, origin, body")
    vulnerabilities: list[Row] = []
    for flaw, known in groupby(rows, key=lambda row: row[0]):
        whole = merged(flaw, [VULNERABILITY.decode(body) for _, body in known])
        block = blocks.add(flaw, ENCODER.encode(_lasting(whole)))
        vulnerabilities.append((*_columns(whole), block))
        if len(vulnerabilities) >= _BATCH:
            _insert(db, vulnerabilities)
    blocks.finish()
    _insert(db, vulnerabilities)


def _facts(db: sqlite3.Connection, join: Join) -> Iterator[Row]:
    for name, source, body in db.cursor().execute("SELECT id, source, body FROM scratch.fact"):
        for flaw in join.flaws(Names(name)):
            yield flaw, text_rank(source), source, name, body


def _lasting(whole: Vulnerability) -> Vulnerability:
    if whole.epss is None and whole.kev is None and whole.attention is None:
        return whole
    return replace(whole, epss=None, kev=None, attention=None)


def _columns(whole: Vulnerability) -> Row:
    """What changes from day to day, so that the rest stays as it is."""
    epss = whole.epss
    scores = (epss.score, epss.percentile, epss.day.isoformat() if epss.day else None) if epss else (None,) * 3
    attention = None if whole.attention is None else min(whole.attention, _LARGEST)
    return whole.id, *scores, ENCODER.encode(whole.kev) if whole.kev else None, attention


def _insert(db: sqlite3.Connection, vulnerabilities: list[Row]) -> None:
    db.executemany("INSERT INTO vulnerability VALUES (?, ?, ?, ?, ?, ?, ?)", vulnerabilities)
    vulnerabilities.clear()
