"""How an archive without Maven's properties is identified."""

import pytest

from assay.extract.java.filename import Coordinates, from_repository, split_name
from assay.extract.java.groups import known_group
from assay.extract.java.identity import group_of, own_coordinates
from assay.extract.java.manifest import parse_manifest, parse_properties


@pytest.mark.parametrize(
    ("stem", "artifact", "version"),
    [
        ("yolo-1.2.3", "yolo", "1.2.3"),
        ("the-yolo-package-1.2.3", "the-yolo-package", "1.2.3"),
        ("yolo-1.2.3-jre", "yolo", "1.2.3-jre"),
        ("the-yolo-package_1.2.3-jre", "the-yolo-package", "1.2.3-jre"),
        ("the-yolo-package.1.2.3-jre", "the-yolo-package", "1.2.3-jre"),
        ("mockito-4-2_3-3.2.12.0-RC2", "mockito-4-2_3", "3.2.12.0-RC2"),
        ("yolo-build1.2.3", "yolo", "build1.2.3"),
        ("yolo-buildasd-1.2.3", "yolo-buildasd", "1.2.3"),
        ("yolo-r12", "yolo", "r12"),
        ("jcsp-core-rc4", "jcsp-core", "rc4"),
        ("log4j-1.2-api-2.17.1", "log4j-1.2-api", "2.17.1"),
        ("kafka_2.13-3.7.0", "kafka_2.13", "3.7.0"),
        ("ammonite_2.13.18-3.0.8", "ammonite_2.13.18", "3.0.8"),
        ("snapshot-1.0-20240101.123456-1", "snapshot", "1.0-20240101.123456-1"),
        ("netty-transport-native-epoll-4.1.100.Final-linux-x86_64", "netty-transport-native-epoll", "4.1.100.Final"),
        ("commons-io-2.11.0-sources", "commons-io", "2.11.0"),
        ("jline-3.29.0-jdk8", "jline", "3.29.0"),
        ("orc-core-2.3.0-shaded-protobuf", "orc-core", "2.3.0"),
        ("org.eclipse.jdt.core_3.12.0.v20160516-2131", "org.eclipse.jdt.core", "3.12.0.v20160516-2131"),
        ("app", "app", ""),
        ("", "", ""),
    ],
)
def test_a_file_name_is_split_into_artifact_and_version(stem: str, artifact: str, version: str) -> None:
    assert split_name(stem) == (artifact, version)


def test_the_directories_of_a_repository_are_proof() -> None:
    assert from_repository("root/.m2/repository/org/apache/ant/ant/1.10.15/ant-1.10.15.jar") == Coordinates(
        "org.apache.ant", "ant", "1.10.15"
    )
    gradle = "root/.gradle/caches/modules-2/files-2.1/org.ow2.asm/asm/9.6/aa205cf0a06dbd8e04ece91c0b37c3f5d567546a/asm-9.6.jar"
    assert from_repository(gradle) == Coordinates("org.ow2.asm", "asm", "9.6")
    assert from_repository("opt/app/lib/asm-9.6.jar") is None
    assert from_repository("srv/repository/asm/9.6/asm-9.6.jar") is None
    assert from_repository("a.jar") is None


@pytest.mark.parametrize(
    ("artifact", "version", "group"),
    [
        ("spring-web", "5.3.26", "org.springframework"),
        ("spring-boot-autoconfigure", "3.2.0", "org.springframework.boot"),
        ("spring-security-oauth2", "2.5.0", "org.springframework.security.oauth"),
        ("asm", "3.3.1", "asm"),
        ("asm", "9.6", "org.ow2.asm"),
        ("rxjava", "1.3.8", "io.reactivex"),
        ("rxjava", "3.1.0", "io.reactivex.rxjava3"),
        ("groovy-json", "4.0.0", "org.apache.groovy"),
        ("tomcat-embed-core", "9.0.80", "org.apache.tomcat.embed"),
        ("some-artifact", "1", ""),
        ("okhttp", "x", "com.squareup.okhttp"),
    ],
)
def test_the_group_of_a_known_artifact(artifact: str, version: str, group: str) -> None:
    assert known_group(artifact, version) == group


@pytest.mark.parametrize(
    ("artifact", "attributes", "group"),
    [
        ("tool", {"implementation-vendor-id": "com.example.tools"}, "com.example.tools"),
        ("tool", {"implementation-vendor-id": "org.apache"}, "tool"),
        ("tool", {"implementation-vendor-id": "The Example Company"}, "tool"),
        ("tool", {"bundle-symbolicname": "com.example.tool;singleton:=true"}, "com.example"),
        ("tool", {"bundle-symbolicname": "org.tool"}, "org.tool"),
        ("tool", {"bundle-symbolicname": "tool"}, "tool"),
        ("org.eclipse.sisu.inject", {"bundle-symbolicname": "org.eclipse.sisu.inject"}, "org.eclipse.sisu"),
        ("javax.thing", {}, "javax.thing"),
        ("a.thing", {}, "a.thing"),
        ("tool", {}, "tool"),
    ],
)
def test_the_group_is_guessed_only_by_rule(artifact: str, attributes: dict[str, str], group: str) -> None:
    assert group_of(artifact, "1.0", attributes) == group


@pytest.mark.parametrize(
    ("filename", "attributes", "expected"),
    [
        ("a-1.0.jar", {"implementation-version": "2.0"}, Coordinates("a", "a", "1.0")),
        ("a.jar", {"implementation-version": "2.0 b7 2020-01-01"}, Coordinates("a", "a", "2.0")),
        ("a.jar", {"implementation-version": "${v}", "bundle-version": "3.1"}, Coordinates("a", "a", "3.1")),
        ("a.jar", {"specification-version": "1.1"}, Coordinates("a", "a", "1.1")),
        ("a-3.x.jar", {"implementation-version": "3.4"}, Coordinates("a", "a", "3.4")),
        ("a.jar", {"implementation-version": "snapshot"}, None),
        ("my app-1.0.jar", {}, None),
        (
            "catalina.jar",
            {"implementation-title": "Apache Tomcat", "implementation-version": "9.0.80"},
            Coordinates("org.apache.tomcat", "tomcat-catalina", "9.0.80"),
        ),
        (
            "git.hpi",
            {"short-name": "git", "plugin-version": "5.2.0 (private-1)"},
            Coordinates("org.jenkins-ci.plugins", "git", "5.2.0"),
        ),
        (
            "x.jpi",
            {"extension-name": "x", "group-id": "io.jenkins.plugins", "plugin-version": "1.0"},
            Coordinates("io.jenkins.plugins", "x", "1.0"),
        ),
        ("x-2.hpi", {}, Coordinates("x", "x", "2")),
        (
            "n.nar",
            {"nar-id": "nifi-aws-nar", "nar-group": "org.apache.nifi", "nar-version": "1.2"},
            Coordinates("org.apache.nifi", "nifi-aws-nar", "1.2"),
        ),
        ("t.jar", {"implementation-title": "org.example#t;4.5"}, Coordinates("org.example", "t", "4.5")),
    ],
)
def test_name_and_manifest_together(filename: str, attributes: dict[str, str], expected: Coordinates | None) -> None:
    assert own_coordinates(filename, attributes, (), None) == expected


def test_the_repository_outranks_everything() -> None:
    proof = Coordinates("g", "a", "1")
    assert own_coordinates("a-2.jar", {}, [Coordinates("g", "a", "2")], proof) == proof


def test_manifest_lines_continue_and_sections_end() -> None:
    data = b"\xef\xbb\xbfManifest-Version: 1.0\r\nBundle-Name: a long \r\n name\r\nX\r\n\r\nName: org/b/\r\nBundle-Name: other\r\n"
    assert parse_manifest(data) == {"manifest-version": "1.0", "bundle-name": "a long name"}


def test_the_implementation_may_stand_in_the_first_package_section() -> None:
    data = (
        b"Manifest-Version: 1.0\nCreated-By: Ant\n\nName: org/x\n\nName: org/apache/axis\n"
        b"Implementation-Title: Apache Axis\nImplementation-Version: 1.4 1855 April 22 2006\nSealed: true\n"
    )
    attributes = parse_manifest(data)
    assert attributes["implementation-version"] == "1.4 1855 April 22 2006"
    assert "sealed" not in attributes


def test_properties_are_pairs_and_comments_are_not() -> None:
    assert parse_properties(b"# groupId=no\n!x=y\n\nversion = 1.0 \nnothing\nversion=2\n") == {"version": "1.0"}
