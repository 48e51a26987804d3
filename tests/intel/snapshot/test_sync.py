"""Sync: what is new is read, what fails keeps its last good data, and nothing gets emptied in silence."""

import fcntl
import importlib
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assay.errors import AssayError, Conflict, Denied, NotFound, Unavailable, Unreadable
from assay.intel.feed import Covers, Download, Feed, Ignored, Malformed, Record, Transport
from assay.intel.feed_state import FeedFolder, FeedState
from assay.intel.lookup import Snapshot
from assay.intel.snapshots import current_snapshot
from assay.intel.sync import Synced, sync
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange
from assay.model.report import IntelSource

NOON = datetime(2026, 8, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)


class Nowhere:
    """A ``Transport`` that nobody should use."""

    def get(self, url: str, into: Path, /, *, validators: Mapping[str, str], limit: int) -> Mapping[str, str] | None:
        raise Unavailable(url)


def advisories(count: int, scope: str = "pypi") -> list[Record]:
    affected = [AffectedPackage(scope, scope, f"p{n}", (AffectedRange("0", "1.0"),)) for n in range(count)]
    return [Covers(scope), *(Advisory(f"{scope}-{n}", "f", (package,)) for n, package in enumerate(affected))]


@dataclass
class Told:
    """A feed that yields what it is told: its file holds the number of the edition."""

    name: str = "osv-pypi"
    editions: list[Iterable[Record] | AssayError] = field(default_factory=list)
    failure: AssayError | OSError | None = None
    validators: Mapping[str, str] = field(default_factory=lambda: {"etag": "1"})
    changed: bool = True
    asked: list[Download | None] = field(default_factory=list)
    urls: tuple[str, ...] = ()

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        self.asked.append(previous)
        if self.failure is not None:
            raise self.failure
        (into / "edition").write_text(str(len(self.editions) - 1))
        return Download(into, now, now - timedelta(hours=1), self.validators, changed=self.changed or previous is None)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        edition = self.editions[int((folder / "edition").read_text())]
        if isinstance(edition, AssayError):
            yield Covers("pypi")
            raise edition
        yield from edition


def run(data: Path, *feeds: Told, now: datetime = NOON, **options: object) -> Synced:
    return sync(feeds, Nowhere(), data, now, **options)  # type: ignore[arg-type]  # options by name


def source(synced: Synced, name: str = "osv-pypi") -> IntelSource:
    return next(source for source in synced.status.sources if source.name == name)


def known(synced: Synced, scope: str = "pypi") -> int:
    with Snapshot(synced.snapshot) as index:
        return len(index.affecting([(scope, f"p{n}") for n in range(1000)]))


def test_a_first_sync_puts_a_snapshot_in_use(tmp_path: Path) -> None:
    synced = run(tmp_path, Told(editions=[advisories(10)]))
    assert synced.changed
    assert synced.snapshot == current_snapshot(tmp_path)
    assert source(synced) == IntelSource("osv-pypi", "ok", NOON - timedelta(hours=1), NOON, 10, "", ("pypi",))
    assert known(synced) == 10


def test_news_replaces_what_was_known(tmp_path: Path) -> None:
    feed = Told(editions=[advisories(10)])
    first = run(tmp_path, feed)
    feed.editions.append(advisories(12))
    second = run(tmp_path, feed, now=LATER)
    assert (second.changed, known(second)) == (True, 12)
    assert second.snapshot != first.snapshot
    assert first.snapshot.exists()


def test_nothing_new_is_not_read_again_but_counts_as_fresh(tmp_path: Path) -> None:
    feed = Told(editions=[advisories(10)])
    run(tmp_path, feed)
    feed.changed = False
    feed.editions.append(Unreadable("must not be read"))
    synced = run(tmp_path, feed, now=LATER)
    assert (synced.changed, source(synced).status, source(synced).fetched_at) == (False, "ok", LATER)
    assert feed.asked[1] == Download(tmp_path / "feeds/osv-pypi/files", NOON, NOON - timedelta(hours=1), {"etag": "1"})


@pytest.mark.parametrize(
    "failure",
    [
        Unavailable("no answer"),
        Denied("no answer"),
        NotFound("no answer"),
        Unreadable("no answer"),
        OSError(28, "no answer"),
    ],
)
def test_a_feed_that_cannot_be_fetched_keeps_its_last_good_data(tmp_path: Path, failure: AssayError | OSError) -> None:
    feed = Told(editions=[advisories(10)])
    run(tmp_path, feed)
    feed.failure = failure
    synced = run(tmp_path, feed, now=LATER)
    told = source(synced)
    assert (told.status, told.fetched_at, told.records, known(synced)) == ("stale", NOON, 10, 10)
    assert "no answer" in told.message
    feed.failure = None
    assert source(run(tmp_path, feed, now=LATER)).message == ""


def test_a_feed_that_was_never_read_is_missing_and_covers_nothing(tmp_path: Path) -> None:
    synced = run(tmp_path, Told(editions=[advisories(10)]), Told("osv-npm", failure=Unavailable("no answer")))
    assert source(synced, "osv-npm") == IntelSource("osv-npm", "missing", message="no answer")
    with Snapshot(synced.snapshot) as index:
        assert (index.covers("pypi"), index.covers("npm")) == (True, False)


def test_without_any_data_there_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"no source could be read .*osv-pypi: no answer"):
        run(tmp_path, Told(failure=Unavailable("no answer")))
    with pytest.raises(NotFound):
        current_snapshot(tmp_path)


def test_files_that_cannot_be_read_keep_the_last_good_data_and_are_fetched_anew(tmp_path: Path) -> None:
    feed = Told(editions=[advisories(10)])
    run(tmp_path, feed)
    feed.editions.append(Unreadable("all.zip: broken"))
    synced = run(tmp_path, feed, now=LATER)
    assert (source(synced).status, source(synced).message, known(synced)) == ("stale", "all.zip: broken", 10)
    feed.editions.append(advisories(11))
    feed.changed = False
    synced = run(tmp_path, feed, now=LATER)
    assert feed.asked[-1] is not None
    assert feed.asked[-1].validators == {}
    assert (source(synced).status, known(synced)) == ("ok", 11)


def test_files_that_cannot_be_read_the_first_time_are_fetched_anew(tmp_path: Path) -> None:
    feed = Told(editions=[Unreadable("broken")])
    with pytest.raises(Unavailable):
        run(tmp_path, feed)
    run(tmp_path, Told("kev", editions=[advisories(1, "npm")]), feed)
    assert feed.asked == [None, None]


@pytest.mark.parametrize(
    ("edition", "message"),
    [
        ([], "no records at all (0 were malformed)"),
        ([Covers("pypi")], "no records at all (0 were malformed)"),
        ([Malformed("x", "y")] * 3, "no records at all (3 were malformed)"),
        (advisories(4), "only 4 records, there were 10; the former data are kept"),
        ([*advisories(10), *[Malformed("x", "y")] * 11], "11 of 21 records are malformed"),
    ],
)
def test_data_that_shrank_are_not_believed(tmp_path: Path, edition: list[Record], message: str) -> None:
    feed = Told(editions=[advisories(10)])
    run(tmp_path, feed)
    feed.editions.append(edition)
    for _ in range(2):
        synced = run(tmp_path, feed, now=LATER)
        assert (source(synced).status, source(synced).message, known(synced)) == ("stale", message, 10)
        assert source(synced).fetched_at == NOON
        feed.changed = False


def test_half_the_records_are_still_believed(tmp_path: Path) -> None:
    feed = Told(editions=[advisories(10)])
    run(tmp_path, feed)
    feed.editions.append(advisories(5))
    assert known(run(tmp_path, feed)) == 5


def test_who_knows_that_data_shrank_can_say_so_without_another_download(tmp_path: Path) -> None:
    feed = Told(editions=[advisories(10)])
    run(tmp_path, feed)
    feed.editions.append(advisories(2))
    run(tmp_path, feed, now=LATER)
    feed.changed = False
    synced = run(tmp_path, feed, now=LATER, accept={"osv-pypi"})
    assert (source(synced).status, known(synced), source(synced).fetched_at) == ("ok", 2, LATER)


def test_what_was_left_out_of_good_data_is_said(tmp_path: Path) -> None:
    edition = [*advisories(10), Malformed("all.zip:x.json", "no id"), Malformed("y", "z"), Ignored("commits", 4)]
    told = source(run(tmp_path, Told(editions=[edition])))
    assert (told.status, told.message) == (
        "ok", "left out: 2 broken records (the first: all.zip:x.json: no id); 4 commits")  # fmt: skip


def test_an_empty_feed_is_never_a_source(tmp_path: Path) -> None:
    synced = run(tmp_path, Told(editions=[[]]), Told("kev", editions=[advisories(1, "npm")]))
    assert source(synced).status == "missing"


def test_feeds_that_are_not_asked_for_stay_as_they_were(tmp_path: Path) -> None:
    run(tmp_path, Told(editions=[advisories(10)]), Told("osv-npm", editions=[advisories(3, "npm")]))
    synced = run(tmp_path, Told("osv-npm", editions=[advisories(4, "npm")]), now=LATER)
    assert (known(synced, "pypi"), known(synced, "npm")) == (10, 4)
    assert source(synced).fetched_at == NOON


def test_a_run_that_was_interrupted_after_the_download_reads_it_next_time(tmp_path: Path) -> None:
    class Interrupted(Told):
        def parse(self, folder: Path, /) -> Iterator[Record]:
            raise KeyboardInterrupt
            yield

    feed = Told(editions=[advisories(10)])
    run(tmp_path, feed)
    stopped = Interrupted(editions=[[], advisories(11)])
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, stopped)
    again = Told(editions=[[], advisories(11)], changed=False)
    assert known(run(tmp_path, again)) == 11


def test_a_damaged_shelf_is_dropped_and_read_again(tmp_path: Path) -> None:
    pypi, npm = Told(editions=[advisories(10)]), Told("osv-npm", editions=[advisories(3, "npm")])
    run(tmp_path, pypi, npm)
    with closing(sqlite3.connect(tmp_path / "feeds/osv-pypi/records.db")) as db:
        db.execute("DROP TABLE statement")
        db.commit()
    synced = run(tmp_path, npm)
    assert (source(synced).status, known(synced), known(synced, "npm")) == ("missing", 0, 3)
    assert "damaged" in source(synced).message
    assert known(run(tmp_path, pypi, npm)) == 10


def test_a_damaged_state_is_a_feed_never_seen(tmp_path: Path) -> None:
    feed = Told(editions=[advisories(10)])
    run(tmp_path, feed)
    (tmp_path / "feeds/osv-pypi/state.json").write_text("{")
    assert source(run(tmp_path, feed)).status == "ok"
    assert feed.asked == [None, None]


def test_a_state_that_cannot_be_stored_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "feeds").write_text("")
    with pytest.raises(Unavailable, match="cannot be"):
        FeedFolder(tmp_path, "x").save(FeedState())


def test_two_syncs_do_not_run_at_once(tmp_path: Path) -> None:
    with (tmp_path / "sync.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Conflict, match="another sync is running"):
            run(tmp_path, Told(editions=[advisories(1)]))
    run(tmp_path, Told(editions=[advisories(1)]))


def test_a_data_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be written"):
        run(tmp_path / "file", Told(editions=[advisories(1)]))


def test_progress_names_feeds_and_steps(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    lock = threading.Lock()

    def progress(feed: str, step: str) -> None:
        with lock:
            told.append((feed, step))

    run(tmp_path, Told(editions=[advisories(1)]), progress=progress)
    assert told == [("osv-pypi", "fetching"), ("osv-pypi", "reading"), ("osv-pypi", "ok"), ("", "building")]


def test_the_same_data_give_the_same_snapshot_anywhere(tmp_path: Path) -> None:
    feeds = [Told(editions=[advisories(10)]), Told("osv-npm", editions=[advisories(3, "npm")])]
    one = run(tmp_path / "one", *feeds)
    other = run(tmp_path / "other", *reversed(feeds))
    assert one.snapshot.read_bytes() == other.snapshot.read_bytes()


MODULE = """
import os
from dataclasses import dataclass

from assay.intel.feed import Covers, Download
from assay.model.advisory import Advisory


@dataclass(frozen=True)
class Fixed:
    name: str
    kills: bool = False
    urls: tuple[str, ...] = ()

    def fetch(self, transport, into, previous, now, /):
        return Download(into, now)

    def parse(self, folder, /):
        if self.kills:
            os._exit(9)
        yield from (Covers(self.name), Advisory(f"{self.name}-1", self.name))
"""
"""A feed that another process can import as well."""


@pytest.fixture
def fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Feed]:
    (tmp_path / "fixed_feed.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "fixed_feed", raising=False)
    kind: Callable[..., Feed] = importlib.import_module("fixed_feed").Fixed
    return kind


def test_feeds_are_read_in_several_processes(tmp_path: Path, fixed: Callable[..., Feed]) -> None:
    feeds = [fixed("pypi"), fixed("npm"), fixed("gem")]
    many = sync(feeds, Nowhere(), tmp_path / "many", NOON, workers=2)
    one = sync(feeds, Nowhere(), tmp_path / "one", NOON)
    assert [source.status for source in many.status.sources] == ["ok"] * 3
    assert many.snapshot.name == one.snapshot.name


def test_a_process_that_dies_is_a_feed_that_failed(tmp_path: Path, fixed: Callable[..., Feed]) -> None:
    sync([fixed("pypi")], Nowhere(), tmp_path, NOON)
    synced = sync([fixed("pypi", kills=True)], Nowhere(), tmp_path, NOON, workers=2)
    told = source(synced, "pypi")
    assert (told.status, told.message) == ("stale", "the process that read it was ended")
