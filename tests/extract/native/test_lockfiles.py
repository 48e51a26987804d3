"""Lock files of Conan, Swift, Dart, Elixir and Erlang beyond the shared fixtures."""

import io

import pytest

from assay.errors import Unreadable
from assay.extract.conan import ConanLock, ConanRecipe
from assay.extract.contract import Extractor
from assay.extract.dart import PubspecLock
from assay.extract.elixir import MixLock
from assay.extract.swift import SwiftResolved
from assay.model.component import Package
from assay.model.tree import SourceFile

Row = tuple[str, str, bool, bool | None]


def read(extractor: Extractor, name: str, data: bytes) -> list[Row]:
    facts = list(extractor.extract(SourceFile(name, len(data), lambda: io.BytesIO(data))))
    return [
        (fact.component.name, fact.component.version, fact.dev, fact.direct)
        for fact in facts
        if isinstance(fact, Package)
    ]


def test_conan_2_tools_and_python_requirements_are_for_development() -> None:
    data = b"""{"version": "0.5", "requires": ["zlib/1.2.13@user/channel#abc%1.0"],
      "build_requires": ["cmake/3.27.1"], "python_requires": ["base/1.0"]}"""
    assert read(ConanLock(), "conan.lock", data) == [
        ("zlib", "1.2.13", False, None),
        ("cmake", "3.27.1", True, None),
        ("base", "1.0", True, None),
    ]


def test_conan_1_nodes_of_the_build_context_are_for_development() -> None:
    data = b"""{"graph_lock": {"nodes": {"0": {"ref": "app/1.0", "path": "conanfile.py", "requires": ["1"],
      "build_requires": ["2", "1"]}, "1": {"ref": "zlib/1.2.13"}, "2": {"ref": "ninja/1.11"},
      "3": {"ref": "cmake/3.2", "context": "build"}, "4": 7}}}"""
    assert read(ConanLock(), "conan.lock", data) == [
        ("zlib", "1.2.13", False, None),
        ("ninja", "1.11", True, None),
        ("cmake", "3.2", True, None),
    ]


def test_a_conan_recipe_lists_requirements_and_a_range_states_no_version() -> None:
    data = b"# app\n[requires]\nzlib/1.2.11\npoco/[>1.0 <1.9]\n[tool_requires]\ncmake/3.2@a/b\n[options]\nzlib:shared=True\n"
    assert read(ConanRecipe(), "conanfile.txt", data) == [
        ("zlib", "1.2.11", False, True),
        ("poco", "", False, True),
        ("cmake", "3.2", True, True),
    ]


def test_swift_1_and_3_pins_branches_and_registries() -> None:
    one = b"""{"object": {"pins": [{"package": "Nio", "repositoryURL": "git@github.com:apple/swift-nio.git",
      "state": {"branch": null, "revision": "a", "version": "2.0.0"}}]}, "version": 1}"""
    assert read(SwiftResolved(), "Package.resolved", one) == [("github.com/apple/swift-nio", "2.0.0", False, None)]
    three = b"""{"originHash": "x", "pins": [
      {"identity": "a", "kind": "remoteSourceControl", "location": "https://user@example.com/a.git/", "state": {"branch": "main"}},
      {"identity": "b", "location": "ssh://git@example.com/b", "state": {"version": "1.0.0"}},
      {"identity": "mona.list", "kind": "registry", "location": "", "state": {"version": "3.0.0"}}], "version": 3}"""
    assert read(SwiftResolved(), "Package.resolved", three) == [
        ("example.com/a", "", False, None),
        ("example.com/b", "1.0.0", False, None),
        ("mona.list", "3.0.0", False, None),
    ]


def test_pub_tells_direct_main_dev_and_transitive() -> None:
    data = b"""packages:
  a:
    dependency: "direct main"
    description:
      name: a
      version: "9.9.9"
    source: hosted
    version: "1.0.0"
  "b":
    dependency: "direct dev"
    version: "2.0.0"
  c:
    dependency: transitive
    version: "3.0.0"
sdks:
  dart: ">=3.0.0"
"""
    assert read(PubspecLock(), "pubspec.lock", data) == [
        ("a", "1.0.0", False, True),
        ("b", "2.0.0", True, True),
        ("c", "3.0.0", False, False),
    ]


def test_mix_takes_the_package_name_and_git_has_no_version() -> None:
    data = b"""%{
  "cowboy": {:hex, :cowboy, "2.9.0", "865d", [:make, :rebar3], [{:cowlib, "2.11.0", [hex: :cowlib]}], "hexpm", "2c72"},
  "renamed": {:hex, :"original-name", "1.0.0", "h", [:mix], [], "hexpm", "x"},
  "from_git": {:git, "https://github.com/x/y.git", "abc", []},
}
"""
    assert read(MixLock(), "mix.lock", data) == [
        ("cowboy", "2.9.0", False, None),
        ("original-name", "1.0.0", False, None),
        ("from_git", "", False, None),
    ]


def test_rebar_locks_say_which_packages_are_direct() -> None:
    data = b"""{"1.2.0",
[{<<"cowboy">>,{pkg,<<"cowboy">>,<<"2.9.0">>},0},
 {<<"cowlib">>,{pkg,<<"cowlib">>,<<"2.11.0">>},1},
 {<<"gun">>,{git,"https://github.com/ninenines/gun",{ref,"abc"}},0}]}.
[{pkg_hash,[{<<"cowboy">>, <<"865D">>}]}].
"""
    assert read(MixLock(), "rebar.lock", data) == [
        ("cowboy", "2.9.0", False, True),
        ("cowlib", "2.11.0", False, False),
        ("gun", "", False, True),
    ]


@pytest.mark.parametrize(
    ("extractor", "name", "data"),
    [
        (ConanLock(), "conan.lock", b"[]"),
        (ConanLock(), "conan.lock", b'{"graph_lock": {"nodes": []}}'),
        (SwiftResolved(), "Package.resolved", b'{"pins": 1}'),
        (PubspecLock(), "pubspec.lock", b"dependencies:\n"),
        (PubspecLock(), "pubspec.lock", b"\xff"),
    ],
)
def test_what_is_no_lock_file_is_unreadable(extractor: Extractor, name: str, data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(extractor, name, data)
