"""Installed npm packages: ``package.json`` files.

Which of them count: one with the name and version of a package, wherever it lies, except inside an installed
package. There, below the package's own directory in ``node_modules``, lie test data, build folders and copies of
other packages, all with manifests. Only a copy counts: a directory at least two levels down that bears the name its
manifest states, and not among tests or examples (``next/dist/compiled/react-is``, but not ``terser/dist``). What is
not valid there is no error, since packages ship broken manifests as test data.

Extensions of Visual Studio Code (https://code.visualstudio.com/api/references/extension-manifest) and Unity packages
(https://docs.unity3d.com/Manual/upm-manifestPkg.html) use the same file name and are no npm packages.
"""

import re
from collections.abc import Iterator

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import Fact, Wants
from assay.extract.javascript.spec import is_name, is_version
from assay.extract.jsonc import ARRAY, NOTHING, part, read_json, text
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_MANIFEST = "/package.json"
_NOT_REAL = re.compile(
    r"(?:^|/)(?:tests?|__tests__|testdata|test-data|fixtures?|__fixtures__|mocks?|__mocks__|examples?|benchmarks?|\..*?)/"
)


class _Manifest(msgspec.Struct):
    name: msgspec.Raw = NOTHING
    version: msgspec.Raw = NOTHING
    license: msgspec.Raw = NOTHING
    licenses: msgspec.Raw = NOTHING
    engines: msgspec.Raw = NOTHING
    contributes: msgspec.Raw = NOTHING
    unity: msgspec.Raw = NOTHING


class _License(msgspec.Struct):
    type: msgspec.Raw = NOTHING


_DECODER = msgspec.json.Decoder(_Manifest)
_LICENSE = msgspec.json.Decoder(_License)


class NodeInstalled:
    """One package per manifest."""

    name = "node-installed"
    version = 1
    wants = Wants(names=frozenset({"package.json"}))
    max_size = 16 << 20
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        inside = _inside_package(file.path)
        try:
            manifest = read_json(file.read(), _DECODER)
        except Unreadable:
            if inside:
                return
            raise
        name, version = text(manifest.name), text(manifest.version).strip()
        if not is_name(name) or not is_version(version) or _is_foreign(manifest):
            return
        if inside and not _is_copy(inside, name):
            return
        component = Component(Ecosystem.NPM, name, version)
        yield Package(component, path=file.path, extractor=self.name, licenses=_licenses(manifest))


def _inside_package(path: str) -> str:
    """The manifest's directory below the installed package that holds it; "" when it is that package's own."""
    start = path.rfind("node_modules/")
    if start < 0 or (start and path[start - 1] != "/"):
        return ""
    directory = path[start + len("node_modules/") : -len(_MANIFEST)]
    parts = directory.split("/", 2 if directory.startswith("@") else 1)
    return parts[-1] if len(parts) == (3 if directory.startswith("@") else 2) else ""


def _is_copy(directory: str, name: str) -> bool:
    above = directory[: -len(name)]
    return directory.endswith(f"/{name}") and above != "/" and not _NOT_REAL.search(above)


def _is_foreign(manifest: _Manifest) -> bool:
    engines = bytes(manifest.engines)
    in_editor = engines.startswith(b"{") and b'"vscode"' in engines
    return in_editor or bytes(manifest.contributes).startswith(b"{") or bool(text(manifest.unity))


def _licenses(manifest: _Manifest) -> tuple[str, ...]:
    single = _license(manifest.license)
    several = (_license(raw) for raw in part(manifest.licenses, ARRAY) or ())
    return (single,) if single else tuple(filter(None, several))


def _license(raw: msgspec.Raw) -> str:
    """The text of ``"MIT"`` and of the old form ``{"type": "MIT", "url": ...}``."""
    spdx = text(raw)
    if spdx:
        return spdx
    old = part(raw, _LICENSE)
    return text(old.type) if old else ""
