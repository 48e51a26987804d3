import pytest

from assay.errors import LimitExceeded, Unreadable
from assay.extract.contract import Problem
from assay.extract.python.pdm import PdmLock
from assay.extract.python.pipenv import PipfileLock
from assay.extract.python.poetry import PoetryLock
from assay.extract.python.pylock import Pylock
from assay.extract.python.uv import UvLock
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

TOML_LOCKS = [
    (PoetryLock(), "package"),
    (PdmLock(), "package"),
    (UvLock(), "package"),
    (Pylock(), "packages"),
]


def flags(packages, extractor, data: bytes) -> list[tuple[str, bool]]:
    return [(package.component.name, package.dev) for package in packages(extractor, {"lock": data})]


def test_poetry_states_a_category_or_groups(packages):
    data = b"""
[[package]]
name = "emoji"
version = "2.0.0"
category = "main"

[[package]]
name = "black"
version = "22.1"
category = "dev"

[[package]]
name = "faker"
version = "33.3.0"
groups = ["dev", "test"]

[[package]]
name = "redis"
version = "5.2.1"
optional = true
groups = ["dev", "main"]

[metadata]
lock-version = "2.1"
"""
    assert packages(PoetryLock(), {"poetry.lock": data})[0] == Package(
        Component(Ecosystem.PYPI, "emoji", "2.0.0"), path="poetry.lock", extractor="python-poetry"
    )
    assert flags(packages, PoetryLock(), data) == [("emoji", False), ("black", True), ("faker", True), ("redis", False)]


def test_names_in_texts_and_in_other_tables_are_no_packages(versions):
    data = b'''[[package]]
name = "first-pkg"
version = "1.0.0"
description = """
name = "second-pkg"
"""

[package.tool.poetry]
name = "tool"
'''
    assert versions(PoetryLock(), {"poetry.lock": data}) == [("first-pkg", "1.0.0")]


def test_pdm_marks_only_its_own_group_for_development(packages):
    data = b"""
[[package]]
name = "a"
version = "1"
groups = ["default", "dev"]
[[package]]
name = "b"
version = "1"
groups = ["dev"]
[[package]]
name = "c"
version = "1"
groups = ["postgres"]
"""
    assert flags(packages, PdmLock(), data) == [("a", False), ("b", True), ("c", False)]


def test_pylock_reads_groups_from_markers_and_leaves_out_the_project(packages):
    data = b"""
lock-version = "1.0"
default-groups = ["default"]
[[packages]]
name = "a"
version = "1"
marker = "python_version >= '3.6'"
[[packages]]
name = "b"
version = "1"
marker = "'dev' in dependency_groups or ('test' in dependency_groups)"
[[packages]]
name = "c"
version = "1"
marker = "'default' in dependency_groups or 'dev' in dependency_groups"
[[packages]]
name = "d"
version = "1"
marker = "'dev' in dependency_groups or 'x' in extras"
[[packages]]
name = "e"
vcs = { type = "git", url = "https://x.org/e", commit-id = "aa" }
[[packages]]
name = "the-project"
directory = { path = ".", editable = true }
"""
    assert flags(packages, Pylock(), data) == [("a", False), ("b", True), ("c", False), ("d", False), ("e", False)]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("pylock.toml", True), ("a/pylock.dev.toml", True), ("pylock.a.b.toml", False), ("a/pyproject.toml", False)],
)
def test_pylock_files_by_name(path, wanted):
    assert bool(Pylock.wants.pattern.search(path)) is wanted


def test_uv_tells_development_and_direct_needs_from_its_graph(packages):
    data = b"""
version = 1
[[package]]
name = "project"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "web" }, { name = "member" }]
[package.optional-dependencies]
cli = [{ name = "click" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }, { name = "web" }]
[[package]]
name = "member"
version = "0.2.0"
source = { virtual = "packages/member" }
[[package]]
name = "web"
version = "1"
dependencies = [{ name = "shared" }, 5, { marker = "x" }]
[[package]]
name = "shared"
version = "1"
[[package]]
name = "click"
version = "1"
[[package]]
name = "pytest"
version = "1"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "shared" }, { name = "pluggy" }]
[[package]]
name = "pluggy"
version = "1"
dependencies = [{ name = "pytest" }]
"""
    found = packages(UvLock(), {"uv.lock": data})
    assert [(package.component.name, package.dev, package.direct) for package in found] == [
        ("member", False, True),
        ("web", False, True),
        ("shared", False, False),
        ("click", False, True),
        ("pytest", True, True),
        ("pluggy", True, False),
    ]


def test_uv_without_a_local_package_says_nothing_about_the_graph(packages):
    found = packages(UvLock(), {"uv.lock": b'[[package]]\nname = "a"\nversion = "1"\ndependencies = "odd"\n'})
    assert [(package.dev, package.direct) for package in found] == [(False, None)]


def test_pipfile_lock_has_two_groups_or_more(packages):
    data = b"""{
      "_meta": {"hash": {"sha256": "aa"}},
      "default": {
        "flask": {"version": "==2.0.1"}, "both": {"version": "==1"}, "star": {"version": "*"},
        "fork": {"git": "https://x.org/fork", "ref": "aa"}, "local": {"path": ".", "editable": true}
      },
      "develop": {"pytest": {"version": "==7"}, "both": {"version": "==1"}},
      "docs": {"sphinx": {"version": "==4"}}
    }"""
    found = packages(PipfileLock(), {"Pipfile.lock": data})
    assert [(package.component.name, package.component.version, package.dev) for package in found] == [
        ("flask", "2.0.1", False),
        ("both", "1", False),
        ("star", "", False),
        ("fork", "", False),
        ("pytest", "7", True),
        ("sphinx", "4", False),
    ]


def test_a_bad_entry_of_a_pipfile_lock_is_a_problem_and_the_rest_stands(facts):
    found = facts(PipfileLock(), {"Pipfile.lock": b'{"default": {"a": 5, "b": {"version": "==1"}}, "develop": []}'})
    assert [fact.component.name for fact in found if isinstance(fact, Package)] == ["b"]
    assert found[-1] == Problem("1 entries that cannot be used: a")


@pytest.mark.parametrize(("extractor", "key"), TOML_LOCKS, ids=lambda value: getattr(value, "name", value))
def test_bad_members_are_a_problem_and_the_rest_stands(facts, extractor, key):
    data = f'{key} = [{{name = "a", version = "1"}}, {{name = 5}}, 7, {{name = "b\\u0007", version = "1"}}]'
    found = facts(extractor, {"lock": data.encode()})
    assert [fact.component.name for fact in found if isinstance(fact, Package)] == ["a"]
    assert isinstance(found[-1], Problem)
    assert found[-1].message.startswith("3 entries that cannot be used: ")


@pytest.mark.parametrize(("extractor", "key"), TOML_LOCKS, ids=lambda value: getattr(value, "name", value))
def test_what_is_no_toml_of_that_shape_is_unreadable(facts, extractor, key):
    for data in (b"[[", b"\xff", key.encode() + b" = 5", b"a = " + b"[" * 5000):
        with pytest.raises(Unreadable):
            facts(extractor, {"lock": data})


@pytest.mark.parametrize(
    "data",
    [
        b"a." * 80 + b"a = 1",
        b'"a\\""."b".' * 40 + b"a = 1",
        b"'a'.a . " * 40 + b"a = 1",
        b'x = {a = """\n""", ' + b"a." * 80 + b"a = 1}",
        b"x = {a = '''\n''', " + b"a." * 80 + b"a = 1}",
        b'# "\n[' + b"a." * 80 + b"a]",
    ],
)
def test_keys_of_absurd_depth_are_refused_because_they_take_forever(facts, data):
    with pytest.raises(LimitExceeded, match="dotted key"):
        facts(UvLock(), {"uv.lock": data})


def test_texts_with_many_dots_are_no_such_keys(versions):
    text = "a." * 200
    data = f"""[[package]]
name = "a" # {text}
version = "1"
x = ["{text}", '{text}', \"\"\"{text}\n\"{text}\"\"\", '''{text}\n'{text}''']
"""
    assert versions(UvLock(), {"uv.lock": data.encode()}) == [("a", "1")]
