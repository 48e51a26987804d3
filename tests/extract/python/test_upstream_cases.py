"""The cases of the shared fixture pack, whose expectations are those of the source's own tests."""

import io
import json
import os
from pathlib import Path

import pytest

from assay.extract.contract import Problem
from assay.extract.python.installed import PythonInstalled
from assay.extract.python.pdm import PdmLock
from assay.extract.python.pipenv import PipfileLock
from assay.extract.python.poetry import PoetryLock
from assay.extract.python.pylock import Pylock
from assay.extract.python.requirements import PythonRequirements
from assay.extract.python.uv import UvLock
from assay.model.component import Package
from assay.model.tree import SourceFile

SHARED = Path(os.environ.get("ASSAY_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
INDEX = SHARED / "fixtures" / "index.json"

EXTRACTORS = {
    "Pipfile.lock": (PipfileLock(), "Pipfile.lock"),
    "pdm.lock": (PdmLock(), "pdm.lock"),
    "poetry.lock": (PoetryLock(), "poetry.lock"),
    "pylock.toml": (Pylock(), "pylock.toml"),
    "python-metadata": (PythonInstalled(), "site-packages/x.dist-info/METADATA"),
    "requirements.txt": (PythonRequirements(), "requirements.txt"),
    "uv.lock": (UvLock(), "uv.lock"),
}

# The source reads this package from another file that example.txt includes and that is not in the pack.
EXCEPTIONS = {"example.txt": {("pandas", "2.2.3", "pypi")}}

# Lines without a version or with an environment variable: the source drops them, here they are reported as well.
PROBLEMS = {
    "env_var.txt": ["1 lines of requirements.txt state no usable requirement: 'qwert==${MY_VARIABLE_1}'"],
    "per_req_options.txt": [
        "2 lines of requirements.txt state no usable requirement: 'foo10== --hash=sha256:123 --hash=sha256:123'"
    ],
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
    assert [fact for fact in facts if isinstance(fact, Problem)] == [
        Problem(message, "unstated") for message in PROBLEMS.get(Path(case["path"]).name, [])
    ]
