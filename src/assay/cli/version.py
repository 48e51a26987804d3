"""``assay version``: compare versions by an ecosystem's own rules."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from assay.cli.stdout import write_out

_WRITTEN_AT_ONCE = 64 << 10

app = typer.Typer(help="Compare versions by an ecosystem's own rules.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _root() -> None:
    """Compare versions by an ecosystem's own rules."""


@app.command("compare")
def compare(
    ecosystem: Annotated[
        str, typer.Argument(help="deb, rpm, pypi, npm, maven, ... or an OSV name", show_default=False)
    ] = "",
    left: Annotated[str, typer.Argument(help="A version", show_default=False)] = "",
    right: Annotated[str, typer.Argument(help="Another version", show_default=False)] = "",
    batch: Annotated[
        bool,
        typer.Option(
            help='Read JSON lines {"ecosystem","left","right"} or {"ecosystem","version","constraint"} from standard '
            'input (or the file given instead of ECOSYSTEM) and write them back with "op" or "satisfied" (or "error").',
        ),
    ] = False,
) -> None:
    """Print <, = or > for two versions."""
    from assay.errors import Invalid
    from assay.operations.versions import compare_lines, relation

    if batch:
        pending = bytearray()
        for line in compare_lines(_lines(ecosystem or "-")):
            pending += line
            if len(pending) > _WRITTEN_AT_ONCE:
                write_out(bytes(pending))
                pending.clear()
        write_out(bytes(pending))
        return
    if not (ecosystem and left and right):
        raise Invalid("give ECOSYSTEM and two versions, or --batch")
    write_out(f"{relation(ecosystem, left, right)}\n".encode())


def _lines(source: str) -> Iterator[bytes]:
    from assay.errors import NotFound

    if source == "-":
        if sys.stdin is None:
            raise NotFound("standard input is closed")
        yield from sys.stdin.buffer
        return
    try:
        with Path(source).open("rb") as file:
            yield from file
    except OSError as error:
        raise NotFound(f"{source} cannot be read: {error.strerror}") from error
