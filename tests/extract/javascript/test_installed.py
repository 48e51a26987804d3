import pytest

from assay.errors import Unreadable
from assay.extract.javascript.installed import NodeInstalled
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

EXPRESS = b'{"name": "express", "version": "4.18.2", "license": "MIT", "dependencies": {"qs": "6.11.0"}}'


def manifest(name: str, version: str = "1.0.0", more: str = "") -> bytes:
    return f'{{"name": "{name}", "version": "{version}"{more}}}'.encode()


def test_a_manifest_states_one_package_and_not_what_it_asks_for(packages):
    path = "app/node_modules/express/package.json"
    assert packages(NodeInstalled(), {path: EXPRESS}) == [
        Package(
            Component(Ecosystem.NPM, "express", "4.18.2"),
            path=path,
            extractor="node-installed",
            licenses=("MIT",),
        )
    ]


@pytest.mark.parametrize(
    ("path", "name", "counts"),
    [
        ("package.json", "app", True),
        ("srv/app/package.json", "app", True),
        ("usr/share/nodejs/acorn/package.json", "acorn", True),
        ("app/node_modules/acorn/package.json", "acorn", True),
        ("node_modules/@babel/core/package.json", "@babel/core", True),
        ("node_modules/alias/package.json", "string-width", True),
        ("node_modules/a/node_modules/b/package.json", "b", True),
        ("node_modules/.pnpm/b@1.0.0/node_modules/b/package.json", "b", True),
        ("my_node_modules/a/b/package.json", "c", True),
        ("node_modules/next/dist/compiled/react-is/package.json", "react-is", True),
        ("node_modules/next/dist/compiled/@babel/runtime/package.json", "@babel/runtime", True),
        ("node_modules/@vue/x/dist/vendor/y/package.json", "y", True),
        ("node_modules/terser/dist/package.json", "dist", False),
        ("node_modules/@bcoe/v8-coverage/dist/lib/package.json", "@bcoe/v8-coverage", False),
        ("node_modules/resolve/test/resolver/nested_symlinks/mylib/package.json", "mylib", False),
        ("node_modules/a/lib/__tests__/b/package.json", "b", False),
        ("node_modules/a/.cache/copies/b/package.json", "b", False),
        ("node_modules/a/lib/notb/package.json", "b", False),
    ],
)
def test_inside_an_installed_package_only_copies_of_others_count(packages, path, name, counts):
    found = [package.component.name for package in packages(NodeInstalled(), {path: manifest(name)})]
    assert found == ([name] if counts else [])


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"name": "baz", "main": "quux.js"}',
        b'{"name": "baz", "version": ""}',
        b'{"name": 5, "version": "1.0.0"}',
        b'{"name": "baz", "version": 1}',
        manifest("../evil"),
        manifest("_private"),
        manifest("with space"),
        manifest("x" * 215),
        manifest("a", "${VERSION}"),
        manifest("a", "workspace:*"),
        manifest("a", "1.0.0 or so"),
        manifest("python", more=', "engines": {"vscode": "^1.80.0"}'),
        manifest("python", more=', "contributes": {"commands": []}'),
        manifest("com.unity.ui", more=', "unity": "2019.1"'),
    ],
)
def test_manifests_of_nothing_that_npm_holds_are_passed_over(packages, data):
    assert packages(NodeInstalled(), {"package.json": data}) == []


@pytest.mark.parametrize(
    ("more", "licenses"),
    [
        (', "license": "MIT"', ("MIT",)),
        (', "license": {"type": "MIT", "url": "https://x.org"}', ("MIT",)),
        (', "licenses": [{"type": "MIT"}, {"type": "Apache-2.0"}, 5]', ("MIT", "Apache-2.0")),
        (', "licenses": ["MIT"]', ("MIT",)),
        (', "license": 5, "licenses": "odd"', ()),
        (', "license": ""', ()),
        (', "engines": ["node >= 0.2.0"], "unity": 5', ()),
    ],
)
def test_licences_old_and_new(packages, more, licenses):
    assert packages(NodeInstalled(), {"package.json": manifest("a", more=more)})[0].licenses == licenses


def test_a_byte_order_mark_and_capitals_are_fine(versions):
    data = b"\xef\xbb\xbf" + manifest("JSONStream", " 1.3.5 ")
    assert versions(NodeInstalled(), {"package.json": data}) == [("JSONStream", "1.3.5")]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b'{"name": "\\ud800"}', b'{"a":' * 5000])
def test_a_broken_manifest_is_unreadable_where_a_package_must_be_and_ignored_among_test_data(facts, data):
    for path in ("package.json", "node_modules/a/package.json", "node_modules/@a/b/package.json"):
        with pytest.raises(Unreadable):
            facts(NodeInstalled(), {path: data})
    assert facts(NodeInstalled(), {"node_modules/resolve/test/resolver/malformed/package.json": data}) == []
