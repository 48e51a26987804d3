"""Cut off anywhere, with bytes changed, or nothing but noise: only ``Unreadable`` and printable facts may come out."""

import pytest

from assay.extract.javascript.bun import BunLock
from assay.extract.javascript.deno import DenoLock
from assay.extract.javascript.installed import NodeInstalled
from assay.extract.javascript.npm_lock import NpmLock
from assay.extract.javascript.pnpm import PnpmLock
from assay.extract.javascript.yarn import YarnLock

SAMPLES = [
    (
        BunLock(),
        "bun.lock",
        (
            b'{\n  "workspaces": {"": {"name": "x", "devDependencies": {"a": "1"}}},\n'
            b'  "packages": {\n    "a": ["a@1.0.0", "", {"dependencies": {"b": "1"}}, "sha"],\n    "b": ["b@1.0.0"],\n  },\n}'
        ),
    ),
    (DenoLock(), "deno.lock", b'{"version": "3", "packages": {"npm": {"chalk@5.3.0": {}}}}'),
    (NodeInstalled(), "package.json", b'{"name": "a", "version": "1.0.0", "licenses": [{"type": "MIT"}]}'),
    (
        NpmLock(),
        "package-lock.json",
        b'{"packages": {"": {"dependencies": {"a": "1"}}, "node_modules/a": {"version": "1.0.0", "license": "MIT"}}}',
    ),
    (
        NpmLock(),
        "npm-shrinkwrap.json",
        b'{"dependencies": {"a": {"version": "npm:b@1.0.0", "dependencies": {"c": {"version": "1.0.0"}}}}}',
    ),
    (
        PnpmLock(),
        "pnpm-lock.yaml",
        (
            b"lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        version: 1.0.0\n"
            b"packages:\n\n  a@1.0.0:\n    resolution: {}\nsnapshots:\n  a@1.0.0:\n    dependencies:\n      b: 1.0.0\n"
        ),
    ),
    (PnpmLock(), "pnpm-lock.yaml", b"lockfileVersion: 5.3\npackages:\n  /a/1.0.0_b@1:\n    name: x\n    dev: true\n"),
    (YarnLock(), "yarn.lock", b'"a@^1", a@npm:b@^1:\n  version "1.0.0"\n  resolved "x"\n'),
    (
        YarnLock(),
        "yarn.lock",
        b'__metadata:\n  version: 8\n\n"a@npm:^1":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n',
    ),
]


@pytest.mark.parametrize(("extractor", "path", "sample"), SAMPLES, ids=[sample[0].name for sample in SAMPLES])
def test_only_unreadable_leaves_an_extractor(disturb, extractor, path, sample):
    disturb(extractor, path, sample)
