"""Gradle's lock files and its dependency verification metadata."""

from collections.abc import Iterator

from assay.errors import Unreadable
from assay.extract.contract import Fact, Wants
from assay.extract.listing import Listing
from assay.extract.xmltree import attribute, child, children, local, read_xml
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_NOT_SHIPPED = ("test", "annotationProcessor", "kapt", "ksp", "developmentOnly", "checkstyle", "jacoco", "pmd")


class GradleLock:
    """``gradle.lockfile``: lines ``group:artifact:version=configurations``.

    https://docs.gradle.org/current/userguide/dependency_locking.html. Needed for development only is what no other
    configuration than those of tests and tools holds, and everything that the build script itself needs.
    """

    name = "gradle-lock"
    version = 1
    wants = Wants(names=frozenset({"gradle.lockfile", "buildscript-gradle.lockfile"}))
    max_size = 16 << 20
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        listing = Listing(self.name, Ecosystem.MAVEN, file.path)
        of_build = file.path.rpartition("/")[2].startswith("buildscript-")
        for line in file.read().decode("utf-8", "replace").splitlines():
            coordinates, mark, configurations = line.strip().partition("=")
            parts = coordinates.split(":")
            if mark and len(parts) == 3 and all(parts):
                dev = of_build or all(name.startswith(_NOT_SHIPPED) for name in configurations.split(","))
                listing.add(f"{parts[0]}:{parts[1]}", parts[2], dev=dev)
        yield from listing.facts()


class GradleVerification:
    """``gradle/verification-metadata.xml``: everything a build may download.

    https://docs.gradle.org/current/userguide/dependency_verification.html. A component whose group, name or version
    is missing, which Gradle refuses, keeps an empty one.
    """

    name = "gradle-verification"
    version = 1
    wants = Wants(names=frozenset({"verification-metadata.xml"}))
    max_size = 32 << 20
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        root = read_xml(file.read())
        if local(root) != "verification-metadata":
            raise Unreadable(f"not verification metadata: its root element is {local(root)[:80]!r}")
        listing = Listing(self.name, Ecosystem.MAVEN, file.path)
        for component in children(child(root, "components"), "component"):
            group, name = attribute(component, "group"), attribute(component, "name")
            listing.add(f"{group}:{name}", attribute(component, "version"))
        yield from listing.facts()
