import pytest

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.extract.javascript.bun import BunLock
from assay.extract.javascript.deno import DenoLock
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

BUN = b"""{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "app",
      "dependencies": { "chalk": "^4.0.0", "old": "npm:supports-color@^6.0.0" },
      "devDependencies": { "tool": "^1.0.0", "@scope/x": "^1.0.0" },
    },
    "packages/member": { "name": "member", "version": "0.3.0", "dependencies": { "flag": "^3" } },
  },
  "packages": {
    "chalk": ["chalk@4.1.2", "", { "dependencies": { "flag": "^4.0.0" } }, "sha512-aa"],

    "flag": ["flag@4.0.0", "", {}, "sha512-aa"],

    "git": ["git@github:x/git#527e8ce", { "dependencies": {} }, "x-git-527e8ce"],

    "member": ["member@workspace:packages/member"],

    "member/flag": ["flag@3.0.0", "", {}, "sha512-aa"],

    "old": ["supports-color@6.1.0", "", { "optionalDependencies": { "flag": "^3.0.0" } }, "sha512-aa"],

    "old/flag": ["flag@2.0.0", "", {}, "sha512-aa"],

    "tool": ["tool@1.0.0", "", { "dependencies": { "needed": "1", "flag": "4", "absent": "1" } }, "sha512-aa"],

    "needed": ["needed@1.0.0", "", { "dependencies": { "tool": "1" } }, "sha512-aa"],

    "@scope/x": ["@scope/x@1.0.0", "", { "peerDependencies": { "y": "*" } }, "sha512-aa"],

    "@scope/y": ["@scope/y@1.0.0", "", {}, "sha512-aa"],

    "y": ["y@1.0.0", "", {}, "sha512-aa"],

    "etag": ["etag@file:deps/etag", {}],
  }
}
"""


def test_bun_finds_what_is_needed_as_the_tree_is_laid_out(packages):
    found = packages(BunLock(), {"bun.lock": BUN})
    assert found[0] == Package(
        Component(Ecosystem.NPM, "chalk", "4.1.2"), path="bun.lock", extractor="bun-lock", direct=True
    )
    rows = [(item.component.name, item.component.version, item.dev, item.direct) for item in found]
    assert rows == [
        ("chalk", "4.1.2", False, True),
        ("flag", "4.0.0", False, False),
        ("git", "", False, False),
        ("member", "0.3.0", False, False),
        ("flag", "3.0.0", False, True),
        ("supports-color", "6.1.0", False, True),
        ("flag", "2.0.0", False, False),
        ("tool", "1.0.0", True, True),
        ("needed", "1.0.0", True, False),
        ("@scope/x", "1.0.0", True, True),
        ("@scope/y", "1.0.0", False, False),
        ("y", "1.0.0", True, False),
        ("etag", "", False, False),
    ]


def test_bun_without_workspaces_says_nothing_about_the_graph(packages):
    found = packages(BunLock(), {"bun.lock": b'{"packages": {"a": ["a@1.0.0"], "b": ["b@workspace:gone"]}}'})
    assert [(item.component.version, item.dev, item.direct) for item in found] == [
        ("1.0.0", False, None),
        ("", False, None),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b'{"packages": {"a": ["a@1.0.0",],},}',
        b'// note, }\n{"packages": {/* "b": ["b@1.0.0"], ** */ "a": ["a@1.0.0", "//", "/*", ",}" ] }, // end\n}',
        b'{"packages": {"a": ["a@1.0.0", "\\\\\\",]"] , \n\n } }',
    ],
)
def test_comments_and_trailing_commas_are_skipped_and_texts_are_not_touched(versions, data):
    assert versions(BunLock(), {"bun.lock": data}) == [("a", "1.0.0")]


def test_a_tuple_that_is_none_is_a_problem_and_the_rest_stands(facts):
    data = b'{"packages": {"a": 5, "b": [], "c": ["c@1.0.0"], "d": [7], "%s": ["e@1.0.0"]}}' % (b"e/" * 2000)
    found = facts(BunLock(), {"bun.lock": data})
    assert [fact.component.name for fact in found if isinstance(fact, Package)] == ["c"]
    assert found[-1] == Problem("4 entries that cannot be used: a, b, d")


def test_a_graph_made_to_take_forever_is_given_up_and_the_packages_stand(facts):
    needs = ",".join(f'"n{number}":""' for number in range(100_000))
    place = "p/" * 200 + "p"
    data = f'{{"workspaces": {{"": {{"devDependencies": {{"{place}": ""}}}}}}, "packages": {{"{place}": ["p@1.0.0", {{"dependencies": {{{needs}}}}}]}}}}'
    found = facts(BunLock(), {"bun.lock": data.encode()})
    assert [(fact.component.name, fact.dev) for fact in found if isinstance(fact, Package)] == [("p", False)]


@pytest.mark.parametrize("data", [b"", b"{}", b'{"packages": []}', b'{"packages": {"a": ["a@1.0.0"]}', b'"' * 99])
def test_what_is_no_bun_lock_is_unreadable(facts, data):
    with pytest.raises(Unreadable):
        facts(BunLock(), {"bun.lock": data})


@pytest.mark.parametrize(
    "data",
    [
        b'{"version": "2", "npm": {"specifiers": {}, "packages": {"chalk@5.3.0": {}, "@a/b@1.0.0_chalk@5.3.0": {}}}}',
        b'{"version": "3", "packages": {"specifiers": {}, "npm": {"chalk@5.3.0": {}, "@a/b@1.0.0_chalk@5.3.0": {}}}}',
        b'{"version": "5", "npm": {"chalk@5.3.0": {}, "@a/b@1.0.0_chalk@5.3.0": {}}, "jsr": {"@std/x@1.0.0": {}}}',
    ],
)
def test_deno_locks_npm_packages_in_three_ways(versions, data):
    assert versions(DenoLock(), {"deno.lock": data}) == [("chalk", "5.3.0"), ("@a/b", "1.0.0")]


@pytest.mark.parametrize("data", [b'{"version": "4"}', b'{"npm": 5}', b'{"packages": 5}', b'{"packages": {"jsr": {}}}'])
def test_deno_without_npm_packages(packages, data):
    assert packages(DenoLock(), {"deno.lock": data}) == []


def test_what_is_no_deno_lock_is_unreadable(facts):
    with pytest.raises(Unreadable):
        facts(DenoLock(), {"deno.lock": b"[1]"})
