"""FIRST's exploit prediction scores, the daily CSV (https://www.first.org/epss/data_stats)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id
from assay.intel.feed import Download, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_files
from assay.intel.reading import lines_of, open_stream
from assay.intel.times import day, instant
from assay.model.advisory import Epss, Vulnerability

_FILE = "epss_scores.csv.gz"
_URL = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"
_LIMIT = 256 << 20
_DECOMPRESSED = 2 << 30


class ExploitPrediction:
    """The feed ``epss``: one Vulnerability with an ``epss`` fact per line.

    The file starts with a comment (``#model_version:v2025.03.14,score_date:2025-12-26T12:55:00Z``), absent or without
    a date in old files, then a header that names at least ``cve`` and ``epss``; a missing percentile is computed
    from the scores of the file, as the share of scores that are not higher.
    """

    name = "epss"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get today's scores; ``data_at`` is the day they hold for."""
        files = (RemoteFile(_URL, _FILE, _LIMIT),)
        return fetch_files(transport, into, previous, now, files, dated=_score_date)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Scores in the file's order."""
        on, columns, rows = None, None, []
        malformed: list[Malformed] = []
        with open_stream(folder / _FILE, _DECOMPRESSED) as file:
            for number, line in lines_of(file, _FILE):
                text = line.decode("utf-8", "replace")
                if text.startswith("#"):
                    on = _date_of(text)
                elif columns is None:
                    columns = _columns(text)
                elif text:
                    row = _row(text.split(","), columns)
                    if row is None:
                        malformed.append(Malformed(f"{_FILE}:{number}", f"not a CVE id with its score: {text[:80]!r}"))
                    else:
                        rows.append(row)
        if columns is None:
            raise Unreadable(f"{_FILE}: no header line")
        day_of_scores = on.date() if on else None
        yield from _facts(rows, day_of_scores)
        yield from malformed


_Row = tuple[str, float, float | None]


def _columns(header: str) -> tuple[int, int, int | None]:
    names = [name.strip().lower() for name in header.split(",")]
    if "cve" not in names or "epss" not in names:
        raise Unreadable(f"{_FILE}: the header names no cve and epss column: {header[:80]!r}")
    return names.index("cve"), names.index("epss"), names.index("percentile") if "percentile" in names else None


def _row(cells: Sequence[str], columns: tuple[int, int, int | None]) -> _Row | None:
    cve, epss, percentile = columns
    try:
        identifier, score = cve_id(cells[cve]), float(cells[epss])
        rank = None if percentile is None else float(cells[percentile])
    except (IndexError, ValueError):
        return None
    if identifier is None or not 0.0 <= score <= 1.0 or not (rank is None or 0.0 <= rank <= 1.0):
        return None
    return identifier, score, rank


def _facts(rows: Sequence[_Row], on: date | None) -> Iterator[Vulnerability]:
    from bisect import bisect_right

    ordered = sorted(score for _, score, rank in rows if rank is None)
    for identifier, score, rank in rows:
        percentile = bisect_right(ordered, score) / len(ordered) if rank is None else rank
        yield Vulnerability(identifier, epss=Epss(score, percentile, on))


def _date_of(comment: str) -> datetime | None:
    _, _, rest = comment.partition("score_date:")
    text = rest.split(",")[0].strip()
    return instant(text) or instant(str(day(text) or ""))


def _score_date(folder: Path) -> datetime | None:
    with open_stream(folder / _FILE, _DECOMPRESSED) as file:
        for _, line in lines_of(file, _FILE):
            return _date_of(line.decode("utf-8", "replace")) if line.startswith(b"#") else None
    return None
