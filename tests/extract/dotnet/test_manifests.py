"""What .NET manifests beyond the shared fixtures say."""

import io

import pytest

from assay.errors import LimitExceeded, Unreadable
from assay.extract.contract import Extractor, Problem
from assay.extract.dotnet.deps import DotnetDeps
from assay.extract.dotnet.lock import NugetAssets, NugetLock
from assay.extract.dotnet.project import DotnetProject, PackagesConfig
from assay.model.component import Package
from assay.model.tree import SourceFile


def read(extractor: Extractor, path: str, files: dict[str, bytes]) -> list[tuple[str, str, bool, bool | None]]:
    """Name, version, dev and direct of the packages; problems as ("!", message)."""

    def source(name: str) -> SourceFile | None:
        if name not in files:
            return None
        return SourceFile(name, len(files[name]), lambda: io.BytesIO(files[name]), siblings=source)

    file = source(path)
    assert file is not None
    return [
        (fact.component.name, fact.component.version, fact.dev, fact.direct)
        if isinstance(fact, Package)
        else ("!", fact.message if isinstance(fact, Problem) else "", False, None)
        for fact in extractor.extract(file)
    ]


def test_runtime_packs_compile_only_and_referenced_libraries_of_deps_json() -> None:
    data = b"""{"targets": {".NETCoreApp,Version=v8.0": {"Api/1.0.0": {"compileOnly": true}, "Lib/2.0.0": {}}},
      "libraries": {"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.10": {"type": "runtimepack"},
      "Api/1.0.0": {"type": "package"}, "Lib/2.0.0": {"type": "package"}, "Odd/1.0.0.0": {"type": "reference"},
      "NoVersion": {"type": "package"}}}"""
    assert read(DotnetDeps(), "app/App.deps.json", {"app/App.deps.json": data}) == [
        ("Microsoft.NETCore.App.Runtime.linux-x64", "8.0.10", False, None),
        ("Api", "1.0.0", True, None),
        ("Lib", "2.0.0", False, None),
        ("!", "1 entries that cannot be used: NoVersion", False, None),
    ]


def test_the_lock_file_tells_direct_from_transitive_and_leaves_projects_out() -> None:
    data = b"""{"version": 1, "dependencies": {"net8.0": {"A": {"type": "Direct", "resolved": "1.0.0"},
      "B": {"type": "Transitive", "resolved": "2.0.0"}, "My.Project": {"type": "Project"}},
      "net9.0": {"A": {"type": "Direct", "resolved": "1.0.0"}}}}"""
    assert read(NugetLock(), "packages.lock.json", {"packages.lock.json": data}) == [
        ("A", "1.0.0", False, True),
        ("B", "2.0.0", False, False),
    ]


def test_restored_assets_know_what_the_project_keeps_to_itself() -> None:
    data = b"""{"libraries": {"A/1.0.0": {"type": "package"}, "Tool/2.0.0": {"type": "package"},
      "C/3.0.0": {"type": "package"}, "P/1.0.0": {"type": "project"}}, "project": {"frameworks": {"net8.0":
      {"dependencies": {"a": {"target": "Package"}, "Tool": {"suppressParent": "All", "target": "Package"}}}}}}"""
    assert read(NugetAssets(), "obj/project.assets.json", {"obj/project.assets.json": data}) == [
        ("A", "1.0.0", False, True),
        ("Tool", "2.0.0", True, True),
        ("C", "3.0.0", False, False),
    ]


def test_packages_config_marks_development_dependencies_and_names_what_is_missing() -> None:
    data = b"""<packages><package id="A" version="1.0"/><package id="T" version="2.0" developmentDependency="true"/>
      <package id="B"/></packages>"""
    assert read(PackagesConfig(), "packages.config", {"packages.config": data}) == [
        ("A", "1.0", False, None),
        ("T", "2.0", True, None),
        ("!", "1 entries that cannot be used: package 'B' ''", False, None),
    ]


def test_a_project_takes_versions_and_variables_from_the_files_above_it() -> None:
    files = {
        "src/web/Web.csproj": b"""<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><Own>1.5.0</Own></PropertyGroup>
          <ItemGroup><PackageReference Include="Central"/><PackageReference Include="Shared" Version="$(SharedVersion)"/>
          <PackageReference Include="Own"><Version>$(own)</Version><PrivateAssets>all</PrivateAssets></PackageReference>
          <PackageReference Include="Ranged" Version="[2.0, 3.0)"/><PackageReference Include="Floating" Version="3.1.*"/>
          <PackageReference Include="Any" Version="*"/><PackageReference Include="Unknown" Version="$(Nowhere)"/>
          <PackageReference Update="Updated" VersionOverride="9.0.0"/><PackageReference Remove="Gone"/>
          <PackageReference Include="$(Nowhere)" Version="1.0"/><Compile Include="a.cs"/></ItemGroup></Project>""",
        "src/Directory.Packages.props": b"""<Project><ItemGroup><PackageVersion Include="Central" Version="4.2.0"/>
          <GlobalPackageReference Include="Everywhere" Version="1.1.0"/></ItemGroup></Project>""",
        "Directory.Build.props": b"""<Project xmlns="http://schemas.microsoft.com/developer/msbuild/2003"><PropertyGroup>
          <SharedVersion>7.0.$(Patch)</SharedVersion><Patch>3</Patch></PropertyGroup></Project>""",
    }
    assert read(DotnetProject(), "src/web/Web.csproj", files) == [
        ("Central", "4.2.0", False, True),
        ("Shared", "7.0.3", False, True),
        ("Own", "1.5.0", True, True),
        ("Ranged", "2.0", False, True),
        ("Floating", "3.1", False, True),
        ("Any", "", False, True),
        ("Unknown", "", False, True),
        ("Updated", "9.0.0", False, True),
        ("!", "1 entries that cannot be used: PackageReference '$(Nowhere)'", False, None),
    ]
    assert read(DotnetProject(), "src/Directory.Packages.props", files) == [
        ("Central", "4.2.0", False, True),
        ("Everywhere", "1.1.0", False, True),
    ]


def test_a_shared_file_that_cannot_be_read_is_a_problem_of_the_project() -> None:
    files = {
        "App.csproj": b'<Project><ItemGroup><PackageReference Include="A" Version="1.0"/></ItemGroup></Project>',
        "Directory.Packages.props": b"<Project>",
    }
    found = read(DotnetProject(), "App.csproj", files)
    assert found[0] == ("A", "1.0", False, True)
    assert found[1][1].startswith("Directory.Packages.props cannot be read: not XML")


@pytest.mark.parametrize(
    ("extractor", "name", "data"),
    [
        (DotnetDeps(), "a.deps.json", b"{}"),
        (DotnetDeps(), "a.deps.json", b"[" * 100_000),
        (NugetLock(), "packages.lock.json", b'{"dependencies": 1}'),
        (NugetAssets(), "project.assets.json", b"\xff\xfe"),
        (PackagesConfig(), "packages.config", b"<configuration/>"),
        (PackagesConfig(), "packages.config", b'<!DOCTYPE a [<!ENTITY b "c">]><packages>&b;</packages>'),
        (DotnetProject(), "a.csproj", b"<packages/>"),
        (DotnetProject(), "a.csproj", b'<?xml version="1.0" encoding="no-such"?><Project/>'),
    ],
)
def test_what_is_not_what_its_name_claims_is_unreadable(extractor, name, data) -> None:
    with pytest.raises(Unreadable):
        read(extractor, name, {name: data})


def test_xml_of_very_many_elements_is_not_built() -> None:
    with pytest.raises(LimitExceeded):
        read(DotnetProject(), "a.csproj", {"a.csproj": b"<Project>" + b"<a/>" * 700_000 + b"</Project>"})
