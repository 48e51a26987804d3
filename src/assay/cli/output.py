"""Where reports go: FORMAT to standard output, FORMAT=FILE to a file."""

import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.cli.stdout import write_out
from assay.errors import AssayError, Invalid
from assay.export.formats import FORMATS
from assay.model.report import Report

TABLE = "table"


@dataclass(frozen=True, slots=True)
class Destination:
    """A format and its file; no file is standard output."""

    format: str
    file: Path | None = None


def destinations(texts: Sequence[str], allowed: Collection[str]) -> tuple[Destination, ...]:
    """Read ``json``, ``json=report.json`` ...; raises Invalid for unknown formats and for two on standard output."""
    found = []
    for text in texts:
        name, separator, file = text.partition("=")
        if name not in allowed:
            raise Invalid(f"unknown format {name!r}: choose from {', '.join(allowed)}")
        if separator and not file:
            raise Invalid(f"format {text!r} names no file")
        found.append(Destination(name, Path(file) if file and file != "-" else None))
    if sum(item.file is None for item in found) > 1:
        raise Invalid("only one format can go to standard output: give the others as FORMAT=FILE")
    return tuple(found)


def check_count(targets: int, wanted: Sequence[Destination]) -> None:
    """Refuse, before any work is done, a format that cannot hold as many targets. Raises Invalid."""
    for destination in wanted:
        if targets > 1 and destination.format not in (TABLE, "json"):
            raise Invalid(f"format {destination.format} holds one target: scan them one by one, or use json")


def write(reports: Sequence[Report], wanted: Sequence[Destination], *, targets: int) -> None:
    """Write every report in every wanted format; where several targets were asked for, JSON is one document per line
    (fewer than ``targets`` when some could not be scanned).
    """
    check_count(targets, wanted)
    for destination in wanted:
        if destination.format == TABLE:
            data = _tables(reports, destination.file)
        elif targets == 1:
            data = FORMATS[destination.format](reports[0])
        else:
            from assay.export import document

            data = b"".join(document.encode(report, indent=0) for report in reports)
        if destination.file is None:
            write_out(data)
        else:
            _replace(destination.file, data)


def _tables(reports: Sequence[Report], file: Path | None) -> bytes:
    from assay.cli.tables import render

    colour = file is None and sys.stdout is not None and sys.stdout.isatty()
    return "\n".join(render(report, colour=colour) for report in reports).encode("utf-8", "replace")


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file and rename, so that a reader never sees half a report.

    What is no plain file of its own (a link such as ``/dev/stdout``, a device, a pipe) is written in place.
    """
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            path.write_bytes(data)
            return
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name[:80]}-") as fresh:
            written = Path(fresh) / "report"
            written.write_bytes(data)
            written.replace(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise AssayError(f"{path} cannot be written: {reason}") from error
