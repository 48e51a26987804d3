"""``assay intel``: the knowledge that scans are matched against."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.folders import data_folder

if TYPE_CHECKING:
    from assay.intel.sync import Synced
    from assay.model.report import IntelStatus

app = typer.Typer(help="The knowledge that scans are matched against.", no_args_is_help=True, rich_markup_mode=None)

_NAMED = 8

DataDir = Annotated[
    Path | None, typer.Option(envvar="ASSAY_DATA_DIR", show_default="~/.local/share/assay", help="Where it is kept.")
]
Mirror = Annotated[
    str, typer.Option(envvar="ASSAY_MIRROR", metavar="URL-or-FOLDER", show_default=False, help="Read a mirror instead.")
]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="NAME", show_default="all", help="Only these; NAME* for all that begin so."),
]
Accept = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", show_default=False, help="Believe this source although it lost half its records."),
]
Intel = Annotated[
    Path | None, typer.Option("--intel", metavar="FILE", show_default="the current one", help="Snapshot.")
]
Format = Annotated[str, typer.Option("--format", "-f", help="table or json")]


@app.command("sync")
def sync(source: Sources = None, mirror: Mirror = "", accept: Accept = None, data_dir: DataDir = None) -> None:
    """Fetch what changed since the last time, then build a snapshot and put it in use."""
    from assay.operations.clock import clock
    from assay.operations.intel import sync_intel

    folder = data_folder(data_dir)
    _told(sync_intel(folder, clock(), mirror=mirror, sources=source or (), accept=accept or (), progress=_progress))


@app.command("build")
def build(source: Sources = None, mirror: Mirror = "", accept: Accept = None, data_dir: DataDir = None) -> None:
    """Build a snapshot from a mirror, or from what earlier syncs left, without the internet."""
    from assay.errors import Invalid
    from assay.operations.clock import clock
    from assay.operations.intel import build_intel, sync_intel

    folder = data_folder(data_dir)
    if not mirror:
        if source or accept:
            raise Invalid("--source and --accept choose from a mirror: give --mirror too")
        _told(build_intel(folder, clock(), progress=_progress))
        return
    _told(sync_intel(folder, clock(), mirror=mirror, sources=source or (), accept=accept or (), progress=_progress))


@app.command("status")
def status(intel: Intel = None, data_dir: DataDir = None, format_: Format = "table") -> None:
    """How fresh each source is. Exit status 4 when a source could not be read."""
    from assay.cli.sources import broken
    from assay.operations.scan import open_knowledge

    with open_knowledge(intel, None, data_folder(data_dir)) as knowledge:
        found = knowledge.snapshot.status()
    if _as_json(format_):
        _print_json(found)
    else:
        _print_status(found)
    if any(broken(source) for source in found.sources):
        raise typer.Exit(4)


@app.command("search")
def search(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A CVE, a GHSA, an advisory id, or a purl")],
    intel: Intel = None,
    data_dir: DataDir = None,
    format_: Format = "table",
) -> None:
    """Print everything known about a vulnerability or a package."""
    from assay.intel.search import search as find
    from assay.operations.intel import package_key
    from assay.operations.scan import open_knowledge

    with open_knowledge(intel, None, data_folder(data_dir)) as knowledge:
        found = find(knowledge.snapshot, package_key(identifier))
    if _as_json(format_):
        from assay.cli.knowledge import search_document

        _print_json(search_document(found))
    else:
        from assay.cli.knowledge import search_text

        _print_text(search_text(found))


@app.command("diff")
def diff(
    before: Annotated[Path, typer.Argument(help="The older snapshot")],
    after: Annotated[Path, typer.Argument(help="The newer snapshot")],
    format_: Format = "table",
) -> None:
    """List the packages and the facts in which two snapshots differ."""
    from assay.intel.diff import diff as compare
    from assay.operations.scan import snapshot_file

    found = compare(snapshot_file(before), snapshot_file(after))
    if _as_json(format_):
        _print_json(found)
    else:
        from assay.cli.knowledge import diff_text

        _print_text(diff_text(found))


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write")], intel: Intel = None, data_dir: DataDir = None
) -> None:
    """Pack the snapshot into one compressed, checksummed file that can cross an air gap."""
    from assay.intel.snapshots import current_snapshot
    from assay.intel.transfer import export_snapshot
    from assay.operations.scan import snapshot_file

    snapshot = snapshot_file(intel) if intel else current_snapshot(data_folder(data_dir))
    export_snapshot(snapshot, file)
    typer.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB", err=True)


@app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="A file that export wrote")], data_dir: DataDir = None) -> None:
    """Verify such a file and put its snapshot in use."""
    from assay.intel.transfer import import_snapshot

    snapshot = import_snapshot(file, data_folder(data_dir))
    typer.echo(f"in use: {snapshot}", err=True)


def _progress(feed: str, step: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{feed or 'snapshot'}: {step}")
        sys.stderr.flush()


def _told(done: "Synced") -> None:
    from assay.cli.sources import broken, never_offered
    from assay.export.visible import visible

    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    good = [source for source in done.status.sources if source.status == "ok"]
    bad = [source for source in done.status.sources if broken(source)]
    for source in bad:
        typer.echo(visible(f"{source.status}: {source.name}: {source.message}"), err=True)
    missing = [source.name for source in done.status.sources if never_offered(source)]
    if missing:
        named = (
            ", ".join(missing) if len(missing) <= _NAMED else f"{len(missing)} sources; assay intel status names them"
        )
        typer.echo(f"missing: {named}", err=True)
    records = sum(source.records for source in good)
    news = "new snapshot" if done.changed else "nothing new"
    typer.echo(f"{news}: {len(good)} sources, {records} records, {done.snapshot}")
    covered = any(source.scopes for source in done.status.sources)
    if not covered:
        typer.echo("no source speaks of any package: every scan will say that it could not judge", err=True)
    if not covered or bad:
        raise typer.Exit(4)


def _as_json(format_: str) -> bool:
    from assay.errors import Invalid

    if format_ not in ("table", "json"):
        raise Invalid(f"unknown format {format_!r}: choose from table, json")
    return format_ == "json"


def _print_json(value: object) -> None:
    from assay.cli.stdout import write_out
    from assay.export.visible import json_text

    write_out(json_text(value))


def _print_text(text: str) -> None:
    from assay.cli.stdout import write_out
    from assay.export.visible import visible_lines

    write_out(visible_lines(text).encode())


def _print_status(found: "IntelStatus") -> None:
    from assay.cli.knowledge import status_text

    _print_text(status_text(found))
