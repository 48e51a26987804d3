"""Every shared fixture of Java, Go, Rust, .NET, C/C++, Swift and Dart: exactly the packages that are expected.

The expectations are those of osv-scalibr's tests (Apache-2.0), see data/README.md.
"""

import json
import os
from pathlib import Path

import pytest

from assay.extract.conan import ConanLock
from assay.extract.contract import Extractor
from assay.extract.dart import PubspecLock
from assay.extract.dotnet.deps import DotnetDeps
from assay.extract.dotnet.lock import NugetAssets, NugetLock
from assay.extract.dotnet.project import DotnetProject, PackagesConfig
from assay.extract.golang.modfile import GoModule
from assay.extract.java.gradle import GradleLock, GradleVerification
from assay.extract.java.jar import JavaArchive
from assay.extract.java.maven import MavenProject
from assay.extract.rust.cargolock import CargoLock
from assay.extract.swift import SwiftResolved
from assay.model.component import Package
from assay.model.tree import SourceFile

SHARED = Path(os.environ.get("ASSAY_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
FIXTURES = SHARED / "fixtures"

KINDS: dict[str, tuple[Extractor, str]] = {
    "Cargo.lock": (CargoLock(), "Cargo.lock"),
    "Directory.Packages.props": (DotnetProject(), "Directory.Packages.props"),
    "Package.resolved": (SwiftResolved(), "Package.resolved"),
    "conan.lock": (ConanLock(), "conan.lock"),
    "csproj": (DotnetProject(), "App.csproj"),
    "deps.json": (DotnetDeps(), "App.deps.json"),
    "go.mod": (GoModule(), "go.mod"),
    "gradle-verification": (GradleVerification(), "gradle/verification-metadata.xml"),
    "gradle.lockfile": (GradleLock(), "gradle.lockfile"),
    "jar": (JavaArchive(), ""),
    "packages.config": (PackagesConfig(), "packages.config"),
    "packages.lock.json": (NugetLock(), "packages.lock.json"),
    "pom.xml": (MavenProject(), "pom.xml"),
    "project.assets.json": (NugetAssets(), "obj/project.assets.json"),
    "pubspec.lock": (PubspecLock(), "pubspec.lock"),
}

# What the source's expectation takes from a second file, which is not among the fixtures.
BESIDE = {
    "indirect-1.16.mod": {
        "go.sum": b"github.com/davecgh/go-spew v1.1.0/go.mod h1:a=\n"
        b"github.com/davecgh/go-spew v1.1.1 h1:b=\n"
        b"github.com/davecgh/go-spew v1.1.1/go.mod h1:c=\n"
        b"github.com/pmezard/go-difflib v1.0.0 h1:d=\n"
        b"github.com/sirupsen/logrus v1.9.3 h1:e=\n"
        b"github.com/stretchr/objx v0.1.0/go.mod h1:f=\n"
        b"github.com/stretchr/testify v1.7.0 h1:g=\n"
        b"golang.org/x/sys v0.0.0-20220715151400-c0bba94af5f8 h1:h=\n"
        b"gopkg.in/yaml.v3 v3.0.0-20200313102051-9f266ea9e77c h1:i=\n"
    },
    "with-parent.xml": {
        "parent/pom.xml": b"<project><groupId>org.local</groupId><artifactId>parent-pom</artifactId>"
        b"<version>1.0</version><packaging>pom</packaging><dependencies><dependency><groupId>org.dave</groupId>"
        b"<artifactId>dave</artifactId><version>4.0.0</version></dependency></dependencies></project>"
    },
}


def cases() -> list[dict[str, object]]:
    index = FIXTURES / "index.json"
    if not index.exists():
        return []
    return [case for case in json.loads(index.read_text()) if case["kind"] in KINDS]


def in_memory(path: str, data: bytes, beside: dict[str, bytes]) -> SourceFile:
    import io

    def sibling(name: str) -> SourceFile | None:
        return in_memory(name, beside[name], beside) if name in beside else None

    return SourceFile(path, len(data), lambda: io.BytesIO(data), siblings=sibling)


@pytest.mark.skipif(not FIXTURES.exists(), reason="the shared data are not on this machine")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["path"])
def test_a_fixture_yields_exactly_the_expected_packages(case: dict[str, object]) -> None:
    extractor, name = KINDS[str(case["kind"])]
    path = FIXTURES / str(case["path"])
    file = in_memory(name or path.name, path.read_bytes(), BESIDE.get(path.name, {}))
    found = [fact.component for fact in extractor.extract(file) if isinstance(fact, Package)]
    assert sorted((item.name, item.version, str(item.ecosystem)) for item in found) == sorted(
        (item["name"], item["version"], item["type"]) for item in case["expected"]
    )
