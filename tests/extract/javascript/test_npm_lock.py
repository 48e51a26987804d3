import pytest

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.extract.javascript.npm_lock import NpmLock
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

V1 = b"""{
  "lockfileVersion": 1, "requires": true,
  "dependencies": {
    "babel-code-frame": {"version": "npm:@babel/code-frame@7.0.0"},
    "a": {"version": "1.0.0", "requires": {"b": "^2"},
          "dependencies": {"b": {"version": "2.0.0", "dev": true}, "c": {"version": "3.0.0"}}},
    "b": {"version": "2.0.0", "bundled": true},
    "d": {"version": "4.0.0", "dev": true},
    "git": {"version": "git+ssh://git@github.com/x/y.git#3b1bb80b302c2e552685dc8a029797ec832ea7c9", "from": "y"},
    "github": {"version": "github:x/y#d5ac058"},
    "file": {"version": "file:deps/other"},
    "tarball": {"version": "https://x.org/tarball-1.0.0.tgz"},
    "odd": {"version": 5}
  }
}"""

V3 = b"""{
  "name": "app", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": {"name": "app", "version": "9.9.9", "workspaces": ["packages/*"],
         "dependencies": {"a": "^1", "alias": "npm:@real/name@^2"}, "devDependencies": {"d": "^4"}},
    "packages/member": {"version": "0.1.0", "dependencies": {"a": "^2", "b": "^2"}},
    "node_modules/member": {"resolved": "packages/member", "link": true},
    "packages/member/node_modules/a": {"version": "2.0.0"},
    "node_modules/a": {"version": "1.0.0", "license": "MIT", "dependencies": {"b": "^2"}},
    "node_modules/b": {"version": "2.0.0", "inBundle": true},
    "node_modules/alias": {"name": "@real/name", "version": "2.1.0"},
    "node_modules/d": {"version": "4.0.0", "dev": true},
    "node_modules/d/node_modules/@x/y": {"version": "5.0.0", "dev": true, "devOptional": true},
    "node_modules/e/node_modules/@x/y": {"version": "5.0.0"},
    "node_modules/git": {"resolved": "git+ssh://git@github.com/x/y.git#c2b377e7a254264fd4a1fe328e4e3cfc9e245570"}
  },
  "dependencies": {"ignored": {"version": "1.0.0"}}
}"""


def test_version_1_is_a_tree(packages):
    found = packages(NpmLock(), {"package-lock.json": V1})
    assert {(package.component.name, package.component.version, package.dev) for package in found} == {
        ("@babel/code-frame", "7.0.0", False),
        ("a", "1.0.0", False),
        ("b", "2.0.0", False),
        ("c", "3.0.0", False),
        ("d", "4.0.0", True),
        ("git", "", False),
        ("github", "", False),
        ("file", "", False),
        ("tarball", "", False),
        ("odd", "", False),
    }
    assert {package.direct for package in found} == {None}


def test_version_3_is_a_map_by_path(packages):
    found = packages(NpmLock(), {"npm-shrinkwrap.json": V3})
    assert found[2] == Package(
        Component(Ecosystem.NPM, "a", "1.0.0"),
        path="npm-shrinkwrap.json",
        extractor="npm-lock",
        licenses=("MIT",),
        direct=True,
    )
    rows = [(item.component.name, item.component.version, item.dev, item.direct) for item in found]
    assert rows == [
        ("member", "0.1.0", False, True),
        ("a", "2.0.0", False, True),
        ("a", "1.0.0", False, True),
        ("b", "2.0.0", False, True),
        ("@real/name", "2.1.0", False, True),
        ("d", "4.0.0", True, True),
        ("@x/y", "5.0.0", False, False),
        ("git", "", False, False),
    ]


def test_a_shrinkwrap_beside_the_lock_file_is_the_one_that_npm_reads(facts):
    files = {"app/package-lock.json": V1, "app/npm-shrinkwrap.json": V3}
    assert facts(NpmLock(), files) == []
    assert facts(NpmLock(), {"app/package-lock.json": V1, "npm-shrinkwrap.json": V3}) != []


def test_an_entry_that_is_none_is_a_problem_and_the_rest_stands(facts):
    data = (
        b'{"packages": {"": [], "node_modules/a": 5, "node_modules/b": {"version": "1.0.0"}, "x": {"version": null}}}'
    )
    found = facts(NpmLock(), {"package-lock.json": data})
    assert [fact.component.name for fact in found if isinstance(fact, Package)] == ["b"]
    assert found[-1] == Problem("2 entries that cannot be used: node_modules/a, x")


@pytest.mark.parametrize("data", [b'{"lockfileVersion": 3, "packages": {}}', b'{"dependencies": null}', b"{}"])
def test_a_project_without_dependencies_has_no_packages(packages, data):
    assert packages(NpmLock(), {"package-lock.json": data}) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"packages": []}',
        b'{"dependencies": []}',
        b'{"dependencies": {"a": []}}',
        b'{"dependencies":' + b'{"a":{"dependencies":' * 2000,
        V3[:-20],
    ],
)
def test_what_is_no_lock_file_is_unreadable(facts, data):
    with pytest.raises(Unreadable):
        facts(NpmLock(), {"package-lock.json": data})


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("package-lock.json", True),
        ("srv/app/npm-shrinkwrap.json", True),
        ("app/node_modules/.package-lock.json", True),
        ("app/node_modules/a/package-lock.json", False),
        ("node_modules/a/npm-shrinkwrap.json", False),
    ],
)
def test_lock_files_that_packages_ship_do_not_count(path, wanted):
    assert bool(NpmLock.wants.pattern.search(path)) is wanted
