"""One library, two statements: an assembly beside the ``deps.json`` that names its package.

The file knows the package's version; an assembly can only be asked for its product version, which for the libraries
of .NET itself is the release they were built with. So what the file names is not listed from the assembly as well.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from assay.extract.dotnet.deps import DotnetDeps
from assay.model.component import Package
from assay.model.ecosystem import Ecosystem


def without_restated_assemblies(packages: Sequence[Package]) -> list[Package]:
    """The packages without those assemblies that a ``deps.json`` in their directory or above it names."""
    named: dict[str, set[str]] = defaultdict(set)
    for package in packages:
        if package.extractor == DotnetDeps.name:
            named[package.path.rpartition("/")[0]].add(package.component.lookup_name)
    if not named:
        return list(packages)
    return [
        package
        for package in packages
        if package.component.ecosystem is not Ecosystem.NUGET
        or package.extractor == DotnetDeps.name
        or not package.path.lower().endswith((".dll", ".exe"))
        or not any(package.component.lookup_name in named.get(directory, ()) for directory in _above(package.path))
    ]


def _above(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path
