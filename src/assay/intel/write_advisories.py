"""The advisories of a snapshot: who spoke, of which flaws, and in which words."""

import sqlite3
from collections.abc import Iterator

import msgspec

from assay.intel.blocks import BlockWriter
from assay.intel.join import Join, Names
from assay.intel.merge import fact_of, text_rank
from assay.intel.schema import ADVISORY, ENCODER
from assay.intel.shelf import NAMES
from assay.intel.vendor import scorer_of

_BATCH = 8192
Row = tuple[object, ...]


def write_advisories(db: sqlite3.Connection, join: Join) -> None:
    """Number the staged advisories by id and source, and note what each tells about its flaws in ``known``.

    A withdrawn record stays, so that a search finds it, but speaks of no flaw.
    """
    blocks = BlockWriter(db)
    rows = db.execute("SELECT name, source, names, url, withdrawn, body FROM scratch.staged ORDER BY name, source")
    advisories: list[Row] = []
    spoken: list[Row] = []
    told: list[Row] = []
    for number, (name, source, names, url, withdrawn, body) in enumerate(rows, 1):
        found = NAMES.decode(names)
        flaws = () if withdrawn else join.flaws(Names(name, found.aliases, found.covers))
        block = blocks.add(f"{name} {source}", body)
        advisories.append((number, name, source, msgspec.json.encode(flaws).decode(), url, withdrawn, block))
        spoken += [(flaw, number) for flaw in flaws]
        rank = text_rank(name.partition("-")[0], bulletin=bool(found.covers), flaws=len(flaws))
        told += _told(name, source, flaws, url, body, rank)
        if len(advisories) >= _BATCH:
            _insert(db, advisories, spoken, told)
    blocks.finish()
    _insert(db, advisories, spoken, told)


def _insert(db: sqlite3.Connection, advisories: list[Row], spoken: list[Row], told: list[Row]) -> None:
    db.executemany("INSERT INTO advisory VALUES (?, ?, ?, ?, ?, ?, ?)", advisories)
    db.executemany("INSERT INTO speaks VALUES (?, ?)", spoken)
    db.executemany("INSERT INTO scratch.known VALUES (?, ?, ?, ?, ?)", told)
    for rows in (advisories, spoken, told):
        rows.clear()


def _told(name: str, source: str, flaws: tuple[str, ...], url: str, body: bytes, rank: int) -> Iterator[Row]:
    if not flaws:
        return
    said = ADVISORY.decode(body)
    scorer = scorer_of(name)
    for flaw in flaws:
        fact = fact_of(name, flaw, said, url=url, scorer=scorer, flaws=len(flaws))
        yield flaw, rank, name.partition("-")[0], f"{name} {source}", ENCODER.encode(fact)
