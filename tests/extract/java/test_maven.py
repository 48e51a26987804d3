"""pom.xml beyond the shared fixtures."""

import io

import pytest

from assay.errors import LimitExceeded, Unreadable
from assay.extract.contract import Problem
from assay.extract.java.maven import MavenProject
from assay.extract.java.pom import interpolate
from assay.model.component import Package
from assay.model.tree import SourceFile


def read(files: dict[str, str], path: str = "app/pom.xml") -> list[tuple[str, str, bool]]:
    def source(name: str) -> SourceFile | None:
        if name not in files:
            return None
        data = files[name].encode()
        return SourceFile(name, len(data), lambda: io.BytesIO(data), siblings=source)

    file = source(path)
    assert file is not None
    return [
        (fact.component.name, fact.component.version, fact.dev)
        if isinstance(fact, Package)
        else ("!", fact.message if isinstance(fact, Problem) else "", False)
        for fact in MavenProject().extract(file)
    ]


def dependency(artifact: str, version: str = "", scope: str = "", group: str = "g") -> str:
    return (
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version><scope>{scope}</scope></dependency>"
    )


def project(*dependencies: str, head: str = "<groupId>org.app</groupId><artifactId>app</artifactId>") -> str:
    return (
        f'<project xmlns="http://maven.apache.org/POM/4.0.0">{head}<dependencies>{"".join(dependencies)}</dependencies>'
        "</project>"
    )


def test_test_and_provided_dependencies_are_for_development() -> None:
    text = project(dependency("a", "1", "compile"), dependency("b", "2", "test"), dependency("c", "3", "provided"))
    assert read({"app/pom.xml": text}) == [("g:a", "1", False), ("g:b", "2", True), ("g:c", "3", True)]


def test_parents_beside_it_give_versions_scopes_variables_and_dependencies() -> None:
    parent = "<parent><groupId>org.app</groupId><artifactId>parent</artifactId><version>5</version></parent>"
    grand = "<parent><groupId>org.app</groupId><artifactId>grand</artifactId><relativePath>up</relativePath></parent>"
    managed = (
        "<dependencyManagement><dependencies>"
        + dependency("m", "${m.version}", "test")
        + "</dependencies></dependencyManagement>"
    )
    files = {
        "app/web/pom.xml": project(
            dependency("m"),
            dependency("own", "${project.version}", group="${project.groupId}"),
            dependency("up", "${project.parent.version}"),
            head=f"{parent}<artifactId>web</artifactId>",
        ),
        "app/pom.xml": project(
            dependency("inherited", "${far}"), head=f"{grand}<artifactId>parent</artifactId>{managed}"
        ),
        "app/up/pom.xml": project(
            head="<artifactId>grand</artifactId><properties><far>7</far><m.version>4</m.version></properties>"
        ),
    }
    assert read(files, "app/web/pom.xml") == [
        ("g:m", "4", True),
        ("org.app:own", "5", False),
        ("g:up", "5", False),
        ("g:inherited", "7", False),
    ]


def test_another_project_in_the_parents_place_is_not_the_parent() -> None:
    parent = "<parent><groupId>org.far</groupId><artifactId>far</artifactId><version>1</version></parent>"
    files = {"app/pom.xml": project(dependency("a", "${v}"), head=parent), "pom.xml": project(dependency("no", "1"))}
    assert read(files) == [("g:a", "", False)]


def test_an_empty_relative_path_and_circles_end_the_search() -> None:
    here = (
        "<parent><artifactId>app</artifactId><relativePath>pom.xml</relativePath></parent><artifactId>app</artifactId>"
    )
    nowhere = "<parent><artifactId>x</artifactId><relativePath/></parent><artifactId>app</artifactId>"
    assert read({"app/pom.xml": project(dependency("a", "1"), head=here)}) == [("g:a", "1", False)]
    assert read({"app/pom.xml": project(dependency("a", "1"), head=nowhere), "pom.xml": ""}) == [("g:a", "1", False)]


def test_a_broken_parent_is_a_problem() -> None:
    parent = "<parent><artifactId>x</artifactId></parent><artifactId>app</artifactId>"
    found = read({"app/pom.xml": project(dependency("a", "1"), head=parent), "pom.xml": "<project>"})
    assert found[0] == ("g:a", "1", False)
    assert found[1][1].startswith("its parent pom.xml cannot be read: not XML")


@pytest.mark.parametrize(
    ("version", "expected"),
    [("[1.0,2.0)", "1.0"), ("[1.5]", "1.5"), ("(,2.0]", ""), ("1.0", "1.0"), ("${nowhere}", ""), ("", "")],
)
def test_of_a_range_the_lower_bound_counts(version: str, expected: str) -> None:
    assert read({"app/pom.xml": project(dependency("a", version))}) == [("g:a", expected, False)]


def test_a_name_with_an_unknown_variable_is_a_problem() -> None:
    assert read({"app/pom.xml": project(dependency("${x}", "1"))}) == [
        ("!", "1 entries that cannot be used: g:${x}", False)
    ]


def test_profiles_count_when_they_are_active_by_default() -> None:
    def profile(artifact: str, active: str) -> str:
        return (
            f"<profile><activation><activeByDefault>{active}</activeByDefault></activation>"
            f"<dependencies>{dependency(artifact, '1')}</dependencies></profile>"
        )

    text = f"<project><profiles>{profile('on', 'true')}{profile('off', 'false')}</profiles></project>"
    assert read({"app/pom.xml": text}) == [("g:on", "1", False)]


def test_variables_that_explode_or_circle_stay_as_they_are() -> None:
    assert interpolate("${a}", {"a": "${b}", "b": "${a}"}) in ("${a}", "${b}")
    bomb = {f"v{index}": f"${{v{index + 1}}}" * 10 for index in range(20)}
    assert len(interpolate("${v0}", bomb)) <= 1024
    assert interpolate("x" * 2000 + "${a}", {"a": "b"}).endswith("${a}")


@pytest.mark.parametrize("text", ["", "<html/>", "<project", '<!DOCTYPE p [<!ENTITY a "b">]><project>&a;</project>'])
def test_what_is_no_project_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read({"app/pom.xml": text})


def test_xml_of_very_many_elements_is_not_built() -> None:
    with pytest.raises(LimitExceeded):
        read({"app/pom.xml": "<project>" + "<a/>" * 700_000 + "</project>"})


def test_deep_nesting_is_survived() -> None:
    assert read({"app/pom.xml": "<project>" + "<a>" * 100_000 + "</a>" * 100_000 + "</project>"}) == []
