"""Answers of paged interfaces on disk: rounds of pages, the newest round last, each page compressed.

A round that breaks off is continued from its last page when the same question is asked again within a day.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from assay.errors import LimitExceeded, Unavailable, Unreadable
from assay.intel.feed import Transport
from assay.intel.reading import read_whole

_NOTE = "round.json"
_PATIENCE = timedelta(days=1)
_PAGES = 20_000

NextPage = Callable[[str, bytes, str], str]
"""The next page's address, from a page's address, its content and its Link header's ``next``; empty at the end."""


class _Note(msgspec.Struct, frozen=True):
    first: str
    started: datetime
    next: str
    pages: int


class PageStore:
    """The pages below ``folder``/rounds."""

    def __init__(self, folder: Path) -> None:
        self._rounds = folder / "rounds"

    def fetch(self, transport: Transport, first: str, now: datetime, next_page: NextPage, *, limit: int) -> Path:
        """Get a round of pages beginning at ``first``; the first page. ``limit`` is a page's, in bytes."""
        partial = self._rounds / "partial"
        note = self._resume(partial, first, now)
        while note.next:
            if note.pages >= _PAGES:
                raise LimitExceeded(f"{first}: more than {_PAGES} pages")
            raw = partial / "page.json"
            validators = transport.get(note.next, raw, validators={}, limit=limit)
            content = read_whole(raw, limit)
            following = next_page(note.next, content, (validators or {}).get("next", ""))
            _pack(content, partial / f"{note.pages:05d}.json.gz")
            raw.unlink()
            note = _Note(first, note.started, following, note.pages + 1)
            _write(partial / _NOTE, msgspec.json.encode(note))
        (partial / _NOTE).unlink(missing_ok=True)
        done = self._rounds / f"{self._last() + 1:06d}"
        partial.replace(done)
        return done / "00000.json.gz"

    def _resume(self, partial: Path, first: str, now: datetime) -> _Note:
        try:
            note = msgspec.json.decode((partial / _NOTE).read_bytes(), type=_Note)
            if note.first == first and abs(now - note.started) < _PATIENCE:
                return note
        except (OSError, msgspec.MsgspecError, UnicodeError, TypeError):
            pass
        shutil.rmtree(partial, ignore_errors=True)
        try:
            partial.mkdir(parents=True)
        except OSError as error:
            raise Unavailable(f"{partial}: cannot be written ({error.strerror})") from error
        return _Note(first, now, first, 0)

    def _names(self) -> list[int]:
        if not self._rounds.is_dir():
            return []
        return sorted(int(path.name) for path in self._rounds.iterdir() if path.name.isdecimal())

    def _last(self) -> int:
        return max(self._names(), default=0)

    def __len__(self) -> int:
        return len(self._names())

    def drop_last(self) -> None:
        """Forget the newest round, which brought nothing."""
        shutil.rmtree(self._rounds / f"{self._last():06d}", ignore_errors=True)

    def keep_last(self) -> None:
        """Forget all rounds but the newest."""
        for name in self._names()[:-1]:
            shutil.rmtree(self._rounds / f"{name:06d}", ignore_errors=True)

    def pages(self) -> Iterator[Path]:
        """The pages, those of the newest round first."""
        for name in reversed(self._names()):
            yield from sorted((self._rounds / f"{name:06d}").glob("*.json.gz"))


def _pack(content: bytes, target: Path) -> None:
    from isal import igzip

    _write(target, igzip.compress(content, compresslevel=1, mtime=0))


def _write(target: Path, content: bytes) -> None:
    part = target.with_name(target.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(target)
    except OSError as error:
        raise Unavailable(f"{target}: cannot be written ({error.strerror})") from error


def documents(folder: Path) -> Iterator[Path]:
    """The pages of a folder, newest first, then single files that a mirror put there, in the order of their names."""
    pages = list(PageStore(folder).pages())
    singles = sorted(
        path for path in folder.rglob("*") if path.is_file() and "rounds" not in path.relative_to(folder).parts
        and ".part" not in path.name
    )  # fmt: skip
    if not pages and not singles:
        raise Unreadable(f"{folder.name}: no data")
    yield from pages
    yield from singles
