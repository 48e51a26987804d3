"""``assay version compare``, for one pair and for many."""

import io
import json
import sys

import pytest


@pytest.mark.parametrize(
    ("ecosystem", "left", "right", "sign"),
    [("deb", "1.0~rc1", "1.0", "<"), ("PyPI", "1.0", "1.0.0", "="), ("crates.io", "2.0.0", "1.9.9", ">")],
)
def test_a_pair(run, ecosystem: str, left: str, right: str, sign: str) -> None:
    ran = run("version", "compare", ecosystem, left, right)
    assert (ran.status, ran.out) == (0, f"{sign}\n")


@pytest.mark.parametrize("words", [("deb", "1.0"), ("basic", "1", "2"), ("npm", "one", "2.0.0")])
def test_what_cannot_be_compared_is_a_usage_error(run, words) -> None:
    ran = run("version", "compare", *words)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("assay: ")


LINES = [
    {"ecosystem": "npm", "left": "1.0.0-rc.1", "right": "1.0.0"},
    {"ecosystem": "npm", "version": "1.3.0", "constraint": "^1.2"},
    {"ecosystem": "npm", "version": "2.0.0", "constraint": "^1.2", "note": "kept"},
    {"ecosystem": "npm", "left": "nonsense", "right": "1.0.0"},
    {"ecosystem": "npm", "left": 1, "right": "1.0.0"},
]


def test_a_batch_answers_line_by_line(run, tmp_path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join([*map(json.dumps, LINES), "", "{broken", "x" * (1 << 20) + "x"]) + "\n")
    ran = run("version", "compare", "--batch", path)
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.status == 0
    assert [answer.get("op", answer.get("satisfied")) for answer in answers[:3]] == ["<", True, False]
    assert answers[2]["note"] == "kept"
    assert all("error" in answer for answer in answers[3:])
    assert len(answers) == 7


def test_a_batch_reads_standard_input(run, monkeypatch) -> None:
    class Input:
        buffer = io.BytesIO(json.dumps(LINES[0]).encode())

    monkeypatch.setattr(sys, "stdin", Input())
    assert json.loads(run("version", "compare", "--batch").out)["op"] == "<"


def test_a_missing_batch_file_is_an_error(run, tmp_path) -> None:
    ran = run("version", "compare", "--batch", tmp_path / "none")
    assert ran.status == 1
    assert "cannot be read" in ran.err
