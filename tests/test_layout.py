"""The shape of the tree: ceilings on modules and functions, forbidden names, registries that are complete."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "assay"
MODULES = sorted(SOURCE.rglob("*.py"))
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "base", "manager"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_and_functions_stay_small(module: Path) -> None:
    text = module.read_text()
    assert text.count("\n") < 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or node.lineno) - node.lineno + 1 < 60, node.name


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_names_say_what_is_inside(path: Path) -> None:
    assert path.stem not in FORBIDDEN
