"""The folder that holds snapshots, and which of them is in use.

``<data>/snapshots/<digest>.assaydb`` are the files, ``<data>/snapshots/current`` names one of them. A file is put in
place whole or not at all, and the name is switched after it, so a reader always finds a whole snapshot.
"""

import os
import re
from pathlib import Path

from assay.errors import NotFound, Unavailable, Unreadable

SUFFIX = ".assaydb"
_NAME = re.compile(r"[0-9a-f]{64}\.assaydb\Z")


def snapshots_folder(data: Path) -> Path:
    """Where the snapshots of a data folder lie."""
    return data / "snapshots"


def current_snapshot(data: Path) -> Path:
    """The snapshot in use. Raises NotFound when there is none yet, Unreadable when the pointer is damaged."""
    pointer = snapshots_folder(data) / "current"
    try:
        name = pointer.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise NotFound(f"{data}: no vulnerability data yet; run `assay intel sync` or `assay intel import`") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{pointer}: cannot be read ({error})") from error
    if not _NAME.match(name):
        raise Unreadable(f"{pointer}: does not name a snapshot")
    return pointer.with_name(name)


def make_current(data: Path, snapshot: Path) -> None:
    """Have ``current_snapshot`` answer with this file, which must lie in the folder."""
    pointer = snapshots_folder(data) / "current"
    part = pointer.with_name(f".current.{os.getpid()}")
    try:
        part.write_text(snapshot.name + "\n", encoding="ascii")
        part.replace(pointer)
    except OSError as error:
        raise Unavailable(f"{pointer}: cannot be written ({error.strerror})") from error


def prune(data: Path, keep: int) -> list[Path]:
    """Remove all but the current and the ``keep`` newest other snapshots; what was removed."""
    try:
        current = current_snapshot(data)
    except NotFound:
        return []
    others = [path for path in snapshots_folder(data).glob(f"*{SUFFIX}") if path.name != current.name]
    others.sort(key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    for path in others[keep:]:
        path.unlink(missing_ok=True)
    return others[keep:]
