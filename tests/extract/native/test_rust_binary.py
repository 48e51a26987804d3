"""Dependency lists of cargo auditable in binaries."""

import json
import struct
import zlib

import pytest

from assay.extract.contract import Problem

LIST = {
    "packages": [
        {"name": "adler", "version": "1.0.2", "source": "crates.io"},
        {"name": "cc", "version": "1.0.83", "source": "crates.io", "kind": "build"},
        {"name": "app", "version": "0.1.0", "source": "local", "root": True, "dependencies": [0]},
    ]
}
SECTION = zlib.compress(json.dumps(LIST).encode())
EXPECTED = [("cargo", "adler", "1.0.2"), ("cargo", "cc", "1.0.83"), ("cargo", "app", "0.1.0")]


def test_an_elf_file_lists_its_crates(images, packages) -> None:
    assert packages(images.elf({".text": b"x", ".dep-v0": SECTION})) == EXPECTED


def test_windows_and_macos_programs_list_theirs(images, packages) -> None:
    assert packages(images.macho({".dep-v0": SECTION})) == EXPECTED
    assert (
        packages(images.pe([(".text", b"x", 0x60000020), (".dep-v0", SECTION, 0x40000040)], {}, wide=True)) == EXPECTED
    )


def test_what_only_the_build_needed_is_for_development(images, facts) -> None:
    found = facts("usr/bin/app", images.elf({".dep-v0": SECTION}))
    assert [(fact.component.name, fact.dev, fact.path) for fact in found] == [
        ("adler", False, "usr/bin/app"),
        ("cc", True, "usr/bin/app"),
        ("app", False, "usr/bin/app"),
    ]


@pytest.mark.parametrize(
    ("section", "message", "kind"),
    [
        (b"not zlib", "cannot be unpacked", "unreadable"),
        (zlib.compress(b"[]"), "not the JSON", "unreadable"),
        (zlib.compress(b"{}"), "without packages", "unreadable"),
        (zlib.compress(b'{"packages": ["x"]}'), "cannot be used", "unreadable"),
        (zlib.compress(b" " * (9 << 20)), "more than", "limit"),
    ],
)
def test_a_damaged_list_is_reported(images, facts, section, message, kind) -> None:
    (problem,) = facts("x", images.elf({".dep-v0": section}))
    assert isinstance(problem, Problem)
    assert message in problem.message
    assert problem.kind == kind


def test_most_executables_hold_nothing(images, facts) -> None:
    assert facts("usr/bin/true", images.elf({".text": b"x" * 500, ".data": b"y" * 500})) == []


def test_headers_that_lie_hold_nothing_and_cost_nothing(images, facts) -> None:
    data = bytearray(images.elf({".dep-v0": SECTION}))
    for offset, fields in ((58, "<3H"), (40, "<Q"), (32, "<Q"), (56, "<H")):
        lying = bytearray(data)
        struct.pack_into(
            fields, lying, offset, *([(1 << 8 * struct.calcsize(fields[-1])) - 1] * (3 if "3" in fields else 1))
        )
        assert all(isinstance(fact, Problem) or fact.component for fact in facts("x", bytes(lying)))
    for cut in range(0, len(data), 7):
        facts("x", bytes(data[:cut]))
