"""The cases of the shared fixture pack, whose expectations are those of the source's own tests."""

import io
import json
import os
from pathlib import Path

import pytest

from assay.extract.contract import Problem
from assay.extract.php.composer import ComposerLock
from assay.extract.ruby.bundler import GemfileLock
from assay.model.component import Package
from assay.model.tree import SourceFile

SHARED = Path(os.environ.get("ASSAY_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
INDEX = SHARED / "fixtures" / "index.json"

EXTRACTORS = {
    "Gemfile.lock": (GemfileLock(), "Gemfile.lock"),
    "composer.lock": (ComposerLock(), "composer.lock"),
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
    assert {(item.name, item.version, item.ecosystem) for item in found} == expected
    assert [fact for fact in facts if isinstance(fact, Problem)] == []
