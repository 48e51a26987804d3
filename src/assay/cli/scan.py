"""``assay scan`` and ``assay sbom``."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.folders import cache_folder, data_folder

if TYPE_CHECKING:
    from assay.model.report import Report
    from assay.operations.roots import ScanOptions

DONE, ERROR, USAGE, REACHED, PARTIAL = range(5)

Targets = Annotated[
    list[str],
    typer.Argument(
        metavar="TARGET...",
        show_default=False,
        help="image:REF | oci-dir:P | docker-archive:P | dir:P | disk:P | zip:P | sbom:P | host (prefix guessed)",
    ),
]
Platform = Annotated[str, typer.Option(metavar="OS/ARCH", help="Which platform of a multi-platform image.")]
Offline = Annotated[bool, typer.Option("--offline", help="Never touch the network: registry images are refused.")]
PlainHttp = Annotated[bool, typer.Option("--plain-http", help="Talk HTTP to the registry (loopback always may).")]
CacheDir = Annotated[Path | None, typer.Option(envvar="ASSAY_CACHE_DIR", help="Where layer analyses are kept.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither read nor keep layer analyses.")]
DataDir = Annotated[Path | None, typer.Option(envvar="ASSAY_DATA_DIR", help="Where intel snapshots are.")]
Manifests = Annotated[
    bool | None,
    typer.Option(
        "--manifests/--no-manifests",
        show_default="in roots without an operating system",
        help="Whether packages count that only a manifest or lock file names.",
    ),
]
Threshold = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=N,...", show_default=False, help="critical=1,high=10 | any=50 | epss=0.5: exit 3."),
]
Ignore = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", show_default=False, help="VEX documents or ignore lists.")
]
Explain = Annotated[
    str | None,
    typer.Option(metavar="ID [PACKAGE]", show_default=False, help="Print the whole derivation for one vulnerability."),
]
Formats = Annotated[
    list[str] | None, typer.Option("--format", "-f", metavar="FORMAT[=FILE]", show_default="table", help="Repeatable.")
]


def scan(
    targets: Targets,
    format_: Formats = None,
    threshold: Threshold = None,
    fail_on: Annotated[
        list[str] | None, typer.Option(metavar="ID,...", show_default=False, help="Exit 3 when one of these is found.")
    ] = None,
    ignore: Ignore = None,
    platform: Platform = "",
    offline: Offline = False,
    plain_http: PlainHttp = False,
    intel: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default="the current one", help="The snapshot to ask.")
    ] = None,
    since_snapshot: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default=False, help="Only findings this older one did not give.")
    ] = None,
    explain: Explain = None,
    manifests: Manifests = None,
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
    data_dir: DataDir = None,
) -> None:
    """Find the vulnerabilities of images, directories, archives and SBOMs.

    Exit status: 0 done, 1 error, 2 usage, 3 a threshold was reached, 4 done but partial.
    """
    from assay.cli.output import TABLE, check_count, destinations, write
    from assay.cli.stdout import write_out
    from assay.errors import Invalid
    from assay.export.formats import FORMATS
    from assay.export.visible import visible_lines
    from assay.operations import scan as operation
    from assay.operations.clock import clock
    from assay.operations.gate import parse_gate

    wanted = destinations(format_ or [TABLE], (TABLE, *FORMATS))
    check_count(len(targets), wanted)
    clock()
    gate = parse_gate(threshold or (), fail_on or ())
    if explain is not None and not explain.strip():
        raise Invalid("--explain names no vulnerability")
    options = _options(platform, offline, plain_http, manifests, cache_dir, no_cache)
    with operation.open_knowledge(intel, since_snapshot, data_folder(data_dir)) as knowledge:
        statements = operation.read_statements(ignore or ())
        if explain is not None:
            identifier, _, package = explain.strip().partition(" ")
            for target in targets:
                told = operation.explain(target, identifier, package.strip(), knowledge, statements, options)
                write_out(visible_lines("\n".join(told) + "\n").encode())
            return
        work = partial(operation.scan, knowledge=knowledge, declared=statements, options=options)
        reports, failed = _each(targets, work)
    write(reports, wanted, targets=len(targets))
    reached = [reason for report in reports for reason in gate.reached(report.findings)]
    for reason in reached:
        typer.echo(f"assay: {reason}", err=True)
    raise typer.Exit(failed or (REACHED if reached else _status(reports)))


def sbom(
    targets: Targets,
    format_: Formats = None,
    platform: Platform = "",
    offline: Offline = False,
    plain_http: PlainHttp = False,
    manifests: Manifests = None,
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
) -> None:
    """List what is inside, without asking for vulnerabilities.

    Exit status: 0 done, 1 error, 2 usage, 4 done but partial.
    """
    from assay.cli.output import TABLE, check_count, destinations, write
    from assay.export.formats import INVENTORY_FORMATS
    from assay.operations.clock import clock
    from assay.operations.sbom import inventory

    wanted = destinations(format_ or [TABLE], (TABLE, *INVENTORY_FORMATS))
    check_count(len(targets), wanted)
    clock()
    options = _options(platform, offline, plain_http, manifests, cache_dir, no_cache)
    reports, failed = _each(targets, partial(inventory, options=options))
    write(reports, wanted, targets=len(targets))
    raise typer.Exit(failed or _status(reports))


def joined_explain(words: Sequence[str]) -> list[str]:
    """``--explain ID PACKAGE`` as one value: the word after the id is a package when it cannot be a target.

    A target names its kind, or exists, and there has to be another one left.
    """
    found = list(words)
    if "--explain" not in found:
        return found
    at = found.index("--explain")
    package = found[at + 2] if len(found) > at + 2 else "-"
    kinds = ("image:", "oci-dir:", "docker-archive:", "dir:", "disk:", "zip:", "sbom:")
    others = [word for word in found[1:at] + found[at + 3 :] if not word.startswith("-")]
    if not package.startswith(("-", *kinds)) and package != "host" and others and not Path(package).exists():
        found[at + 1 : at + 3] = [f"{found[at + 1]} {package}"]
    return found


def _options(
    platform: str,
    offline: bool,
    plain_http: bool,
    manifests: bool | None,
    cache_dir: Path | None,
    no_cache: bool,
) -> "ScanOptions":
    from assay.operations.roots import ScanOptions

    return ScanOptions(
        platform=platform,
        offline=offline,
        plain_http=plain_http,
        manifests=manifests,
        cache_dir=None if no_cache else cache_folder(cache_dir),
        notify=_notify if sys.stderr.isatty() else None,
    )


def _notify(text: str) -> None:
    from assay.export.visible import visible

    sys.stderr.write(f"\r\x1b[K{visible(text)}")
    sys.stderr.flush()


def _each(targets: Sequence[str], work: Callable[[str], "Report"]) -> tuple[list["Report"], int]:
    """The targets' reports, and the exit status (0, 1 or 2) for those that have none.

    One of several targets that cannot be scanned is told about at once and does not cost the others.
    """
    from assay.errors import AssayError, Invalid
    from assay.export.visible import visible

    reports, failed = [], DONE
    for target in targets:
        try:
            reports.append(work(target))
        except AssayError as error:
            if len(targets) == 1:
                raise
            failed = failed or (USAGE if isinstance(error, Invalid) else ERROR)
            typer.echo(f"assay: {visible(str(error))}", err=True)
        finally:
            if sys.stderr.isatty():
                _notify("")
    return reports, failed


def _status(reports: Sequence["Report"]) -> int:
    return PARTIAL if any(report.partial for report in reports) else DONE
