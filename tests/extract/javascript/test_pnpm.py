import pytest

from assay.errors import Unreadable
from assay.extract.javascript.pnpm import PnpmLock
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

V5 = b"""lockfileVersion: 5.3

specifiers:
  acorn: ^8.7.0

dependencies:
  acorn-jsx: 5.3.2_acorn@8.7.0
  real-alias: /real/1.0.0

devDependencies:
  '@types/node': 17.0.0

packages:

  /acorn-jsx/5.3.2_acorn@8.7.0:
    resolution: {integrity: sha512-rq9s+JNhf0IChjtDXxllJ7g41oZk5SlXtp0LHwyA5cejwn7vKmKp4pPri6YEePv2PU65sAsegbXtIinmDFDXgQ==}
    dependencies:
      acorn: 8.7.0
      version: 1.0.0
    dev: false

  /acorn/8.7.0:
    resolution: {integrity: sha512-aa}
    deprecated: |-
      name: not a name
      version: 9
    dev: false

  /real/1.0.0:
    dev: false

  /@types/node/17.0.0:
    dev: true

  /@foo/bar/1.4.0_@types+babel__core@7.1.14:
  registry.example.com/@foo/bar/1.5.0:
  github.com/kevva/is-positive:
  github.com/my-org/mocks/590f321b4eb3f692bb211bd74e22947639a6f79d:
    resolution: {tarball: https://codeload.github.com/my-org/mocks/tar.gz/590f}
    name: mocks
    version: 20.0.1
  file:projects/package-a.tgz:
    name: 'my-file-package'
    version: "0.0.0"
  file:../nameless:
    version: 1.0.0
"""

V6 = b"""lockfileVersion: '6.0'

importers:

  .:
    dependencies:
      react-dom:
        specifier: ^18
        version: 18.0.0-rc.3(react@18.2.0)
    publishDirectory: dist

  packages/member:
    devDependencies:
      acorn:
        specifier: 8.7.0
        version: 8.7.0

packages:

  /react-dom@18.0.0-rc.3(react@18.2.0):
    dev: false

  /react@18.2.0:
    dev: false

  /acorn@8.7.0:
    dev: true

  ? /@long/key@1.0.0(peer@1.0.0)
  : resolution: {integrity: sha512-aa}
    dev: true
"""

V9 = b"""lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

catalogs:
  default:
    foo:
      version: 1.0.0

importers:

  .:
    dependencies:
      web:
        specifier: ^1
        version: 1.0.0(peer@2.0.0)
      aliased:
        specifier: npm:real@^3
        version: real@3.0.0
      tarball:
        specifier: x/tarball
        version: https://codeload.github.com/x/tarball/tar.gz/98e8ff1
      member:
        specifier: workspace:*
        version: link:packages/member
    optionalDependencies:
      maybe:
        specifier: ^1
        version: 1.0.0
    devDependencies:
      tool:
        specifier: ^1
        version: 1.0.0

packages:

  web@1.0.0:
    resolution: {integrity: sha512-aa}
    peerDependencies:
      peer: '*'

  peer@2.0.0:
    resolution: {integrity: sha512-aa}

  real@3.0.0: {}

  tarball@https://codeload.github.com/x/tarball/tar.gz/98e8ff1:
    resolution: {tarball: https://codeload.github.com/x/tarball/tar.gz/98e8ff1}
    version: 7.0.0

  maybe@1.0.0: {}

  tool@1.0.0: {}

  '@only/dev@1.0.0': {}

  local@file:vendor/local:
    resolution: {directory: vendor/local, type: directory}

snapshots:

  web@1.0.0(peer@2.0.0):
    dependencies:
      peer: 2.0.0
    transitivePeerDependencies:
      - supports-color

  peer@2.0.0: {}

  real@3.0.0: {}

  tarball@https://codeload.github.com/x/tarball/tar.gz/98e8ff1: {}

  maybe@1.0.0:
    optional: true

  tool@1.0.0:
    dependencies:
      '@only/dev': 1.0.0
      peer: 2.0.0

  '@only/dev@1.0.0':
    dependencies:
      tool: 1.0.0
"""


def rows(packages, data: bytes) -> list[tuple[str, str, bool, bool | None]]:
    found = packages(PnpmLock(), {"pnpm-lock.yaml": data})
    return [(item.component.name, item.component.version, item.dev, item.direct) for item in found]


def test_version_5_has_versions_behind_slashes(packages):
    assert rows(packages, V5) == [
        ("acorn-jsx", "5.3.2", False, True),
        ("acorn", "8.7.0", False, False),
        ("real", "1.0.0", False, True),
        ("@types/node", "17.0.0", True, True),
        ("@foo/bar", "1.4.0", False, False),
        ("@foo/bar", "1.5.0", False, False),
        ("mocks", "20.0.1", False, False),
        ("my-file-package", "0.0.0", False, False),
    ]


def test_version_6_has_versions_behind_at_signs_and_peers_in_brackets(packages):
    expected = [
        ("react-dom", "18.0.0-rc.3", False, True),
        ("react", "18.2.0", False, False),
        ("acorn", "8.7.0", True, True),
        ("@long/key", "1.0.0", True, False),
    ]
    assert rows(packages, V6) == expected
    assert rows(packages, V6.replace(b"\n", b"\r\n")) == expected


def test_version_9_tells_development_from_its_graph(packages):
    assert rows(packages, V9) == [
        ("web", "1.0.0", False, True),
        ("peer", "2.0.0", False, False),
        ("real", "3.0.0", False, True),
        ("tarball", "7.0.0", False, True),
        ("maybe", "1.0.0", False, True),
        ("tool", "1.0.0", True, True),
        ("@only/dev", "1.0.0", True, False),
        ("local", "", False, False),
    ]


def test_a_whole_package(packages):
    data = b"lockfileVersion: '9.0'\npackages:\n  'it''s@1.0.0':\n    resolution: {}"
    assert packages(PnpmLock(), {"app/pnpm-lock.yaml": data}) == [
        Package(Component(Ecosystem.NPM, "it's", "1.0.0"), path="app/pnpm-lock.yaml", extractor="pnpm-lock")
    ]


@pytest.mark.parametrize("data", [b"lockfileVersion: 5.4\n", b"lockfileVersion: '9.0'\n\npackages: {}\n"])
def test_a_project_without_dependencies_has_no_packages(packages, data):
    assert rows(packages, data) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "without a lockfileVersion"),
        (b"packages:\n  /a/1.0.0:\n", "without a lockfileVersion"),
        (b"lockfileVersion: next\n", "without a lockfileVersion"),
        (b"lockfileVersion: 5.3\n\0", "not text"),
        (b"lockfileVersion: 5.3\npackages:\n    /a/1.0.0:\n        dev: true\n", "not indented by two spaces"),
        (b"lockfileVersion: 5.3\npackages:\n  /a/1.0.0:\n     dev: true\n", "not indented by two spaces"),
    ],
)
def test_what_pnpm_does_not_write_is_unreadable(facts, data, reason):
    with pytest.raises(Unreadable, match=reason):
        facts(PnpmLock(), {"pnpm-lock.yaml": data})
