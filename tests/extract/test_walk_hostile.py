"""Archives that say things twice, layers that change what a name is, text that is none, machines without room."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

import msgspec
import pytest

from assay.errors import Unreadable
from assay.extract.contract import Fact, OsRelease, Ownership, Wants
from assay.extract.dispatch import Dispatch
from assay.extract.merge import LayerAnalysis, merge
from assay.extract.walk import Analysis, analyze
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.inventory import OperatingSystem
from assay.model.tree import Entry, Kind, SourceFile

Member = tuple[str, bytes | Kind]


@dataclass
class Archive:
    """Members in their order, repeats included."""

    members: list[Member]
    content: bytes = b""

    def entries(self) -> Iterator[Entry]:
        for path, value in self.members:
            if isinstance(value, Kind):
                yield Entry(path, value, link="elsewhere")
            else:
                self.content = value
                yield Entry(path, Kind.FILE, 0, len(value))

    def open(self, _entry: Entry, /) -> BinaryIO:
        return BytesIO(self.content)


@dataclass(frozen=True)
class Versions:
    """The content of ``list`` files is a version."""

    name: str = "versions"
    version: int = 1
    wants: Wants = field(default_factory=lambda: Wants(names=frozenset({"list"})))
    max_size: int = 100
    needs_siblings: bool = False

    def extract(self, file: SourceFile) -> Iterator[Fact]:
        text = file.read().decode("utf-8", "surrogateescape")
        errors: dict[str, Exception] = {"full": OSError(28, "No space left on device"), "memory": MemoryError()}
        if text in errors:
            raise errors[text]
        yield Package(
            Component(Ecosystem.DEB, "x", text, "", text, text, text), file.path, licenses=(text,), extractor="versions"
        )
        yield Ownership(text, (text,))
        yield OsRelease(OperatingSystem("debian", text, path=file.path))


def read(*members: Member, siblings: bool = False) -> Analysis:
    archive = Archive(list(members))
    dispatch = Dispatch([Versions(needs_siblings=siblings)])
    return analyze(archive, dispatch, layered=True, again=lambda: nullcontext(archive))


def merged(*analyses: Analysis) -> list[tuple[str, str]]:
    layers = [LayerAnalysis(f"L{number}", analysis) for number, analysis in enumerate(analyses)]
    packages = merge(layers, {}, declared=frozenset(), keep_declared=True).packages
    return [(package.component.version, package.layer) for package in packages]


@pytest.mark.parametrize("siblings", [True, False])
def test_of_a_name_that_comes_twice_the_last_counts(siblings: bool) -> None:
    result = read(("a/list", b"1"), ("b/list", b"7"), ("a/list", b"2"), siblings=siblings)
    assert sorted(package.component.version for package in result.packages) == ["2", "7"]
    assert sorted(item.owner for item in result.owned) == ["2", "7"]
    assert sorted(release.os.version for release in result.releases) == ["2", "7"]


@pytest.mark.parametrize("kind", [Kind.DIRECTORY, Kind.SYMLINK, Kind.OTHER])
def test_a_file_that_becomes_something_else_says_nothing(kind: Kind) -> None:
    assert read(("a/list", b"1"), ("a/list", kind)).packages == ()


def test_a_link_that_becomes_a_file_is_no_link() -> None:
    assert read(("a", Kind.SYMLINK), ("a", b"1")).links == {}


def test_a_directory_takes_the_place_of_an_older_file_but_keeps_what_is_below_an_older_directory() -> None:
    older = read(("a/list", b"1"), ("b/list", b"2"))
    assert merged(older, read(("a/list", Kind.DIRECTORY), ("b", Kind.DIRECTORY))) == [("2", "L0")]


def test_a_file_takes_the_place_of_an_older_directory_for_good() -> None:
    older, file, directory = read(("a/list", b"1")), read(("a", b"x")), read(("a", Kind.DIRECTORY))
    assert merged(older, file, directory) == []


def test_text_that_is_no_unicode_can_be_kept_and_compared() -> None:
    result = read(("d\udcff/list", b"1\xff"))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(result), type=Analysis) == result
    (package,) = result.packages
    assert (package.path, package.component.source_version, package.licenses) == (
        "d\ufffd/list",
        "1\ufffd",
        ("1\ufffd",),
    )
    assert result.names == ("d\ufffd/list",)


@pytest.mark.parametrize("word", [b"full", b"memory"])
def test_an_answer_that_this_machine_had_no_room_for_is_not_complete(word: bytes) -> None:
    assert read(("list", b"1")).complete
    result = read(("list", word))
    assert (result.complete, len(result.errors)) == (False, 1)


def test_a_tree_that_breaks_off_only_when_read_again_is_not_complete() -> None:
    class Fading(Archive):
        def entries(self) -> Iterator[Entry]:
            yield Entry("list", Kind.SYMLINK, link="unwanted")
            raise Unreadable("gone")

    archive = Archive([("list", Kind.SYMLINK), ("elsewhere", b"1")])
    result = analyze(archive, Dispatch([Versions()]), layered=True, again=lambda: nullcontext(Fading([])))
    assert (result.complete, [error.message for error in result.errors]) == (False, ["when read again: gone"])
