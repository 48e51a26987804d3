"""Bring the knowledge up to date: fetch what changed, read it, compile a snapshot, put it in use."""

import fcntl
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

import msgspec

from assay.errors import AssayError, Conflict, NotFound, Unavailable, Unreadable
from assay.intel.build import DamagedShelf, Source, build
from assay.intel.feed import Download, Feed, Transport
from assay.intel.feed_state import FeedFolder, FeedState, feed_folders
from assay.intel.lookup import Snapshot
from assay.intel.shelf import Count, left_out, write_shelf
from assay.intel.snapshots import current_snapshot, make_current, prune, snapshots_folder
from assay.model.report import IntelStatus

_KEPT_SNAPSHOTS = 2
_FETCHES = 4
Progress = Callable[[str, str], None]
"""Called with a feed's name (empty for the build) and what is being done."""


@dataclass(frozen=True, slots=True)
class Synced:
    """The snapshot in use after a sync, and whether it says anything new."""

    snapshot: Path
    changed: bool
    status: IntelStatus


def sync(
    feeds: Sequence[Feed],
    transport: Transport,
    data: Path,
    now: datetime,
    *,
    workers: int = 1,
    accept: Collection[str] = (),
    progress: Progress = lambda _feed, _step: None,
) -> Synced:
    """Fetch and read the feeds into the folder ``data``, then build from them and all feeds read before.

    A feed that fails, or whose data shrank to less than half, keeps its last good data and is marked stale; name it
    in ``accept`` to believe that it shrank. With ``workers`` above 1 feeds are read in that many processes. Raises
    Conflict when another sync is running, Unavailable when no feed has ever been read or the disk refuses.
    """
    with _only_one(data):
        _refresh(feeds, transport, data, now, workers=workers, accept=accept, progress=progress)
        progress("", "building")
        before = _current_name(data)
        snapshot = _build(data)
        make_current(data, snapshot)
        prune(data, _KEPT_SNAPSHOTS)
        with Snapshot(snapshot) as index:
            return Synced(snapshot, snapshot.name != before, index.status())


def _build(data: Path) -> Path:
    """Build from all shelves; one that is found damaged is dropped, and its files are fetched anew next time."""
    while True:
        sources = [_source(folder) for folder in feed_folders(data)]
        if not any(source.shelf for source in sources):
            reasons = "; ".join(f"{source.name}: {source.message}" for source in sources[:5])
            raise Unavailable(f"{data}: no source could be read ({reasons})")
        try:
            return build(sources, snapshots_folder(data))
        except DamagedShelf as error:
            folder = FeedFolder(data, error.source)
            folder.shelf.unlink(missing_ok=True)
            folder.save(FeedState(message=str(error)))


def _refresh(
    feeds: Sequence[Feed],
    transport: Transport,
    data: Path,
    now: datetime,
    *,
    workers: int,
    accept: Collection[str],
    progress: Progress,
) -> None:
    """Fetch side by side; read each feed as soon as its files are there."""
    folders = [FeedFolder(data, feed.name) for feed in feeds]
    with ThreadPoolExecutor(_FETCHES, "fetch") as fetchers, _readers(workers) as readers:

        def refresh(feed: Feed, folder: FeedFolder) -> None:
            progress(feed.name, "fetching")
            download = _fetch(feed, folder, transport, now)
            if download is not None:
                progress(feed.name, "reading")
                _read(feed, folder, download, readers, believe=feed.name in accept)
            progress(feed.name, folder.load().status)

        for future in [fetchers.submit(refresh, *pair) for pair in zip(feeds, folders, strict=True)]:
            future.result()


def _fetch(feed: Feed, folder: FeedFolder, transport: Transport, now: datetime) -> Download | None:
    """The new files; None when there are none, which the state then says."""
    state = folder.load()
    try:
        folder.files.mkdir(parents=True, exist_ok=True)
        download = feed.fetch(transport, folder.files, folder.previous(state), now)
    except OSError as error:
        folder.save(_failed(folder, state, f"cannot be stored ({error.strerror})"))
        return None
    except AssayError as error:
        folder.save(_failed(folder, state, str(error)))
        return None
    if not download.changed and not state.pending and folder.kept() is not None:
        folder.save(_fetched(download))
        return None
    folder.save(msgspec.structs.replace(state, validators=download.validators, pending=True))
    return download


def _read(feed: Feed, folder: FeedFolder, download: Download, readers: Executor, *, believe: bool) -> None:
    """Read the files onto a new shelf, and put it in the old one's place when it is plausible.

    Files that cannot be read are fetched anew next time; files that say too little are only read anew.
    """
    state = folder.load()
    try:
        count = readers.submit(_write, feed, download.folder, folder.fresh_shelf).result()
    except (AssayError, BrokenExecutor) as error:
        reason = str(error) if isinstance(error, AssayError) else "the process that read it was ended"
        folder.save(_failed(folder, msgspec.structs.replace(state, validators={}), reason))
        return
    doubt = "" if believe else _doubt(count, folder.kept())
    if doubt:
        folder.fresh_shelf.unlink(missing_ok=True)
        folder.save(_failed(folder, state, doubt))
        return
    folder.fresh_shelf.replace(folder.shelf)
    folder.save(_fetched(download))


def _write(feed: Feed, files: Path, shelf: Path) -> Count:
    return write_shelf(shelf, feed.parse(files))


def _doubt(count: Count, kept: Count | None) -> str:
    """Why new data are not believed: publishers' files do get lost, cut or emptied. Empty when they are."""
    if not count.records:
        return f"no records at all ({count.malformed} were malformed)"
    if count.malformed > count.records:
        return f"{count.malformed} of {count.malformed + count.records} records are malformed"
    if kept is not None and count.records * 2 < kept.records:
        return f"only {count.records} records, there were {kept.records}; the former data are kept"
    return ""


def _fetched(download: Download) -> FeedState:
    return FeedState("ok", "", download.fetched_at, download.data_at, download.validators)


def _failed(folder: FeedFolder, state: FeedState, message: str) -> FeedState:
    status = "stale" if folder.kept() is not None else "missing"
    return msgspec.structs.replace(state, status=status, message=message)


def _source(folder: FeedFolder) -> Source:
    """A feed as the build sees it."""
    state, kept = folder.load(), folder.kept()
    if kept is None:
        return Source(folder.name, None, status="missing", message=state.message or "never read")
    return Source(
        folder.name,
        folder.shelf,
        status=state.status,
        data_at=state.data_at,
        fetched_at=state.fetched_at,
        records=kept.records,
        malformed=kept.malformed,
        ignored=kept.ignored,
        message=state.message or left_out(folder.shelf),
    )


def _readers(workers: int) -> Executor:
    """Processes that start clean, so that no thread's lock is inherited; one thread when no more are wanted."""
    if workers <= 1:
        return ThreadPoolExecutor(1, "read")
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def _current_name(data: Path) -> str:
    try:
        return current_snapshot(data).name
    except (NotFound, Unreadable):
        return ""


@contextmanager
def _only_one(data: Path) -> Iterator[None]:
    """Hold the data folder's lock; the system lets go of it when the process ends, however it ends."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "sync.lock").open("w")
    except OSError as error:
        raise Unavailable(f"{data}: cannot be written ({error.strerror})") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"{data}: another sync is running") from None
        yield
