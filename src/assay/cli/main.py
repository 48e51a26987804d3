"""The entry point: one program, a few commands, exit statuses a pipeline can rely on.

0 done, 1 error, 2 usage, 3 a threshold was reached, 4 done but partial.
"""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from assay import __version__
from assay.cli import intel, scan, version
from assay.errors import AssayError, Invalid

app = typer.Typer(
    name="assay",
    help="Continuous vulnerability management for cloud workloads.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("scan")(scan.scan)
app.command("sbom")(scan.sbom)
app.add_typer(intel.app, name="intel")
app.add_typer(version.app, name="version")


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"assay {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Continuous vulnerability management for cloud workloads."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit with its status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(scan.joined_explain(words), prog_name="assay")
    except Invalid as error:
        typer.echo(f"assay: {error}", err=True)
        sys.exit(2)
    except AssayError as error:
        typer.echo(f"assay: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


if __name__ == "__main__":
    main()
