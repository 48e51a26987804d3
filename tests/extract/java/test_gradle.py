"""Gradle's files beyond the shared fixtures."""

import io

import pytest

from assay.errors import Unreadable
from assay.extract.contract import Extractor
from assay.extract.java.gradle import GradleLock, GradleVerification
from assay.model.tree import SourceFile


def read(extractor: Extractor, path: str, data: bytes) -> list[tuple[str, str, bool]]:
    facts = extractor.extract(SourceFile(path, len(data), lambda: io.BytesIO(data)))
    return [(fact.component.name, fact.component.version, fact.dev) for fact in facts]


def test_what_only_tests_and_tools_need_is_for_development() -> None:
    data = b"# lock\na:b:1=runtimeClasspath,testRuntimeClasspath\nc:d:2=testCompileClasspath\ne:f:3=annotationProcessor\n::=x\n"
    assert read(GradleLock(), "app/gradle.lockfile", data) == [
        ("a:b", "1", False),
        ("c:d", "2", True),
        ("e:f", "3", True),
    ]


def test_what_the_build_script_needs_is_for_development() -> None:
    assert read(GradleLock(), "buildscript-gradle.lockfile", b"a:b:1=classpath\n") == [("a:b", "1", True)]


@pytest.mark.parametrize("data", [b"", b"<other/>", b"\x00"])
def test_what_is_no_verification_metadata_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(GradleVerification(), "gradle/verification-metadata.xml", data)
