"""The seam between feeds and the snapshot builder: fetch touches the network, parse never does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from assay.model.advisory import Advisory, Vulnerability


@dataclass(frozen=True, slots=True)
class Covers:
    """The feed says everything it knows about a scope: no advisory there means "not known to be affected"."""

    scope: str


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """An operating system release and the day from which it gets no more fixes (None: still open-ended)."""

    scope: str
    end: date | None


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record of the feed that could not be read; the others stand. ``place`` names the file and entry."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """``count`` things the feed holds that the snapshot has no use for, ``what`` says which and why."""

    what: str
    count: int


Record = Advisory | Vulnerability | Covers | Lifecycle | Malformed | Ignored
"""What a feed yields. A Vulnerability carries only the facts this feed knows; the builder joins them by id."""


@dataclass(frozen=True, slots=True)
class Download:
    """What a fetch left on disk: the folder with the publisher's files as they came, and their state.

    ``data_at`` is the publisher's own date of the data where it states one. ``validators`` (ETag, Last-Modified,
    cursors) make the next fetch conditional. ``changed`` is False when the publisher had nothing new.
    """

    folder: Path
    fetched_at: datetime
    data_at: datetime | None = None
    validators: Mapping[str, str] = field(default_factory=dict)
    changed: bool = True


class Transport(Protocol):
    """How a feed reads its publisher: HTTP, or a folder that mirrors it. Raises Unavailable, Denied, NotFound."""

    def get(self, url: str, into: Path, /, *, validators: Mapping[str, str], limit: int) -> Mapping[str, str] | None:
        """Store the body of ``url`` (at most ``limit`` bytes) at ``into`` atomically, resuming a broken download;
        the new validators, or None when the publisher answers "not modified".
        """


class Feed(Protocol):
    """One publisher's data. ``name`` is stable and unique (``osv-pypi``, ``kev``).

    ``urls`` are what ``fetch`` reads, for documentation and mirrors. ``parse`` is pure: the same folder yields the
    same records in the same order; a broken record is yielded as Malformed, a broken file raises Unreadable.
    """

    @property
    def name(self) -> str: ...
    @property
    def urls(self) -> tuple[str, ...]: ...
    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download: ...
    def parse(self, folder: Path, /) -> Iterator[Record]: ...
