"""Reading a snapshot: what matching, scoring and the doors ask of it."""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from assay.errors import Unreadable
from assay.intel.schema import BROKEN, KEV, NO_LIMIT, VULNERABILITY, unpack_statement
from assay.intel.snapshot_file import SnapshotFile
from assay.intel.times import instant
from assay.model.advisory import AffectedPackage, Epss, Vulnerability
from assay.model.candidate import Candidate, LookupKey
from assay.model.report import IntelSource, IntelStatus

_CHUNK = 10_000
_FLAWS = msgspec.json.Decoder(tuple[str, ...])
_REMEMBERED = 100_000
_Speaker = tuple[str, str, str, tuple[str, ...]]
_Bound = tuple[bytes | None, bytes | None, bool] | None
_STATEMENTS = (
    "SELECT p.name, s.advisory, s.low, s.high, s.body FROM json_each(?) k"
    " CROSS JOIN package p ON p.scope = ? AND p.name = k.value CROSS JOIN statement s ON s.package = p.id"
)
_SPEAKERS = "SELECT id, name, source, url, flaws FROM advisory WHERE id IN (SELECT value FROM json_each(?))"


class Snapshot:
    """One immutable state of knowledge, an ``AdvisoryIndex``. Any number of threads may read it at once.

    Raises NotFound when there is no such file and Unreadable when it is not a whole snapshot; every method raises
    Unreadable when it meets damage.
    """

    def __init__(self, path: Path) -> None:
        self.file = SnapshotFile(path)
        self._known: dict[int, _Speaker] = {}
        self._covered = {scope for (scope,) in self.file.rows("SELECT DISTINCT scope FROM coverage")}
        self._ends = self._dates("SELECT scope, until FROM lifecycle WHERE until IS NOT NULL")

    def close(self) -> None:
        """Give the file back; the snapshot cannot be used afterwards."""
        self.file.close()

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def digest(self) -> str:
        """The digest of what the snapshot says, as it states it."""
        return self.file.meta["digest"]

    def affecting(self, keys: Collection[LookupKey], /) -> Mapping[LookupKey, Sequence[Candidate]]:
        """All statements on the given packages; keys without any are absent. One call per inventory."""
        wanted: dict[str, list[str]] = {}
        for scope, name in set(keys):
            wanted.setdefault(scope, []).append(name)
        found: dict[LookupKey, list[Candidate]] = {}
        with _no_collection():
            for scope, names in wanted.items():
                for start in range(0, len(names), _CHUNK):
                    self._collect(scope, names[start : start + _CHUNK], found)
        return found

    def covers(self, scope: str, /) -> bool:
        """Whether a source with good data covers the scope. False means "unknown", never "no findings"."""
        return scope in self._covered

    def vulnerabilities(self, ids: Collection[str], /) -> Mapping[str, Vulnerability]:
        """The facts on the given canonical ids; unknown ids are absent."""
        rows = self.file.rows(
            "SELECT id, epss, percentile, epss_date, kev, attention, block FROM vulnerability"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY block",
            (_json(set(ids)),),
        )
        found: dict[str, Vulnerability] = {}
        number, records = 0, dict[str, msgspec.Raw]()
        for identifier, *volatile, block in rows:
            if block != number:
                number, records = block, self.file.block(block)
            found[identifier] = _vulnerability(identifier, volatile, records, self.file.path)
        return found

    def canonical(self, identifier: str, /) -> str:
        """The canonical id of any alias (a GHSA becomes its CVE); the identifier itself when unknown."""
        rows = self.file.rows(
            "SELECT canonical FROM alias WHERE name IN (SELECT value FROM json_each(?))", (_json([identifier]),)
        )
        return str(rows[0][0]) if rows else identifier

    def end_of_life(self, scope: str, /) -> date | None:
        """The day from which the operating system release gets no more fixes; None when unknown."""
        return self._ends.get(scope)

    def status(self) -> IntelStatus:
        """Which snapshot this is and how fresh its sources are."""
        scopes: dict[str, list[str]] = {}
        for source, scope in self.file.rows("SELECT source, scope FROM coverage ORDER BY source, scope"):
            scopes.setdefault(source, []).append(scope)
        rows = self.file.rows("SELECT name, status, data_at, fetched_at, records, message FROM source ORDER BY name")
        try:
            sources = tuple(
                IntelSource(
                    name, status, instant(data_at), instant(fetched_at), records, message, tuple(scopes.get(name, ()))
                )
                for name, status, data_at, fetched_at, records, message in rows
            )
            return IntelStatus(self.digest, instant(self.file.meta["built_at"]), sources)
        except BROKEN as error:
            raise Unreadable(f"{self.file.path.name}: the list of sources is damaged ({error})") from error

    def _dates(self, query: str) -> dict[str, date]:
        try:
            return {key: date.fromisoformat(text) for key, text in self.file.rows(query)}
        except BROKEN as error:
            raise Unreadable(f"{self.file.path.name}: a date is damaged ({error})") from error

    def _collect(self, scope: str, names: Sequence[str], found: dict[LookupKey, list[Candidate]]) -> None:
        rows = self.file.rows(_STATEMENTS, (_json(names), scope))
        speakers = self._speakers(row[1] for row in rows)
        try:
            for name, advisory, affected, bounds in _statements(rows, scope):
                identifier, source, url, flaws = speakers[advisory]
                found.setdefault((scope, name), []).append(Candidate(identifier, source, flaws, affected, bounds, url))
        except BROKEN as error:
            raise Unreadable(f"{self.file.path.name}: a statement on {scope} is damaged ({error})") from error

    def _speakers(self, numbers: Iterable[int]) -> dict[int, _Speaker]:
        """Id, source, flaws and page of advisories; those met before come from memory."""
        wanted = set(numbers)
        if len(self._known) > _REMEMBERED:
            self._known = {}
        known = self._known
        unknown = {number for number in wanted if number not in known}
        if unknown:
            rows = self.file.rows(_SPEAKERS, (_json(unknown),))
            try:
                known.update((number, (*said, _FLAWS.decode(flaws))) for number, *said, flaws in rows)
            except BROKEN as error:
                raise Unreadable(f"{self.file.path.name}: an advisory is damaged ({error})") from error
        return known


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the cycle collector from walking the answer again and again while it grows: it has no cycles, and the
    walks take as long as the look-ups.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _json(values: Iterable[str] | Iterable[int]) -> str:
    """A JSON list for json_each; without names that are not text (bytes of a foreign file), which nothing is called."""
    wanted = sorted(values, key=str)
    try:
        return msgspec.json.encode(wanted).decode()
    except UnicodeEncodeError:
        return msgspec.json.encode([value for value in wanted if str(value).isprintable()]).decode()


def _statements(
    rows: Iterable[tuple[Any, ...]], scope: str
) -> Iterator[tuple[str, int, AffectedPackage, tuple[_Bound, ...]]]:
    """Group the rows of each statement: (name, advisory, statement, the bounds of its ranges)."""
    bounds: list[_Bound] = []
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


def _bound(low: bytes | None, high: bytes | None, inclusive: bool) -> _Bound:
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
    except BROKEN as error:
        raise Unreadable(f"{path.name}: the facts on {identifier} are damaged ({error})") from error
