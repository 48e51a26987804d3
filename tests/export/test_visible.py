"""Text that an artefact's author chose, on the way to a terminal or a page."""

import json
from dataclasses import replace

import pytest

from assay.cli.tables import render
from assay.export.formats import FORMATS
from assay.export.visible import json_text, visible, visible_lines
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.inventory import ExtractError
from assay.model.report import Report

EVIL = "\x1b[31mred\x07\x9b2J\u202egpj.exe\r\nforged: line"
UNSAFE = [chr(code) for code in (0x1B, 7, 13, 0x7F, 0x9B, 0x202E, 0x2066, 0x2028)]


@pytest.fixture
def hostile(report: Report) -> Report:
    component = Component(Ecosystem.NPM, EVIL, EVIL)
    package = Package(component, EVIL)
    finding = replace(report.findings[0], component=component, packages=(package,), fixed_in=EVIL)
    return replace(
        report,
        target=replace(report.target, name=EVIL, tags=(EVIL,)),
        inventory=replace(report.inventory, packages=(package,)),
        findings=(finding,),
        errors=(ExtractError("root", EVIL, EVIL),),
        notices=(EVIL,),
    )


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_passes_control_or_ordering_characters_on(name: str, hostile: Report) -> None:
    text = FORMATS[name](hostile).decode().replace("\r\n", "\n")
    assert [character for character in UNSAFE if character in text] == []


@pytest.mark.parametrize("packages_only", [True, False])
def test_the_table_does_not_either(hostile: Report, packages_only: bool) -> None:
    shown = render(replace(hostile, intel=None) if packages_only else hostile, colour=False)
    assert [character for character in UNSAFE if character in shown] == []
    assert not any(line.startswith("forged") for line in shown.splitlines())


def test_json_still_says_what_the_name_is(hostile: Report) -> None:
    assert json.loads(FORMATS["json"](hostile))["findings"][0]["name"] == EVIL


def test_harmless_text_stays_as_it_is() -> None:
    assert visible("libé-日本 1.0 (~)") == "libé-日本 1.0 (~)"
    assert json_text({"a": "é"}, indent=0) == '{"a":"é"}\n'.encode()


def test_escapes_are_readable() -> None:
    assert visible("a\nb\x1b\u202e\udcff") == "a\\x0ab\\x1b\\u202e\\udcff"
    assert visible_lines("a\tb\nc\x1b") == "a\tb\nc\\x1b"
    assert json_text({"\x7f": "\x85\ufeff"}, indent=0) == b'{"\\u007f":"\\u0085\\ufeff"}\n'
