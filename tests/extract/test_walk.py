"""One pass over a tree, and layers on top of each other."""

import io
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import BinaryIO

import pytest

from assay.errors import LimitExceeded, Unreadable
from assay.extract.contract import Fact, OsRelease, Ownership, Problem, Wants
from assay.extract.dispatch import Dispatch
from assay.extract.merge import LayerAnalysis, merge
from assay.extract.walk import Analysis, analyze
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.inventory import OperatingSystem
from assay.model.tree import Entry, Kind, SourceFile


class Stream(io.RawIOBase):
    """A reader that cannot seek, as a compressed layer gives."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._data.readinto(buffer)

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size)


@dataclass
class MemoryTree:
    """A tree of literals: bytes are files, str are symbolic links, ("hard", path) are hard links."""

    content: dict[str, object]
    streamed: bool = False
    breaks: Exception | None = None
    executable: frozenset[str] = frozenset()

    def entries(self) -> Iterator[Entry]:
        for path, value in self.content.items():
            if isinstance(value, Kind):
                yield Entry(path, value)
            elif isinstance(value, bytes):
                yield Entry(path, Kind.FILE, 0o755 if path in self.executable else 0o644, len(value))
            elif isinstance(value, str):
                yield Entry(path, Kind.SYMLINK, 0o777, 0, value)
            elif isinstance(value, tuple):
                yield Entry(path, Kind.HARDLINK, 0o644, 0, value[1])
        if self.breaks:
            raise self.breaks

    def open(self, entry: Entry) -> BinaryIO:
        data = self.content[entry.path]
        assert isinstance(data, bytes)
        return Stream(data) if self.streamed else io.BytesIO(data)


@dataclass(frozen=True)
class Lines:
    """Reads "name version" lines; "!" raises, "?" is a problem, "*" breaks, "owns a b" is ownership, "os id v"."""

    name: str = "lines"
    version: int = 1
    wants: Wants = field(default_factory=lambda: Wants(names=frozenset({"packages"}), directories=frozenset({"db"})))
    max_size: int = 1000
    needs_siblings: bool = False
    ecosystem: Ecosystem = Ecosystem.PYPI

    def extract(self, file: SourceFile) -> Iterator[Fact]:
        for line in file.read().decode().splitlines():
            match line.split():
                case ["!"]:
                    raise Unreadable("bad line")
                case ["!!"]:
                    raise LimitExceeded("too much")
                case ["?"]:
                    yield Problem("odd line")
                case ["*"]:
                    raise KeyError("defect")
                case ["see", path]:
                    sibling = file.sibling(path)
                    yield Package(Component(self.ecosystem, "sibling", sibling.read().decode() if sibling else "none"))
                case ["owns", owner, *paths]:
                    yield Ownership(owner, tuple(paths))
                case ["os", name, version]:
                    scope = f"{name}:{version}"
                    yield OsRelease(OperatingSystem(name, version, scope=scope, path=file.path))
                case [name, version]:
                    yield Package(Component(self.ecosystem, name, version), file.path, extractor=self.name)


def read(tree: MemoryTree, *extractors: Lines, layered: bool = False) -> Analysis:
    return analyze(tree, Dispatch(extractors or (Lines(),)), layered=layered, again=lambda: nullcontext(tree))


def names(analysis: Analysis) -> list[str]:
    return [f"{p.component.name}@{p.path}" for p in analysis.packages]


def merged(*analyses: Analysis, keep_declared: bool | None = True, declared: frozenset[str] = frozenset()):
    layers = [LayerAnalysis(f"L{number}", analysis) for number, analysis in enumerate(analyses)]
    return merge(layers, {"lines": 1}, declared=declared, keep_declared=keep_declared)


def inventory_of(*contents: dict[str, object]):
    return merged(*[read(MemoryTree(content), layered=True) for content in contents])


@pytest.mark.parametrize("streamed", [True, False])
def test_wanted_files_are_read_and_others_left(streamed: bool) -> None:
    tree = MemoryTree({"a/packages": b"x 1\n", "a/other": b"y 1\n", "db/z": b"z 1\n"}, streamed)
    assert names(read(tree)) == ["x@a/packages", "z@db/z"]


def test_a_large_stream_is_spooled_and_read_whole(monkeypatch) -> None:
    monkeypatch.setattr("assay.extract.walk._IN_MEMORY", 3)
    assert names(read(MemoryTree({"packages": b"x 1\ny 2\n"}, streamed=True))) == ["x@packages", "y@packages"]


def test_a_stream_that_breaks_off_inside_a_file_is_an_error_of_that_file(monkeypatch) -> None:
    class Short(MemoryTree):
        def entries(self) -> Iterator[Entry]:
            yield Entry("packages", Kind.FILE, 0, 100)

    for limit in (3, 1000):
        monkeypatch.setattr("assay.extract.walk._IN_MEMORY", limit)
        result = read(Short({"packages": b"x 1"}, streamed=True))
        assert [(e.path, e.message) for e in result.errors] == [("packages", "breaks off after 3 of 100 bytes")]


def test_what_was_read_before_an_error_is_kept() -> None:
    result = read(MemoryTree({"packages": b"x 1\n?\n!\ny 1\n", "db/a": b"!!", "db/b": b"*", "db/c": b"z 1"}))
    assert names(result) == ["x@packages", "z@db/c"]
    assert [(e.extractor, e.path, e.kind) for e in result.errors] == [
        ("lines", "packages", "unreadable"),
        ("lines", "packages", "unreadable"),
        ("lines", "db/a", "limit"),
        ("lines", "db/b", "defect"),
    ]


def test_files_over_the_limit_are_named_not_read() -> None:
    result = read(MemoryTree({"packages": b"x" * 1001}))
    assert [(e.path, e.kind) for e in result.errors] == [("packages", "limit")]


@pytest.mark.parametrize(("error", "kind"), [(Unreadable("cut"), "unreadable"), (LimitExceeded("big"), "limit")])
def test_a_tree_that_breaks_off_keeps_what_was_read(error: Exception, kind: str) -> None:
    result = read(MemoryTree({"packages": b"x 1"}, breaks=error))
    assert names(result) == ["x@packages"]
    assert [(e.extractor, e.message, e.kind) for e in result.errors] == [("root", str(error), kind)]


def test_magic_finds_executables_without_a_telling_name() -> None:
    extractor = Lines(wants=Wants(magic=(b"#go",), magic_size=4))
    tree = MemoryTree(
        {"bin/tool": b"#go 1", "bin/run.bin": b"#go 2", "data.bin": b"#go 3", "bin/s": b"#go", "bin/n": b"none 1"},
        streamed=True,
        executable=frozenset({"bin/run.bin"}),
    )
    assert names(read(tree, extractor)) == ["#go@bin/tool", "#go@bin/run.bin"]


def test_a_pattern_narrows_candidates() -> None:
    import re

    extractor = Lines(wants=Wants(extensions=frozenset({".lock"}), pattern=re.compile(r"^app/")))
    assert names(read(MemoryTree({"app/a.lock": b"x 1", "b.lock": b"y 1"}), extractor)) == ["x@app/a.lock"]


@pytest.mark.parametrize("streamed", [True, False])
def test_siblings_are_reached_whatever_the_order(streamed: bool) -> None:
    tree = MemoryTree({"a/packages": b"see b/packages", "b/packages": b"", "db/x": b"see nowhere"}, streamed)
    found = read(tree, Lines(needs_siblings=True)).packages
    assert [p.component.version for p in found] == ["", "none"]


def test_too_many_siblings_are_a_limit(monkeypatch) -> None:
    monkeypatch.setattr("assay.extract.walk._KEPT_FOR_SIBLINGS", 5)
    result = read(MemoryTree({"a/packages": b"x 1", "b/packages": b"y 1"}), Lines(needs_siblings=True))
    assert names(result) == ["x@a/packages"]
    assert [(e.path, e.kind) for e in result.errors] == [("b/packages", "limit")]


@pytest.mark.parametrize(
    ("link", "path"),
    [("../opt/real", "a/packages"), ("/opt/real", "a/packages"), ("../../../opt/./real", "a/packages")],
)
def test_links_are_resolved_inside_the_root(link: str, path: str) -> None:
    assert names(read(MemoryTree({path: link, "opt/real": b"x 1"}, streamed=True))) == [f"x@{path}"]


def test_hard_links_are_read_under_the_wanted_name() -> None:
    assert names(read(MemoryTree({"opt/real": b"x 1", "packages": ("hard", "opt/real")}))) == ["x@packages"]


def test_links_to_files_that_are_read_anyway_are_not_read_twice() -> None:
    tree = MemoryTree({"a/packages": "../b/packages", "b/packages": b"x 1", "c/packages": "nowhere", "l/packages": ""})
    assert names(read(tree)) == ["x@b/packages"]


def test_a_link_to_something_too_large_is_named() -> None:
    result = read(MemoryTree({"packages": "real", "real": b"x" * 1001}))
    assert [(e.path, e.kind) for e in result.errors] == [("real", "limit")]


def test_newer_layers_replace_and_remove() -> None:
    base = {"a/packages": b"x 1\ny 1", "b/packages": b"z 1", "c/packages": b"w 1", "d/packages": b"v 1"}
    top = {"a/packages": b"x 2\ny 1", "b/packages": Kind.WHITEOUT, "c": Kind.OPAQUE, "d": b"now a file"}
    packages = inventory_of(base, top).packages
    assert [(p.component.name, p.component.version, p.layer) for p in packages] == [("x", "2", "L1"), ("y", "1", "L0")]


def test_removing_a_directory_removes_what_is_below() -> None:
    assert inventory_of({"a/b/packages": b"x 1"}, {"a": Kind.WHITEOUT}).packages == ()


def test_a_root_wide_opaque_mark_hides_all_older_layers() -> None:
    found = inventory_of({"packages": b"x 1"}, {"": Kind.OPAQUE, "db/n": b"n 1"}).packages
    assert [p.component.name for p in found] == ["n"]


def test_owners_are_found_through_links_of_the_root() -> None:
    inventory = inventory_of(
        {
            "lib": "usr/lib",
            "usr/local": "/opt/local",
            "usr/lib/a/packages": b"x 1",
            "opt/local/packages": b"y 1",
            "srv/packages": b"free 1",
            "db/list": b"owns liba lib/a/packages lib/a/notes.txt\nowns locals usr/local/packages\nowns none /z.py",
        }
    )
    owners = {p.component.name: p.owner for p in inventory.packages}
    assert owners == {"x": "liba", "y": "locals", "free": ""}


def test_links_that_chase_each_other_end() -> None:
    inventory = inventory_of({"a": "b", "b": "a", "db/l": b"owns loop a/packages", "c/packages": b"x 1"})
    assert [p.owner for p in inventory.packages] == [""]


def test_the_best_release_file_gives_the_scope() -> None:
    tree = MemoryTree({"db/os": b"os debian 12\nbash 5"})
    inventory = merged(read(tree, Lines(ecosystem=Ecosystem.DEB)))
    assert inventory.os is not None
    assert inventory.os.id == "debian"
    assert [p.component.scope for p in inventory.packages] == ["debian:12"]


@pytest.mark.parametrize(
    ("content", "keep", "expected"),
    [(b"x 1", None, 1), (b"x 1", False, 0), (b"os debian 12\nx 1", None, 0), (b"os debian 12\nx 1", True, 1)],
)
def test_manifests_prove_nothing_where_an_operating_system_is(content: bytes, keep: bool | None, expected: int) -> None:
    analysis = read(MemoryTree({"packages": content}))
    assert len(merged(analysis, declared=frozenset({"lines"}), keep_declared=keep).packages) == expected


def test_equal_content_has_an_equal_digest_whatever_the_order() -> None:
    one = inventory_of({"a/packages": b"x 1", "b/packages": b"y 1"})
    two = inventory_of({"b/packages": b"y 1", "a/packages": b"x 1"})
    other = inventory_of({"a/packages": b"x 2", "b/packages": b"y 1"})
    assert one.digest == two.digest != other.digest
    assert one.digest.startswith("sha256:")


def test_names_that_are_no_text_are_replaced_not_lost() -> None:
    tree = MemoryTree({"caf\udce9/packages": "naïve 1".encode(), "\ud800": "z", "x\udcff": "y\udcff"})
    inventory = merged(read(tree, layered=True))
    assert [(p.path, p.component.name) for p in inventory.packages] == [("caf\ufffd/packages", "naïve")]


def test_an_sbom_inside_the_root_does_not_repeat_the_package_database() -> None:
    database = read(MemoryTree({"packages": b"bash 5"}), Lines(ecosystem=Ecosystem.DEB))
    document = read(MemoryTree({"db/sbom": b"bash 5"}), Lines(name="sbom", ecosystem=Ecosystem.DEB))
    language = read(MemoryTree({"db/sbom": b"left-pad 1"}), Lines(name="sbom", ecosystem=Ecosystem.NPM))
    assert [p.extractor for p in merged(database, document).packages] == ["lines"]
    assert [p.extractor for p in merged(document).packages] == ["sbom"]
    assert [p.component.name for p in merged(database, language).packages] == ["bash", "left-pad"]
