from __future__ import annotations

import io
from collections.abc import Callable

import pytest

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
