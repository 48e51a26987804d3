"""Assemblies as packages: a managed DLL or program counts as the NuGet package of its name.

Most packages hold one assembly of their own name. Its version is the product version of the version resource, into
which the SDK writes the package's version; where that has fewer than three numbers it is the file version, and without
a resource the assembly's own. No packages are: native files, satellites (translations), reference assemblies, and the
shared frameworks, whose ``deps.json`` names the package they come from.
"""

import re
from collections.abc import Iterator

from assay.extract.binary.pe import PortableExecutable
from assay.extract.dotnet.metadata import read_assembly
from assay.extract.dotnet.resource import version_strings
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

_NOT_DEPLOYED = re.compile(r"(?:^|/)(?:refs?|shared/Microsoft\.\w+\.App/[^/]+|packs/[^/]+\.Ref/.*)/[^/]+$")
_VERSION = re.compile(r"\d+(?:\.\d+){2,3}(?:-[0-9A-Za-z.-]+)?")
_NAME = re.compile(r"[\w.-]{1,200}")


def assembly_packages(file: PortableExecutable, path: str, extractor: str) -> Iterator[Package]:
    """The package that the assembly at ``path`` is, if it is one."""
    if _NOT_DEPLOYED.search(path):
        return
    assembly = read_assembly(file)
    if assembly is None or assembly.culture or not _NAME.fullmatch(assembly.name):
        return
    product, of_file = version_strings(file, "ProductVersion", "FileVersion")
    version = next(filter(None, (_plain(product), _plain(of_file), assembly.version)))
    yield Package(Component(Ecosystem.NUGET, assembly.name, version), path=path, extractor=extractor)


def _plain(text: str) -> str:
    """The version at the start of ``13.0.3+0a2e291`` or ``4.6.26515.06 @BuiltBy: dlab``; "" when there is none."""
    version = text.partition(" ")[0].partition("+")[0]
    return version if _VERSION.fullmatch(version) else ""
