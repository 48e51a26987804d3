"""Reading a snapshot: what matching, scoring and the doors ask of it."""

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from assay.errors import NotFound, Unreadable
from assay.intel.blocks import unpack
from assay.intel.schema import APPLICATION_ID, FORMAT, NO_LIMIT, unpack_statement
from assay.intel.write_facts import KEV, VULNERABILITY
from assay.model.advisory import AffectedPackage, Epss, Vulnerability
from assay.model.candidate import Candidate, LookupKey
from assay.model.report import IntelSource, IntelStatus

_CHUNK = 10_000
_FLAWS = msgspec.json.Decoder(tuple[str, ...])
Bound = tuple[bytes | None, bytes | None, bool] | None


class Snapshot:
    """One immutable state of knowledge, an ``AdvisoryIndex``. Any number of threads may read it at once.

    Raises NotFound when there is no such file and Unreadable when it is not a whole snapshot; every method raises
    Unreadable when it meets damage.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        if not path.is_file():
            raise NotFound(f"{path}: there is no snapshot")
        self._check()
        self._covered = {scope for (scope,) in self._rows("SELECT DISTINCT scope FROM coverage")}

    def close(self) -> None:
        """Give the file back; the snapshot cannot be used afterwards."""
        with self._lock:
            self._closed = True
            for connection in self._open:
                connection.close()
            self._open.clear()

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def digest(self) -> str:
        """The digest of what the snapshot says, as it states it."""
        return self._meta["digest"]

    def affecting(self, keys: Collection[LookupKey], /) -> Mapping[LookupKey, Sequence[Candidate]]:
        """All statements on the given packages; keys without any are absent. One call per inventory."""
        wanted: dict[str, list[str]] = {}
        for scope, name in set(keys):
            wanted.setdefault(scope, []).append(name)
        found: dict[LookupKey, list[Candidate]] = {}
        for scope, names in wanted.items():
            for start in range(0, len(names), _CHUNK):
                self._collect(scope, names[start : start + _CHUNK], found)
        return found

    def covers(self, scope: str, /) -> bool:
        """Whether a source with good data covers the scope. False means "unknown", never "no findings"."""
        return scope in self._covered

    def vulnerabilities(self, ids: Collection[str], /) -> Mapping[str, Vulnerability]:
        """The facts on the given canonical ids; unknown ids are absent."""
        rows = self._rows(
            "SELECT id, epss, percentile, epss_date, kev, attention, block FROM vulnerability"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY block",
            (_json(set(ids)),),
        )
        found: dict[str, Vulnerability] = {}
        number, records = 0, dict[str, msgspec.Raw]()
        for identifier, *volatile, block in rows:
            if block != number:
                number, records = block, self.block(block)
            found[identifier] = _vulnerability(identifier, volatile, records, self.path)
        return found

    def canonical(self, identifier: str, /) -> str:
        """The canonical id of any alias (a GHSA becomes its CVE); the identifier itself when unknown."""
        rows = self._rows("SELECT canonical FROM alias WHERE name = ?", (identifier,))
        return str(rows[0][0]) if rows else identifier

    def end_of_life(self, scope: str, /) -> date | None:
        """The day from which the operating system release gets no more fixes; None when unknown."""
        rows = self._rows("SELECT until FROM lifecycle WHERE scope = ?", (scope,))
        return date.fromisoformat(rows[0][0]) if rows and rows[0][0] else None

    def status(self) -> IntelStatus:
        """Which snapshot this is and how fresh its sources are."""
        scopes: dict[str, list[str]] = {}
        for source, scope in self._rows("SELECT source, scope FROM coverage ORDER BY source, scope"):
            scopes.setdefault(source, []).append(scope)
        rows = self._rows("SELECT name, status, data_at, fetched_at, records, message FROM source ORDER BY name")
        sources = tuple(
            IntelSource(name, status, _time(data_at), _time(fetched_at), records, message, tuple(scopes.get(name, ())))
            for name, status, data_at, fetched_at, records, message in rows
        )
        return IntelStatus(self.digest, _time(self._meta["built_at"]), sources)

    def block(self, number: int) -> dict[str, msgspec.Raw]:
        """The records of a block by their keys."""
        rows = self._rows("SELECT body FROM block WHERE id = ?", (number,))
        if not rows:
            raise Unreadable(f"{self.path.name}: block {number} is missing")
        return unpack(rows[0][0])[1]

    def _collect(self, scope: str, names: Sequence[str], found: dict[LookupKey, list[Candidate]]) -> None:
        rows = self._rows(
            "SELECT p.name, s.advisory, s.low, s.high, s.body FROM json_each(?) k"
            " CROSS JOIN package p ON p.scope = ? AND p.name = k.value"
            " CROSS JOIN statement s ON s.package = p.id",
            (_json(names), scope),
        )
        advisories = self._advisories({row[1] for row in rows})
        try:
            for name, advisory, affected, bounds in _statements(rows, scope):
                identifier, source, flaws, url = advisories[advisory]
                candidate = Candidate(identifier, source, flaws, affected, bounds, url)
                found.setdefault((scope, name), []).append(candidate)
        except (msgspec.MsgspecError, KeyError, TypeError) as error:
            raise Unreadable(f"{self.path.name}: a statement on {scope} is damaged ({error})") from error

    def _advisories(self, numbers: Iterable[int]) -> dict[int, tuple[str, str, tuple[str, ...], str]]:
        rows = self._rows(
            "SELECT id, name, source, flaws, url FROM advisory WHERE id IN (SELECT value FROM json_each(?))",
            (_json(numbers),),
        )
        return {number: (name, source, _FLAWS.decode(flaws), url) for number, name, source, flaws, url in rows}

    def _rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection().execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise Unreadable(f"{self.path.name}: the snapshot is damaged ({error})") from error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = _connect(self.path)
            with self._lock:
                if self._closed:
                    connection.close()
                self._open.append(connection)
            self._threads.connection = connection
        return connection

    def _check(self) -> None:
        """That the file is a whole snapshot of this format, as far as can be told without reading all of it."""
        ((application,),) = self._rows("PRAGMA application_id")
        ((version,),) = self._rows("PRAGMA user_version")
        if application != APPLICATION_ID:
            raise Unreadable(f"{self.path}: not an intel snapshot")
        if version != FORMAT:
            raise Unreadable(f"{self.path}: a snapshot of format {version}; this program reads format {FORMAT}")
        ((pages,),) = self._rows("PRAGMA page_count")
        ((page_size,),) = self._rows("PRAGMA page_size")
        if pages * page_size != self.path.stat().st_size:
            raise Unreadable(f"{self.path}: the snapshot is truncated")
        self._meta: dict[str, str] = dict(self._rows("SELECT key, value FROM meta"))
        if not {"digest", "built_at"} <= self._meta.keys():
            raise Unreadable(f"{self.path}: the snapshot was not finished")


def _connect(path: Path) -> sqlite3.Connection:
    """Read-only, without locks, through the page cache; each connection is used by one thread and closed by any."""
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None
        )
        connection.execute(f"PRAGMA mmap_size = {1 << 40}")
        connection.execute("PRAGMA query_only = 1")
    except sqlite3.Error as error:
        raise Unreadable(f"{path}: the snapshot cannot be opened ({error})") from error
    return connection


def _json(values: Iterable[object]) -> str:
    return msgspec.json.encode(sorted(values, key=str)).decode()


def _statements(
    rows: Iterable[tuple[Any, ...]], scope: str
) -> Iterator[tuple[str, int, AffectedPackage, tuple[Bound, ...]]]:
    """Group the rows of each statement: (name, advisory, statement, the bounds of its ranges)."""
    bounds: list[Bound] = []
    current: tuple[str, int, AffectedPackage] | None = None
    for name, advisory, low, high, body in rows:
        if body is not None:
            if current is not None:
                yield (*current, tuple(bounds))
            current, bounds = (name, advisory, unpack_statement(body, scope, name)), []
        if current is not None and len(bounds) < len(current[2].ranges):
            bounds.append(_bound(low, high, current[2].ranges[len(bounds)].last_affected is not None))
    if current is not None:
        yield (*current, tuple(bounds))


def _bound(low: bytes | None, high: bytes | None, inclusive: bool) -> Bound:
    if low is None or high is None:
        return None
    if inclusive:
        return low or None, high[:-1], True
    return low or None, None if high == NO_LIMIT else high, False


def _vulnerability(
    identifier: str, volatile: Sequence[Any], records: Mapping[str, msgspec.Raw], path: Path
) -> Vulnerability:
    epss, percentile, day, kev, attention = volatile
    try:
        return replace(
            VULNERABILITY.decode(records[identifier]),
            epss=Epss(epss, percentile, date.fromisoformat(day) if day else None) if epss is not None else None,
            kev=KEV.decode(kev) if kev else None,
            attention=attention,
        )
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError) as error:
        raise Unreadable(f"{path.name}: the facts on {identifier} are damaged ({error})") from error


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
