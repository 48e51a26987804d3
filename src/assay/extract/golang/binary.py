"""Packages in Go programs: the modules built in, the program's own module, and the standard library.

The standard library's version is the toolchain's. The program's own module has a version when it was built from a
module proxy, with version control information (Go 1.24), or when the linker was told to set a variable that by its
name holds the version: ``-ldflags "-X main.version=1.2.3"``; the last only when all such variables agree. Where the
flags are not recorded, the one version that was set so is looked for. A program that was built outside of a module
counts as the module its repository is, a command of Go's own (``cmd/go``) as ``toolchain``, under which the Go
vulnerability database lists their flaws.
"""

import re
from collections.abc import Iterator

from assay.extract.binary.image import Image
from assay.extract.golang.buildinfo import BuildInfo, Module, linked_version
from assay.extract.golang.version import module_version, toolchain_version
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

_ASSIGNED = re.compile(r"-X[ =]+[\"']?([\w./%~-]+)\.(\w+)=v?(\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]*)?)[\"']?(?=\s|$)")
_LONGEST_FLAGS = 64 << 10
_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org"})
_VERSION_NAMES = frozenset(
    {"version", "gitversion", "gittag", "buildversion", "appversion", "releaseversion", "semver"}
)


def go_packages(info: BuildInfo, image: Image, path: str, extractor: str) -> Iterator[Package]:
    """The packages of the program at ``path``, whose ``image`` holds ``info``."""
    release = toolchain_version(info.toolchain)
    if info.toolchain:
        yield _package("stdlib", release, path, extractor)
    if info.program.startswith("cmd/") and info.main is None:
        yield _package("toolchain", release, path, extractor)
    name, version = _built_in(info.main or Module(_module_of(info.program), ""))
    if name:
        yield _package(name, version or _set_by_linker(info, name, image), path, extractor)
    for module in info.modules:
        name, version = _built_in(module)
        if name:
            yield _package(name, version, path, extractor)


def _built_in(module: Module) -> tuple[str, str]:
    """Name and version of the code that is really there: the replacement's where there is one."""
    real = module.replaced if module.replaced and module.replaced.path else module
    return (real.path, module_version(real.version)) if real.path.isprintable() else ("", "")


def _module_of(program: str) -> str:
    """The module to which a main package belongs that was built without knowing it: its repository."""
    parts = program.split("/")
    if len(parts) < 2 or "." not in parts[0]:
        return ""
    if parts[0] in _HOSTS:
        return "/".join(parts[:3])
    return "/".join(parts[: parts.index("cmd")]) if "cmd" in parts else program


def _set_by_linker(info: BuildInfo, main: str, image: Image) -> str:
    if "-ldflags" not in info.settings:
        return linked_version(image, info.toolchain)
    found = {
        (package, version)
        for package, name, version in _ASSIGNED.findall(info.settings.get("-ldflags", "")[:_LONGEST_FLAGS])
        if name.lower() in _VERSION_NAMES
    }
    own = {version for package, version in found if package == "main" or package.startswith(main)}
    versions = own or {version for _, version in found}
    return versions.pop() if len(versions) == 1 else ""


def _package(name: str, version: str, path: str, extractor: str) -> Package:
    return Package(Component(Ecosystem.GOLANG, name, version), path=path, extractor=extractor)
