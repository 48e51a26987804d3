"""Every shared vector, order and ranges; skips where the shared data is absent."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assay.versions.names import ecosystem_of
from assay.versions.native import satisfies
from assay.versions.registry import compare

VECTORS = Path(os.environ.get("ASSAY_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")) / "version-vectors"
FILES = sorted(VECTORS.glob("*.jsonl")) if VECTORS.is_dir() else []
ORDERS = [path for path in FILES if not path.stem.endswith("-ranges")]
RANGES = [path for path in FILES if path.stem.endswith("-ranges")]
OPERATORS = {-1: "<", 0: "=", 1: ">"}

pytestmark = pytest.mark.skipif(not FILES, reason="the shared version vectors are not here")


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


@pytest.mark.parametrize("path", ORDERS, ids=lambda path: path.stem)
def test_order_vectors(path: Path) -> None:
    wrong = []
    for row in rows(path):
        ecosystem = ecosystem_of(row["ecosystem"])
        there, back = compare(ecosystem, row["left"], row["right"]), compare(ecosystem, row["right"], row["left"])
        if OPERATORS[there] != row["op"] or back != -there:
            wrong.append(row)
    assert wrong == []


@pytest.mark.parametrize("path", RANGES, ids=lambda path: path.stem)
def test_range_vectors(path: Path) -> None:
    assert [
        row
        for row in rows(path)
        if satisfies(ecosystem_of(row["ecosystem"]), row["version"], row["constraint"]) is not row["satisfied"]
    ] == []
