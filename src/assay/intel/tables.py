"""CSV files of publishers: a header line, then rows as mappings."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from assay.errors import LimitExceeded, Unreadable
from assay.intel.reading import open_stream

_ROWS = 20_000_000


def csv_rows(path: Path, columns: frozenset[str], limit: int = 1 << 30) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line number, row) for each row, keyed by the header's names in lower case.

    Raises Unreadable when the header lacks one of ``columns`` or the file is not CSV.
    """
    with io.TextIOWrapper(open_stream(path, limit), "utf-8", errors="replace", newline="") as text:
        reader = csv.reader(text)
        try:
            header = [name.strip().lower().lstrip("\ufeff") for name in next(reader, [])]
            if not columns <= set(header):
                raise Unreadable(f"{path.name}: the header names no {', '.join(sorted(columns - set(header)))}")
            for count, row in enumerate(reader):
                if count >= _ROWS:
                    raise LimitExceeded(f"{path.name}: more than {_ROWS} rows")
                if row:
                    yield reader.line_num, dict(zip(header, row, strict=False))
        except csv.Error as error:
            raise Unreadable(f"{path.name}:{reader.line_num}: {error}") from error
