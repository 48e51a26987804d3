"""Java archives: what they are, what was built into them, and what lies nested in them."""

import io
import struct

import pytest

from assay.extract.contract import Fact, Problem
from assay.extract.java.jar import ArchiveLimits, JavaArchive
from assay.model.tree import SourceFile


def test_a_maven_jar_is_what_its_properties_say(jar, pom, packages) -> None:
    data = jar({**pom("com.google.guava", "guava", "31.1-jre"), "com/google/A.class": b"x"})
    assert packages("lib/guava-31.1-jre.jar", data) == [
        ("com.google.guava:guava", "31.1-jre", "lib/guava-31.1-jre.jar")
    ]


def test_a_shaded_jar_is_the_artifact_that_fits_its_name_and_holds_the_others(jar, pom, packages) -> None:
    data = jar(
        {
            **pom("commons-io", "commons-io", "2.11.0"),
            **pom("com.example", "tool", "1.0"),
            **pom("org.slf4j", "slf4j-api", "1.7.36"),
        }
    )
    assert packages("opt/tool-1.0-all.jar", data) == [
        ("com.example:tool", "1.0", "opt/tool-1.0-all.jar"),
        (
            "commons-io:commons-io",
            "2.11.0",
            "opt/tool-1.0-all.jar!/META-INF/maven/commons-io/commons-io/pom.properties",
        ),
        ("org.slf4j:slf4j-api", "1.7.36", "opt/tool-1.0-all.jar!/META-INF/maven/org.slf4j/slf4j-api/pom.properties"),
    ]


def test_a_jar_that_none_of_its_properties_fits_is_one_package_more(jar, pom, packages) -> None:
    one = jar(pom("org.apache.commons", "commons-compress", "1.26.2"))
    assert packages("elasticsearch-8.11.1.jar", one) == [
        ("org.elasticsearch:elasticsearch", "8.11.1", "elasticsearch-8.11.1.jar"),
        (
            "org.apache.commons:commons-compress",
            "1.26.2",
            "elasticsearch-8.11.1.jar!/META-INF/maven/org.apache.commons/commons-compress/pom.properties",
        ),
    ]
    two = jar({**pom("a.b", "c", "1"), **pom("d.e", "f", "2")})
    assert [name for name, _, _ in packages("app.jar", two)] == ["a.b:c", "d.e:f"]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("renamed.jar", []),
        ("my-commons-io-9.9.jar", []),
        ("io-2.11.0.jar", []),
        ("x_1.0.jar", ["Bundle-SymbolicName: commons-io;singleton:=true"]),
        ("x_1.0.jar", ["Bundle-SymbolicName: org.example.commons-io"]),
        ("x_1.0.jar", ["Bundle-SymbolicName: org.example"]),
    ],
)
def test_a_renamed_jar_is_still_recognised_by_its_only_properties(jar, pom, mf, packages, name, lines) -> None:
    data = jar({**mf(*lines), **pom("org.example", "commons-io", "2.11.0")})
    assert packages(name, data) == [("org.example:commons-io", "2.11.0", name)]


def test_nested_archives_are_found_at_any_place_and_depth(jar, pom, packages) -> None:
    library = jar(pom("g", "inner", "1"))
    war = jar({"WEB-INF/lib/inner-1.jar": library, **pom("g", "web", "2")})
    ear = jar({"web.war": war, "lib/other-3.jar": jar({})}, stored=True)
    assert packages("deploy/app.ear", ear) == [
        ("g:web", "2", "deploy/app.ear!/web.war"),
        ("g:inner", "1", "deploy/app.ear!/web.war!/WEB-INF/lib/inner-1.jar"),
        ("other:other", "3", "deploy/app.ear!/lib/other-3.jar"),
    ]


def test_large_nested_archives_go_through_a_temporary_file(jar, pom, packages) -> None:
    noise = bytes(range(256)) * 40_000
    inner = jar({"noise": noise, **pom("g", "inner", "1")}, stored=True)
    assert len(inner) > 8 << 20
    assert packages("a.jar", jar({"lib/inner.jar": inner})) == [("g:inner", "1", "a.jar!/lib/inner.jar")]


def test_pom_files_stand_in_where_properties_are_missing(jar, packages) -> None:
    pom = """<project xmlns="http://maven.apache.org/POM/4.0.0"><parent><groupId>g</groupId><artifactId>p</artifactId>
      <version>4.5</version></parent><artifactId>a</artifactId><licenses><license><name>MIT</name></license></licenses></project>"""
    assert packages("a.jar", jar({"META-INF/maven/g/a/pom.xml": pom})) == [("g:a", "4.5", "a.jar")]
    broken = jar({"META-INF/maven/g/a/pom.xml": "<project"})
    assert packages("a-1.1.jar", broken) == [("g:a", "1.1", "a-1.1.jar")]
    assert packages("b.jar", broken) == []
    variable = jar({"META-INF/maven/g/a/pom.xml": "<project><version>${revision}</version></project>"})
    assert packages("a-1.2.jar", variable) == [("g:a", "1.2", "a-1.2.jar")]


def test_properties_without_a_version_take_that_of_the_name(jar, packages) -> None:
    data = jar({"META-INF/maven/g/a/pom.properties": "groupId=g\nartifactId=a\nversion=${project.version}\n"})
    assert packages("a-7.jar", data) == [("g:a", "7", "a-7.jar")]
    assert packages("c.jar", data) == []


def test_licences_come_from_the_manifest_or_the_pom(jar, mf, pom, facts) -> None:
    lines = 'Bundle-License: "Apache-2.0";link="https://a.example/x,y", https://b.example/MIT'
    (package,) = facts("a-1.jar", jar({**mf(lines), **pom("g", "a", "1")}))
    assert package.licenses == ("Apache-2.0", "https://b.example/MIT")
    (package,) = facts("a-1.jar", jar(mf("Bundle-License: Apache License, Version 2.0")))
    assert package.licenses == ("Apache License, Version 2.0",)
    (package,) = facts("a-1.jar", jar(mf("Bundle-License: <<EXTERNAL>>")))
    assert package.licenses == ()
    pom_xml = (
        "<project><version>1</version><licenses><license><name>MIT</name></license><license/></licenses></project>"
    )
    (package,) = facts("a-1.jar", jar({"META-INF/maven/g/a/pom.xml": pom_xml}))
    assert package.licenses == ("MIT",)


def test_what_is_empty_or_says_nothing_yields_nothing(jar, facts) -> None:
    assert facts("a.jar", b"") == []
    assert facts("a.jar", jar({})) == []
    assert facts("app.jar", jar({"A.class": b"x", "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n"})) == []


def test_archives_are_wanted_by_their_extension() -> None:
    wanted = JavaArchive.wants.extensions
    assert {".jar", ".war", ".ear", ".hpi", ".nar"} <= wanted
    assert ".aar" not in wanted


def test_a_broken_nested_archive_is_a_problem_and_the_rest_stands(jar, pom, facts) -> None:
    package, problem = facts("a.jar", jar({"lib/b.jar": b"not a zip", **pom("g", "a", "1")}))
    assert package.component.name == "g:a"
    assert problem == Problem("a.jar!/lib/b.jar: no zip archive: the end of its directory is missing")


def test_nesting_has_an_end(jar, pom, facts) -> None:
    data = jar(pom("g", "a", "1"))
    for _ in range(20):
        data = jar({"n.jar": data})
    (problem,) = facts("n.jar", data)
    assert problem.kind == "limit"
    assert "nested more than 16 deep" in problem.message


def test_ten_levels_are_within_the_limit(jar, pom, packages) -> None:
    data = jar(pom("g", "a", "1"))
    for _ in range(10):
        data = jar({"n.jar": data})
    assert packages("n.jar", data) == [("g:a", "1", "n.jar" + "!/n.jar" * 10)]


def limited(data: bytes, limits: ArchiveLimits) -> list[Fact]:
    return list(JavaArchive(limits).extract(SourceFile("a.jar", len(data), lambda: io.BytesIO(data))))


def test_a_bomb_stops_at_the_byte_budget(jar, pom) -> None:
    bomb = jar({"zeros": b"\0" * (1 << 20)}, stored=True)
    data = jar({f"lib/{index}.jar": bomb for index in range(8)} | pom("g", "a", "1"))
    package, *problems = limited(data, ArchiveLimits(unpacked=3 << 20))
    assert package.component.name == "g:a"
    assert [problem.kind for problem in problems] == ["limit"] * 6
    assert problems[0].message == "a.jar!/lib/2.jar: not read: nested archives of more than 3145728 bytes"


def test_a_directory_with_too_many_members_is_read_in_part(jar, pom) -> None:
    members = {f"{index}.txt": b"" for index in range(10)}
    problem, package = limited(jar({**pom("g", "a", "1"), **members}), ArchiveLimits(members=3))
    assert package.component.name == "g:a"
    assert problem == Problem("a.jar: the archive's directory was read for 3 members only", "limit")


def test_metadata_of_absurd_size_is_not_read(jar, facts) -> None:
    (problem,) = facts("a.jar", jar({"META-INF/MANIFEST.MF": b"A: b\n" * 1_000_000}))
    assert problem.kind == "limit"


def test_encrypted_metadata_is_a_problem(jar, pom, facts) -> None:
    data = bytearray(jar(pom("g", "a", "1")))
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, at + 8, 1)
    (problem,) = facts("a.jar", bytes(data))
    assert "is encrypted" in problem.message


def test_shaded_copies_of_one_artifact_are_listed_once(jar, pom, packages) -> None:
    data = jar(
        {**pom("g", "a", "1"), "shadow/META-INF/maven/g/a/pom.properties": "groupId=g\nartifactId=a\nversion=1\n"}
    )
    assert packages("a-1.jar", data) == [("g:a", "1", "a-1.jar")]


def test_many_problems_are_summed_up(jar, facts) -> None:
    found = facts("a.jar", jar({f"{index}.jar": b"no zip" for index in range(30)}))
    assert len(found) == 21
    assert found[-1] == Problem("10 more members could not be read")


def test_an_archive_of_archives_that_share_their_bytes_ends_soon(jar) -> None:
    inner = jar({"n.jar": b"x"}, stored=True)
    for _ in range(12):
        inner = jar({f"{index}.jar": inner for index in range(2)}, stored=True)
    found = limited(inner, ArchiveLimits(unpacked=8 << 20))
    assert {fact.kind for fact in found} == {"limit", "unreadable"}
