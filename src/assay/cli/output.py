"""Where reports go: FORMAT to standard output, FORMAT=FILE to a file."""

import os
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

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


def write(reports: Sequence[Report], wanted: Sequence[Destination]) -> None:
    """Write every report in every wanted format; JSON of several reports is one document per line."""
    for destination in wanted:
        if destination.format == TABLE:
            data = _tables(reports, destination.file)
        elif len(reports) == 1:
            data = FORMATS[destination.format](reports[0])
        elif destination.format == "json":
            from assay.export import document

            data = b"".join(document.encode(report, indent=0) for report in reports)
        else:
            raise Invalid(f"format {destination.format} holds one target: scan them one by one, or use json")
        if destination.file is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            _replace(destination.file, data)


def _tables(reports: Sequence[Report], file: Path | None) -> bytes:
    from assay.cli.tables import render

    colour = file is None and sys.stdout.isatty()
    return "\n".join(render(report, colour=colour) for report in reports).encode("utf-8", "replace")


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file and rename, so that a reader never sees half a report."""
    if path.exists() and not path.is_file():
        with path.open("wb") as file:  # a device or a pipe
            file.write(data)
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except OSError as error:
        raise AssayError(f"{path} cannot be written: {error.strerror}") from error
