"""All extractors, in one place; a test asserts that every extractor class is listed here."""

from functools import cache
from importlib import import_module

from assay.extract.contract import Extractor

INSTALLED = (
    "apk:Apk",
    "dpkg:Dpkg",
    "dpkg_chisel:Chisel",
    "opkg:Opkg",
    "osrelease:OsReleaseFiles",
    "rpm.bottlerocket:Bottlerocket",
    "rpm.extractor:Rpm",
    "rpm.manifest:RpmManifest",
    "sbom.extractor:SbomFiles",
    "binary.executable:Executable",
    "dotnet.deps:DotnetDeps",
    "java.jar:JavaArchive",
    "javascript.installed:NodeInstalled",
    "php.composer:ComposerInstalled",
    "python.conda:CondaInstalled",
    "python.installed:PythonInstalled",
    "ruby.gemspec:GemInstalled",
)
"""What is installed: package databases, installed metadata, archives, binaries. One row per extractor class."""

DECLARED = (
    "conan:ConanLock",
    "conan:ConanRecipe",
    "dart:PubspecLock",
    "dotnet.lock:NugetAssets",
    "dotnet.lock:NugetLock",
    "dotnet.project:DotnetProject",
    "dotnet.project:PackagesConfig",
    "elixir:MixLock",
    "golang.modfile:GoModule",
    "java.gradle:GradleLock",
    "java.gradle:GradleVerification",
    "java.maven:MavenProject",
    "javascript.bun:BunLock",
    "javascript.deno:DenoLock",
    "javascript.npm_lock:NpmLock",
    "javascript.pnpm:PnpmLock",
    "javascript.yarn:YarnLock",
    "php.composer:ComposerLock",
    "python.pdm:PdmLock",
    "python.pipenv:PipfileLock",
    "python.poetry:PoetryLock",
    "python.pylock:Pylock",
    "python.requirements:PythonRequirements",
    "python.uv:UvLock",
    "ruby.bundler:GemfileLock",
    "rust.cargolock:CargoLock",
    "swift:SwiftResolved",
)
"""What is declared: manifests and lock files. In a root with an operating system they prove nothing, so the merge
drops their packages there. One row per extractor class.
"""


@cache
def installed() -> tuple[Extractor, ...]:
    """Extractors of what is installed."""
    return tuple(_load(row) for row in INSTALLED)


@cache
def declared() -> tuple[Extractor, ...]:
    """Extractors of what is declared."""
    return tuple(_load(row) for row in DECLARED)


def all_extractors() -> tuple[Extractor, ...]:
    """Every extractor, installed ones first."""
    return installed() + declared()


def _load(row: str) -> Extractor:
    module, _, name = row.partition(":")
    found: Extractor = getattr(import_module(f"assay.extract.{module}"), name)()
    return found
