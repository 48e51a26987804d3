"""A snapshot file, opened for reading by any number of threads."""

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from assay.errors import NotFound, Unreadable
from assay.intel.blocks import unpack
from assay.intel.schema import APPLICATION_ID, FORMAT

DAMAGE = (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError)
"""What sqlite3 raises when it reads a file whose bytes were changed."""


class SnapshotFile:
    """Rows and blocks of one snapshot. Each thread reads through a connection of its own.

    Raises NotFound when there is no such file and Unreadable when it is not a whole snapshot of this format, as far
    as can be told without reading all of it; every method raises Unreadable when it meets damage.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        if not path.is_file():
            raise NotFound(f"{path}: there is no snapshot")
        try:
            self.meta: Mapping[str, str] = self._check()
        except Unreadable:
            self.close()
            raise

    def close(self) -> None:
        """Give the file back; nothing can be read afterwards."""
        with self._lock:
            self._closed = True
            for connection in self._open:
                connection.close()
            self._open.clear()

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        try:
            return self._connection().execute(query, parameters).fetchall()
        except DAMAGE as error:
            raise Unreadable(f"{self.path.name}: the snapshot is damaged ({error})") from error

    def block(self, number: int) -> dict[str, msgspec.Raw]:
        """The records of a block by their keys."""
        rows = self.rows("SELECT body FROM block WHERE id = ?", (number,))
        if not rows:
            raise Unreadable(f"{self.path.name}: block {number} is missing")
        return unpack(rows[0][0])[1]

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = connect(self.path)
            with self._lock:
                self._open.append(connection)
                if self._closed:
                    connection.close()
            self._threads.connection = connection
        return connection

    def _check(self) -> Mapping[str, str]:
        ((application,),) = self.rows("PRAGMA application_id")
        ((version,),) = self.rows("PRAGMA user_version")
        if application != APPLICATION_ID:
            raise Unreadable(f"{self.path}: not an intel snapshot")
        if version != FORMAT:
            raise Unreadable(f"{self.path}: a snapshot of format {version}; this program reads format {FORMAT}")
        ((pages,),) = self.rows("PRAGMA page_count")
        ((page_size,),) = self.rows("PRAGMA page_size")
        if pages * page_size != self.path.stat().st_size:
            raise Unreadable(f"{self.path}: the snapshot is truncated")
        meta: dict[str, str] = dict(self.rows("SELECT key, value FROM meta"))
        if not {"digest", "built_at"} <= meta.keys():
            raise Unreadable(f"{self.path}: the snapshot was not finished")
        return meta


def connect(path: Path) -> sqlite3.Connection:
    """Open read-only, without locks, mapped into memory: nobody writes to a snapshot. Raises Unreadable."""
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None
        )
        connection.execute(f"PRAGMA mmap_size = {1 << 40}")
        connection.execute("PRAGMA query_only = 1")
        connection.execute("PRAGMA trusted_schema = 0")
    except sqlite3.Error as error:
        raise Unreadable(f"{path}: the snapshot cannot be opened ({error})") from error
    return connection
