from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest

from assay.errors import Unreadable
from assay.extract.contract import Extractor, Fact, Problem
from assay.model.component import Package
from assay.model.tree import SourceFile


def source(path: str, data: bytes, others: dict[str, SourceFile]) -> SourceFile:
    return SourceFile(path, len(data), lambda: io.BytesIO(data), siblings=others.get)


@pytest.fixture
def facts() -> Callable[..., list[Fact]]:
    """Everything an extractor yields for the first of the files, the others lying beside it."""

    def run(extractor: Extractor, files: dict[str, bytes]) -> list[Fact]:
        tree: dict[str, SourceFile] = {}
        for path, data in files.items():
            tree[path] = source(path, data, tree)
        return list(extractor.extract(tree[next(iter(files))]))

    return run


@pytest.fixture
def packages(facts: Callable[..., list[Fact]]) -> Callable[..., list[Package]]:
    """The packages of a file that has no problem."""

    def run(extractor: Extractor, files: dict[str, bytes]) -> list[Package]:
        found = facts(extractor, files)
        assert not [fact for fact in found if isinstance(fact, Problem)]
        return [fact for fact in found if isinstance(fact, Package)]

    return run


@pytest.fixture
def versions(packages: Callable[..., list[Package]]) -> Callable[..., list[tuple[str, str]]]:
    """Name and version of the packages of a file that has no problem."""

    def run(extractor: Extractor, files: dict[str, bytes]) -> list[tuple[str, str]]:
        return [(package.component.name, package.component.version) for package in packages(extractor, files)]

    return run


PIECES = [
    b"\0",
    b"\xff",
    b'"',
    b"'",
    b"\n",
    b"\\",
    b"[" * 1500,
    b"{",
    b"}",
    b":",
    b"@",
    b",",
    b"  ",
    b"\\ud800",
    b"\x1b[2J",
]


def survives(extractor, path: str, data: bytes) -> None:
    try:
        for fact in extractor.extract(SourceFile(path, len(data), lambda: io.BytesIO(data))):
            if isinstance(fact, Package):
                assert fact.component.name
                assert (fact.component.name + fact.component.version).isprintable()
            repr(fact).encode()
    except Unreadable as error:
        str(error).encode()


@pytest.fixture
def disturb() -> Callable[[Extractor, str, bytes], None]:
    """Cut a file anywhere, change its bytes, replace it by noise: only ``Unreadable`` and printable facts come out."""

    def run(extractor: Extractor, path: str, sample: bytes) -> None:
        dice = random.Random(extractor.name)
        for length in range(len(sample)):
            survives(extractor, path, sample[:length])
        for _ in range(300):
            survives(extractor, path, dice.randbytes(dice.randrange(200)))
            changed = bytearray(sample)
            for _ in range(dice.randrange(1, 6)):
                start = dice.randrange(len(changed) + 1)
                changed[start : start + dice.randrange(4)] = dice.choice(PIECES)
            survives(extractor, path, bytes(changed))

    return run
