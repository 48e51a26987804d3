"""The entry point: one program, a few commands, exit statuses a pipeline can rely on.

0 done, 1 error, 2 usage, 3 a threshold was reached, 4 done but partial.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, NoReturn

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
    _occupy_standard_streams()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminated)
    try:
        app(scan.joined_explain(words), prog_name="assay")
    except Invalid as error:
        _fail(str(error), 2)
    except AssayError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left in buffers has no reader
        sys.exit(1)
    except OSError as error:
        _fail(f"{error.filename or 'the system'}: {error.strerror or error}", 1)
    except MemoryError:
        _fail("not enough memory", 1)


def _fail(message: str, status: int) -> NoReturn:
    from assay.export.visible import visible

    typer.echo(f"assay: {visible(message)}", err=True)
    sys.exit(status)


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End as Ctrl-C does, so that temporary files and copies of this process go too."""
    sys.exit(128 + signal.SIGTERM)


def _occupy_standard_streams() -> None:
    """A descriptor 0, 1 or 2 that the caller closed must not become that of a file we open, a snapshot for example."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # lives as long as the process


if __name__ == "__main__":
    main()
