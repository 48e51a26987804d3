"""Cargo.lock files beyond the shared fixtures."""

import io

import pytest

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.extract.rust.cargolock import CargoLock
from assay.model.tree import SourceFile


def extract(data: bytes) -> list[object]:
    return list(CargoLock().extract(SourceFile("Cargo.lock", len(data), lambda: io.BytesIO(data))))


def test_crates_of_every_source_are_listed_once() -> None:
    found = extract(
        b'version = 4\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+https://x"\n'
        b'[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "git+https://y"\n[[package]]\nname = "own"\nversion = "0.1.0"\n'
    )
    assert [(fact.component.name, fact.component.version) for fact in found] == [("a", "1.0.0"), ("own", "0.1.0")]


def test_a_package_without_a_name_is_a_problem_and_the_others_stand() -> None:
    first, problem = extract(b'[[package]]\nname = "a"\nversion = "1.0.0"\n[[package]]\nversion = "2.0.0"\n')
    assert first.component.name == "a"
    assert isinstance(problem, Problem)


@pytest.mark.parametrize("data", [b"[[package]", b'package = "x"', b"\xff", b"[" * 5000])
def test_what_is_no_lock_file_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        extract(data)
