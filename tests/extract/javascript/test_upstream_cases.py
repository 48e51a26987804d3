"""The cases of the shared fixture pack, whose expectations are those of the source's own tests."""

import io
import json
import os
from pathlib import Path

import pytest

from assay.extract.contract import Problem
from assay.extract.javascript.bun import BunLock
from assay.extract.javascript.installed import NodeInstalled
from assay.extract.javascript.npm_lock import NpmLock
from assay.extract.javascript.pnpm import PnpmLock
from assay.extract.javascript.yarn import YarnLock
from assay.model.component import Package
from assay.model.tree import SourceFile

SHARED = Path(os.environ.get("ASSAY_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
INDEX = SHARED / "fixtures" / "index.json"

EXTRACTORS = {
    "bun.lock": (BunLock(), "bun.lock"),
    "package.json": (NodeInstalled(), "package.json"),
    "package-lock.json": (NpmLock(), "package-lock.json"),
    "pnpm-lock.yaml": (PnpmLock(), "pnpm-lock.yaml"),
    "yarn.lock": (YarnLock(), "yarn.lock"),
}

# The source lists the ranges in a manifest's dependencies as packages when it is asked to (its other cases of this
# kind are run without). A range is no package: what is installed has a manifest of its own, what is locked a lock.
EXCEPTIONS = {
    "duplicate-keys.json": {("my-dep", "1.0.0", "npm")},
    "package-with-deps.json": {
        ("dep1", "1.0.0", "npm"),
        ("dep2", "2.0.1", "npm"),
        ("dep3", "3.1.0", "npm"),
        ("dep4", "0.4.2", "npm"),
        ("dep5", "5.0.0", "npm"),
        ("dep7", "1.0.0", "npm"),
    },
}

CASES = [case for case in json.loads(INDEX.read_text()) if case["kind"] in EXTRACTORS] if INDEX.exists() else []


@pytest.mark.skipif(not CASES, reason="the shared fixture pack is not there")
def test_the_pack_holds_every_kind():
    assert {case["kind"] for case in CASES} == set(EXTRACTORS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["path"])
def test_states_what_the_source_expects(case):
    extractor, path = EXTRACTORS[case["kind"]]
    data = (SHARED / "fixtures" / case["path"]).read_bytes()
    facts = list(extractor.extract(SourceFile(path, len(data), lambda: io.BytesIO(data))))
    found = [fact.component for fact in facts if isinstance(fact, Package)]
    expected = {(item["name"], item["version"], item["type"]) for item in case["expected"]}
    expected -= EXCEPTIONS.get(Path(case["path"]).name, frozenset())
    assert {(item.name, item.version, item.ecosystem) for item in found} == expected
    assert [fact for fact in facts if isinstance(fact, Problem)] == []
