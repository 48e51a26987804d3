"""Giving an extractor a file."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.extract.contract import Extractor, Fact
from assay.model.tree import SourceFile

Read = Callable[[Extractor, str, bytes], list[Fact]]


@pytest.fixture
def read() -> Read:
    def facts(extractor: Extractor, path: str, data: bytes) -> list[Fact]:
        return list(extractor.extract(SourceFile(path, len(data), lambda: io.BytesIO(data))))

    return facts


@pytest.fixture
def fixtures() -> Path:
    """The shared pack of real package databases; a test that needs it is skipped where it is absent."""
    repository = Path(__file__).resolve().parents[3]
    folder = Path(os.environ.get("ASSAY_SHARED_DATA", repository.parent / "shared" / "data")) / "fixtures"
    if not (folder / "index.json").is_file():
        pytest.skip("the shared fixtures are not here; set ASSAY_SHARED_DATA to their folder")
    return folder
