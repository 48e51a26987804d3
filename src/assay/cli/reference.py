"""Write docs/cli.md and the published JSON schema from the program itself: ``python -m assay.cli.reference``."""

import json
from collections.abc import Iterator
from pathlib import Path

import typer

from assay.cli.main import app

_INTRODUCTION = """# Command line

Written by `make docs` from the program's own help; a test keeps it so.

Exit status: 0 done, 1 error, 2 usage, 3 a threshold was reached, 4 done but partial.

Settings from the environment: `ASSAY_DATA_DIR`, `ASSAY_CACHE_DIR`, `ASSAY_MIRROR`, `ASSAY_CA_BUNDLE`,
`ASSAY_NVD_API_KEY`, `ASSAY_GITHUB_TOKEN`, the usual proxy variables, `NO_COLOR` and `SOURCE_DATE_EPOCH`. Registry
credentials come from Docker's `config.json` (`DOCKER_CONFIG`), its credential helpers included.
"""


def pages() -> dict[Path, str]:
    """The generated files and their content."""
    from assay.export.document import schema

    root = Path(__file__).parent.parent.parent.parent
    return {
        root / "docs" / "cli.md": _INTRODUCTION + "".join(_sections()),
        Path(__file__).parent.parent / "export" / "report.schema.json": json.dumps(schema(), indent=2) + "\n",
    }


def _sections() -> Iterator[str]:
    pending = [("assay", typer.main.get_command(app))]
    while pending:
        name, command = pending.pop(0)
        context = command.context_class(command, info_name=name, max_content_width=110, terminal_width=110)
        yield f"\n## {name}\n\n```\n{command.get_help(context).rstrip()}\n```\n"
        commands = getattr(command, "commands", {})
        pending = [(f"{name} {word}", below) for word, below in commands.items()] + pending


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text)
