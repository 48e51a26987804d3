"""A directory is walked completely, in order, and never left."""

import os
import socket
from pathlib import Path

import pytest

from assay.collect.directory import DirectoryTree
from assay.collect.limits import Limits
from assay.errors import Invalid, LimitExceeded, NotFound, Unreadable
from assay.model.tree import Entry, Kind


def test_everything_below_comes_in_a_fixed_order(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "deep").write_bytes(b"deep")
    (tmp_path / "b" / "x").write_bytes(b"x")
    (tmp_path / "b" / "x").chmod(0o755)
    (tmp_path / "a").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    tree = DirectoryTree(str(tmp_path))
    assert list(tree.entries()) == [
        Entry("a", Kind.SYMLINK, 0o777, 0, "/etc/passwd"),
        Entry("b", Kind.DIRECTORY, 0o755),
        Entry("pipe", Kind.OTHER),
        Entry("b/c", Kind.DIRECTORY, 0o755),
        Entry("b/x", Kind.FILE, 0o755, 1),
        Entry("b/c/deep", Kind.FILE, 0o644, 4),
    ]
    with tree.open(Entry("b/c/deep", Kind.FILE)) as file:
        assert file.read() == b"deep"
    assert tree.problems == []


def test_names_that_are_not_text_survive(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9", "wb") as file:
        file.write(b"latte")
    tree = DirectoryTree(str(tmp_path))
    [entry] = tree.entries()
    assert entry.path == "caf\udce9"
    with tree.open(entry) as file:
        assert file.read() == b"latte"


def test_nothing_that_changed_meanwhile_leads_out(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "file").write_bytes(b"")
    (root / "sub" / "secret").write_bytes(b"")
    tree = DirectoryTree(str(root))
    entries = {entry.path: entry for entry in tree.entries()}
    (root / "file").unlink()
    (root / "file").symlink_to(tmp_path / "secret")
    (root / "sub" / "secret").unlink()
    (root / "sub").rmdir()
    (root / "sub").symlink_to(tmp_path)
    for path in ("file", "sub/secret"):
        with pytest.raises(Unreadable):
            tree.open(entries[path])
    (root / "file").unlink()
    os.mkfifo(root / "file")
    with pytest.raises(Unreadable, match="changed while it was being read"):
        tree.open(entries["file"])
    (root / "file").unlink()
    with pytest.raises(Unreadable, match="No such file"):
        tree.open(entries["file"])


def test_what_cannot_be_listed_is_a_problem_not_an_end(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "z").write_bytes(b"")
    tree = DirectoryTree(str(tmp_path))
    entries = tree.entries()
    assert next(entries).path == "a"
    (tmp_path / "a").rmdir()
    assert [entry.path for entry in entries] == ["z"]
    assert [(problem.path, problem.message) for problem in tree.problems] == [("a", "No such file or directory")]


def test_the_pseudo_file_systems_of_a_systems_root_are_left_out(tmp_path: Path) -> None:
    for name in ("etc", "usr", "proc/1", "sys", "dev", "srv/proc"):
        (tmp_path / name).mkdir(parents=True)
    assert [entry.path for entry in DirectoryTree(str(tmp_path)).entries()] == ["etc", "srv", "usr", "srv/proc"]
    assert "proc/self" not in {entry.path for entry, _ in zip(DirectoryTree("/").entries(), range(2000), strict=False)}


def test_limits_and_wrong_roots(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).write_bytes(b"12345")
    with pytest.raises(LimitExceeded, match="more than 4 entries"):
        list(DirectoryTree(str(tmp_path), limits=Limits(entries=4)).entries())
    tree = DirectoryTree(str(tmp_path), limits=Limits(file_size=4))
    with pytest.raises(LimitExceeded, match="has 5 bytes, at most 4 are read"):
        tree.open(next(tree.entries()))
    with pytest.raises(Invalid, match="not a file"):
        tree.open(Entry("x", Kind.DIRECTORY))
    with pytest.raises(NotFound, match="no such directory"):
        DirectoryTree(str(tmp_path / "none"))
    with pytest.raises(Invalid, match="not a directory"):
        DirectoryTree(str(tmp_path / "1"))
    with pytest.raises(Unreadable):
        DirectoryTree("a\0b")


def test_sockets_are_shown_but_not_opened(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        assert [entry.kind for entry in DirectoryTree(str(tmp_path)).entries()] == [Kind.OTHER]
