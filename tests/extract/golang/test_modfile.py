"""go.mod files beyond the shared fixtures."""

import io

import pytest

from assay.errors import Unreadable
from assay.extract.golang.modfile import GoModule, parse_mod
from assay.model.tree import SourceFile


def read(files: dict[str, bytes], path: str = "app/go.mod") -> list[tuple[str, str, bool | None]]:
    def source(name: str) -> SourceFile | None:
        if name not in files:
            return None
        return SourceFile(name, len(files[name]), lambda: io.BytesIO(files[name]), siblings=source)

    file = source(path)
    assert file is not None
    return [(fact.component.name, fact.component.version, fact.direct) for fact in GoModule().extract(file)]


def test_direct_and_indirect_requirements_quotes_blocks_and_comments() -> None:
    text = b"""module "example.com/app" // the app

go 1.21
toolchain default

require "example.com/a" v1.2.3 // direct
require (
\texample.com/b v2.0.0+incompatible // indirect
\t`example.com/c` v0.0.0-20220715151400-c0bba94af5f8 // indirect; for a test
)
exclude example.com/a v1.2.2
retract (
\tv1.0.0
)
tool example.com/tool
"""
    assert read({"app/go.mod": text}) == [
        ("stdlib", "1.21", None),
        ("example.com/a", "1.2.3", True),
        ("example.com/b", "2.0.0+incompatible", False),
        ("example.com/c", "0.0.0-20220715151400-c0bba94af5f8", False),
    ]


def test_a_requirement_that_is_excluded_does_not_count() -> None:
    text = b"module m\ngo 1.20\nrequire example.com/a v1.2.3\nexclude (\n  example.com/a v1.2.3\n)\n"
    assert read({"app/go.mod": text}) == [("stdlib", "1.20", None)]


def test_the_checksum_file_completes_old_module_files_and_replacements_hold_for_it_too() -> None:
    files = {
        "app/go.mod": b"module m\nrequire example.com/a v1.0.0\nreplace example.com/b => example.com/fork v1.1.1\n",
        "app/go.sum": b"example.com/a v1.0.0 h1:x=\nexample.com/b v1.0.0 h1:y=\nexample.com/c v1.0.0/go.mod h1:z=\nodd\n",
    }
    assert read(files) == [("example.com/a", "1.0.0", True), ("example.com/fork", "1.1.1", False)]
    assert read(files, "app/go.sum") == []


def test_modules_in_the_module_cache_are_no_builds() -> None:
    pattern = GoModule.wants.pattern
    assert pattern is not None
    assert not pattern.search("root/go/pkg/mod/example.com/a@v1.0.0/go.mod")
    assert pattern.search("src/app/go.mod")


def test_broken_lines_are_passed_over() -> None:
    parsed = parse_mod(
        b"go\ntoolchain\nrequire\nrequire a\nreplace a\nreplace =>\nreplace a =>\n)\n(\nnew thing\n\xe2\x80\xa8"
    )
    assert (parsed.go, parsed.requires, parsed.replaced) == ("", [], {})


def test_what_is_not_text_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read({"app/go.mod": b"\xff\xfe\x00"})
