"""Small snapshots made of records written in the tests."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.intel.build import Source, build
from assay.intel.feed import Record
from assay.intel.lookup import Snapshot
from assay.intel.shelf import write_shelf

Compile = Callable[[Mapping[str, Iterable[Record]]], Path]
Open = Callable[[Mapping[str, Iterable[Record]]], Snapshot]


@pytest.fixture
def compiled(tmp_path: Path) -> Compile:
    """Compile feeds, given as records by feed name, into a snapshot file."""

    def run(feeds: Mapping[str, Iterable[Record]]) -> Path:
        sources = []
        for name, records in feeds.items():
            shelf = tmp_path / f"{name}.db"
            count = write_shelf(shelf, records)
            fetched = datetime(2026, 8, 22, tzinfo=UTC)
            sources.append(Source(name, shelf, fetched_at=fetched, records=count.records, malformed=count.malformed))
        return build(sources, tmp_path / "snapshots")

    return run


@pytest.fixture
def opened(compiled: Compile) -> Iterator[Open]:
    """Compile feeds and open the snapshot."""
    with ExitStack() as stack:
        yield lambda feeds: stack.enter_context(Snapshot(compiled(feeds)))
