"""What .NET projects ask for: ``packages.config``, project files, and central package management.

https://learn.microsoft.com/en-us/nuget/reference/packages-config,
https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files and
https://learn.microsoft.com/en-us/nuget/consume-packages/central-package-management. Conditions are not evaluated: what
is asked for under any condition is listed. Of a range the lower bound is taken; a version nobody states is empty.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from assay.errors import Unreadable
from assay.extract.contract import Fact, Problem, Wants
from assay.extract.listing import Listing
from assay.extract.xmltree import attribute, child_text, children, local, read_xml
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_LARGEST = 8 << 20
_VARIABLE = re.compile(r"\$\(([\w.]+)\)")
_DEEPEST = 8
_LONGEST = 512
_CENTRAL, _SHARED = "Directory.Packages.props", "Directory.Build.props"
_REFERENCES = frozenset({"PackageReference", "GlobalPackageReference", "PackageDownload"})


@dataclass(frozen=True, slots=True)
class _Reference:
    kind: str
    name: str
    version: str
    private: bool


class PackagesConfig:
    """The packages of ``packages.config``, the form of .NET Framework projects."""

    name = "nuget-packages-config"
    version = 1
    wants = Wants(names=frozenset({"packages.config"}))
    max_size = _LARGEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        root = read_xml(file.read())
        if local(root) != "packages":
            raise Unreadable(f"not packages.config: its root element is {local(root)[:80]!r}")
        listing = Listing(self.name, Ecosystem.NUGET, file.path)
        for item in children(root, "package"):
            name, version = attribute(item, "id"), attribute(item, "version")
            if name and version:
                dev = attribute(item, "developmentDependency").lower() == "true"
                listing.add(name, version, dev=dev)
            else:
                listing.reject(f"package {name[:80]!r} {version[:80]!r}")
        yield from listing.facts()


class DotnetProject:
    """The packages of a project file, with versions and variables from the nearest shared files above it.

    ``Directory.Packages.props`` itself is listed too: every package of the solution has its version there.
    """

    name = "dotnet-project"
    version = 1
    wants = Wants(
        names=frozenset({_CENTRAL, _SHARED}),
        extensions=frozenset({".csproj", ".fsproj", ".vbproj"}),
    )
    max_size = _LARGEST
    needs_siblings = True

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        root = _project(file)
        problems: list[Problem] = []
        shared = [found for name in (_SHARED, _CENTRAL) if (found := _above(file, name, problems)) is not None]
        values: dict[str, str] = {}
        for part in (*shared, root):
            values.update(_properties(part))
        central: dict[str, str] = {}
        for part in shared:
            central.update({item.name: item.version for item in _references(part, values) if item.version})
        listing = Listing(self.name, Ecosystem.NUGET, file.path)
        is_central = file.path.rpartition("/")[2] == _CENTRAL
        for item in _references(root, values):
            if item.kind not in _REFERENCES and not is_central:
                continue
            if not item.name or "$(" in item.name:
                listing.reject(f"{item.kind} {item.name[:80]!r}")
                continue
            listing.add(item.name, item.version or central.get(item.name, ""), dev=item.private, direct=True)
        yield from listing.facts()
        yield from problems


def _project(file: SourceFile) -> Element:
    root = read_xml(file.read())
    if local(root) != "Project":
        raise Unreadable(f"not an MSBuild project: its root element is {local(root)[:80]!r}")
    return root


def _above(file: SourceFile, name: str, problems: list[Problem]) -> Element | None:
    """The nearest file of that name in the project's directory or above it."""
    directory = file.path
    while directory:
        directory = directory.rpartition("/")[0]
        path = f"{directory}/{name}" if directory else name
        found = file.sibling(path) if path != file.path else None
        if found is not None:
            try:
                return _project(found)
            except Unreadable as error:
                problems.append(Problem(f"{path} cannot be read: {error}"))
                return None
    return None


def _properties(root: Element) -> Mapping[str, str]:
    return {
        local(item).lower(): item.text.strip()
        for group in children(root, "PropertyGroup")
        for item in group
        if item.text and len(item.text) <= _LONGEST
    }


def _references(root: Element, values: Mapping[str, str]) -> Iterator[_Reference]:
    for group in children(root, "ItemGroup"):
        for item in group:
            kind = local(item)
            if kind in _REFERENCES or kind == "PackageVersion":
                stated = attribute(item, "VersionOverride") or attribute(item, "Version") or child_text(item, "Version")
                name = attribute(item, "Include") or attribute(item, "Update")
                private = attribute(item, "PrivateAssets") or child_text(item, "PrivateAssets")
                if name or not attribute(item, "Remove"):
                    yield _Reference(
                        kind, _expanded(name, values), _lower_bound(_expanded(stated, values)), private.lower() == "all"
                    )


def _expanded(text: str, values: Mapping[str, str]) -> str:
    for _ in range(_DEEPEST):
        if "$(" not in text or len(text) > _LONGEST:
            break
        text = _VARIABLE.sub(lambda match: values.get(match[1].lower(), match[0]), text)
    return text


def _lower_bound(version: str) -> str:
    """``[1.2, 2.0)`` is 1.2, ``1.2.*`` is 1.2; "" when the version depends on something that is not known."""
    bound = version.strip("[]() ").partition(",")[0].strip()
    bound = re.sub(r"(?:^|[.-])\*.*$", "", bound)
    return "" if "$(" in bound else bound
