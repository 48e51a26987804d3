"""Reference programs that answer a question a line."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

Pair = tuple[str, str]


@pytest.fixture
def needs() -> Callable[[str], str]:
    """The path of a program; skips the test when it is not installed."""

    def path_of(program: str) -> str:
        path = shutil.which(program)
        if path is None:
            pytest.skip(f"{program} is not installed")
        return path

    return path_of


@pytest.fixture
def ask() -> Callable[[Sequence[str], Sequence[Pair]], list[str]]:
    """The answers, one word a line, of a program that reads tab-separated pairs from its standard input."""

    def answers(command: Sequence[str], drawn: Sequence[Pair]) -> list[str]:
        text = "".join(f"{left}\t{right}\n" for left, right in drawn)
        run = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        words = run.stdout.split()
        assert len(words) == len(drawn), run.stderr[-500:]
        return words

    return answers


@pytest.fixture
def node_semver(needs: Callable[[str], str]) -> str:
    """Where npm keeps its own copy of the semver module."""
    npm = Path(needs("npm")).resolve()
    needs("node")
    for folder in (*npm.parents, Path("/usr/share/nodejs")):
        for place in ("node_modules/semver", "semver", "lib/node_modules/npm/node_modules/semver"):
            if (folder / place / "package.json").is_file():
                return str(folder / place)
    pytest.skip("npm's semver module was not found")
