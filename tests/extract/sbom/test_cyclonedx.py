"""CycloneDX documents, JSON and XML, of all versions and of the tools that write most of them."""

import json
from typing import Any

import pytest
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Made
from cyclonedx.model.component import ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from assay.errors import LimitExceeded, Unreadable
from assay.extract.sbom import read_sbom
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.inventory import OperatingSystem

VERSIONS = [version for version in SchemaVersion if version >= SchemaVersion.V1_2]


def document(*components: dict[str, Any], **more: Any) -> bytes:
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": list(components), **more}
    return json.dumps(bom).encode()


def library(purl: str, **more: Any) -> dict[str, Any]:
    return {"type": "library", "name": "n", "purl": purl, **more}


def properties(**pairs: str) -> list[dict[str, str]]:
    return [{"name": name.replace("__", ":"), "value": value} for name, value in pairs.items()]


def components(data: bytes) -> list[Component]:
    return [package.component for package in read_sbom(data).packages]


def made_by_the_library() -> Bom:
    inner = Made(name="inner", version="2", purl=PackageURL("npm", None, "inner", "2"), type=ComponentType.LIBRARY)
    outer = Made(
        name="outer",
        version="1",
        purl=PackageURL("npm", "@scope", "outer", "1"),
        type=ComponentType.LIBRARY,
        licenses=[DisjunctiveLicense(id="MIT")],
        components=[inner],
    )
    tests = Made(
        name="mocha",
        version="3",
        purl=PackageURL("npm", None, "mocha", "3"),
        type=ComponentType.LIBRARY,
        scope=ComponentScope.EXCLUDED,
    )
    openssl = Made(
        name="libssl3",
        version="3.0.11-1",
        purl=PackageURL("deb", "debian", "libssl3", "3.0.11-1", {"arch": "amd64", "upstream": "openssl"}),
        type=ComponentType.LIBRARY,
        properties=[Property(name="syft:location:0:path", value="/var/lib/dpkg/status")],
    )
    system = Made(name="debian", version="12", type=ComponentType.OPERATING_SYSTEM)
    bom = Bom(components=[outer, tests, openssl, system])
    bom.metadata.component = Made(
        name="app", version="9", purl=PackageURL("npm", None, "app", "9"), type=ComponentType.APPLICATION
    )
    bom.register_dependency(bom.metadata.component, [outer, tests, openssl, system])
    return bom


@pytest.mark.parametrize("format_", [OutputFormat.JSON, OutputFormat.XML])
@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_every_version_is_read_in_json_and_xml(version: SchemaVersion, format_: OutputFormat) -> None:
    found = read_sbom(make_outputter(made_by_the_library(), format_, version).output_as_string().encode())
    assert found.format == f"CycloneDX {version.to_version()}"
    assert found.os == OperatingSystem("debian", "12", name="debian", scope="debian:12")
    assert found.problems == ()
    has_properties = version >= SchemaVersion.V1_3
    source = Component(Ecosystem.DEB, "libssl3", "3.0.11-1", "debian:12", "amd64", "openssl", "3.0.11-1")
    assert sorted(found.packages) == sorted(
        [
            Package(Component(Ecosystem.NPM, "app", "9"), extractor="sbom"),
            Package(Component(Ecosystem.NPM, "inner", "2"), extractor="sbom"),
            Package(Component(Ecosystem.NPM, "@scope/outer", "1"), extractor="sbom", licenses=("MIT",)),
            Package(Component(Ecosystem.NPM, "mocha", "3"), extractor="sbom", dev=True),
            Package(source, "var/lib/dpkg/status" if has_properties else "", extractor="sbom"),
        ]
    )


def test_tools_and_recipes_in_xml_are_no_components() -> None:
    data = b"""<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">
  <metadata>
    <tools><components><component type="application"><name>t</name><purl>pkg:npm/tool@1</purl></component></components></tools>
    <component type="application" bom-ref="x"><name>app</name></component>
  </metadata>
  <components>
    <component type="library">
      <supplier><name>S</name></supplier><name>a</name><version>1</version>
      <licenses><expression>MIT OR Apache-2.0</expression></licenses>
      <purl>pkg:pypi/a@1</purl>
      <pedigree><ancestors><component type="library"><name>o</name><purl>pkg:npm/old@1</purl></component></ancestors></pedigree>
      <evidence><occurrences><occurrence><location>/x/a</location></occurrence><occurrence><location>y/a</location></occurrence></occurrences></evidence>
      <properties><property name="assay:layer">sha256:1</property><property/></properties>
    </component>
  </components>
  <formulation><formula><components><component type="library"><name>f</name><purl>pkg:npm/f@1</purl></component></components></formula></formulation>
</bom>"""
    component = Component(Ecosystem.PYPI, "a", "1")
    assert read_sbom(data).packages == (
        Package(component, "x/a", "sha256:1", extractor="sbom", licenses=("MIT OR Apache-2.0",)),
        Package(component, "y/a", "sha256:1", extractor="sbom", licenses=("MIT OR Apache-2.0",)),
    )


def test_syfts_words_for_place_system_and_source_are_understood() -> None:
    data = document(
        library(
            "pkg:rpm/redhat/bind-libs@9.16.23-5.el9_1?arch=x86_64&distro=rhel-9.1&epoch=32"
            "&upstream=bind-9.16.23-5.el9_1.src.rpm",
            publisher="Red Hat, Inc.",
            properties=properties(
                syft__location__0__path="/var/lib/rpm/rpmdb.sqlite", syft__location__0__layerID="sha256:aa"
            ),
        ),
        {
            "type": "operating-system",
            "name": "rhel",
            "version": "9",
            "properties": properties(
                syft__distro__id="rhel",
                syft__distro__versionID="9.1",
                syft__distro__prettyName="Red Hat Enterprise Linux 9.1 (Plow)",
            ),
        },
    )
    found = read_sbom(data)
    assert found.os == OperatingSystem("rhel", "9.1", name="Red Hat Enterprise Linux 9.1 (Plow)", scope="rhel:9")
    assert found.packages == (
        Package(
            Component(
                Ecosystem.RPM,
                "bind-libs",
                "32:9.16.23-5.el9_1",
                "rhel:9",
                "x86_64",
                "bind",
                "32:9.16.23-5.el9_1",
                vendor="Red Hat, Inc.",
            ),
            "var/lib/rpm/rpmdb.sqlite",
            "sha256:aa",
            extractor="sbom",
        ),
    )


@pytest.mark.parametrize(
    ("purl", "pairs", "source"),
    [
        ("pkg:deb/debian/a@1", {"syft__metadata__source": "s", "syft__metadata__sourceVersion": "2"}, ("s", "2")),
        ("pkg:deb/debian/a@1", {"syft__metadata__source": "s"}, ("s", "1")),
        ("pkg:rpm/redhat/a@1-2", {"syft__metadata__sourceRpm": "s-1-2.src.rpm"}, ("s", "1-2")),
        ("pkg:apk/alpine/a@1-r0", {"syft__metadata__originPackage": "s"}, ("s", "1-r0")),
        (
            "pkg:deb/debian/a@1",
            {
                "aquasecurity__trivy__SrcName": "s",
                "aquasecurity__trivy__SrcEpoch": "1",
                "aquasecurity__trivy__SrcVersion": "2",
                "aquasecurity__trivy__SrcRelease": "3",
            },
            ("s", "1:2-3"),
        ),
        (
            "pkg:apk/alpine/a@1",
            {"aquasecurity__trivy__SrcName": "s", "aquasecurity__trivy__SrcVersion": "2", "x": "y"},
            ("s", "2"),
        ),
        ("pkg:deb/debian/a@1?upstream=u", {"syft__metadata__source": "s"}, ("u", "1")),
        ("pkg:deb/debian/a@1", {}, ("a", "1")),
    ],
)
def test_the_source_package_is_found_in_every_tools_words(
    purl: str, pairs: dict[str, str], source: tuple[str, str]
) -> None:
    [component] = components(document(library(purl, properties=properties(**pairs))))
    assert (component.source_name, component.source_version) == source


def test_amazon_inspectors_words_are_understood() -> None:
    data = document(
        {"type": "operating-system", "name": "ubuntu", "version": "14.04"},
        {
            "type": "application",
            "name": "apt",
            "version": "1.0",
            "purl": "pkg:dpkg/apt@1.0?arch=AMD64&epoch=1&upstream=apt-src",
            "properties": properties(
                amazon__inspector__sbom_generator__source_path="/var/lib/dpkg/status",
                amazon__inspector__sbom_generator__layer_diff_id="sha256:bb",
            ),
        },
    )
    assert read_sbom(data).packages == (
        Package(
            Component(Ecosystem.DEB, "apt", "1:1.0", "ubuntu:14.04", "AMD64", "apt-src", "1:1.0"),
            "var/lib/dpkg/status",
            "sha256:bb",
            extractor="sbom",
        ),
    )


def test_without_a_component_for_it_the_system_is_what_most_package_urls_name() -> None:
    data = document(
        library("pkg:deb/debian/a@1?distro=debian-12"),
        library("pkg:deb/debian/b@1?distro=debian-12"),
        library("pkg:deb/debian/c@1?distro=debian-11"),
        library("pkg:deb/debian/d@1"),
    )
    found = read_sbom(data)
    assert found.os == OperatingSystem("debian", "12", name="debian 12", scope="debian:12")
    assert [package.component.scope for package in found.packages] == [
        "debian:12",
        "debian:12",
        "debian:11",
        "debian:12",
    ]


def test_the_version_beside_a_package_url_without_one_counts() -> None:
    data = document(library("pkg:npm/a", version="1"), library("pkg:deb/debian/b", version="2"), library("pkg:npm/c"))
    assert components(data) == [
        Component(Ecosystem.NPM, "a", "1"),
        Component(Ecosystem.DEB, "b", "2", source_name="b", source_version="2"),
        Component(Ecosystem.NPM, "c", ""),
    ]


def test_what_is_no_package_is_passed_over_in_silence() -> None:
    data = document(
        {"type": "file", "name": "/etc/passwd"},
        {"type": "container", "name": "nginx", "version": "1", "purl": "pkg:oci/nginx@sha256:1"},
        {"type": "application", "name": "package-lock.json"},
        {"type": "operating-system", "name": " "},
        metadata={"component": {"type": "application", "name": "mine", "version": "1"}},
    )
    found = read_sbom(data)
    assert (found.os, found.packages, found.problems) == (None, (), ())


def test_components_that_cannot_be_judged_are_named() -> None:
    data = document(
        library("", version="1"),
        {"type": "library", "name": "log4j", "version": "2.14"},
        library("not a purl", name="odd"),
        {"type": "library", "name": 7},
        library("pkg:npm/good@1"),
    )
    found = read_sbom(data)
    assert [package.component.name for package in found.packages] == ["good"]
    nameless, invalid, broken = [problem.message for problem in found.problems]
    assert nameless == "2 components without a package URL, which cannot be judged: n 1; log4j 2.14"
    assert invalid == "1 components with a package URL that is none: odd (not a purl)"
    assert broken.startswith("1 components not as the standard has them: component is not as CycloneDX has it: ")


def test_many_components_that_cannot_be_judged_are_one_problem() -> None:
    data = document(*({"type": "library", "name": f"c{number}", "version": "1"} for number in range(1000)))
    [problem] = read_sbom(data).problems
    assert problem.message.startswith("1000 components without a package URL, which cannot be judged: c0 1; c1 1; ")
    assert problem.message.endswith("; c19 1 and 980 more")


def test_worlds_that_are_not_ours_keep_their_package_url_as_name() -> None:
    [component] = components(document(library("pkg:github/actions/checkout@v4")))
    assert component == Component(Ecosystem.GENERIC, "pkg:github/actions/checkout", "v4")


@pytest.mark.parametrize("key", ["sbom", "predicate"])
def test_a_document_inside_a_statement_is_found(key: str) -> None:
    inner = json.loads(document(library("pkg:npm/a@1")))
    data = json.dumps({"_type": "https://in-toto.io/Statement/v0.1", key: inner}).encode()
    assert components(data) == [Component(Ecosystem.NPM, "a", "1")]


def test_a_byte_order_mark_does_not_matter() -> None:
    assert len(components(b"\xef\xbb\xbf" + document(library("pkg:npm/a@1")))) == 1


def test_npms_mark_for_development_is_understood() -> None:
    mark = properties(cdx__npm__package__development="true")
    [package] = read_sbom(document(library("pkg:npm/a@1", properties=mark))).packages
    assert package.dev


def test_components_nested_deeper_than_anyone_would_are_left_with_a_problem() -> None:
    nested = library("pkg:npm/a@1")
    for _ in range(80):
        nested = {"type": "library", "name": "x", "purl": "pkg:npm/x@1", "components": [nested]}
    found = read_sbom(document(nested))
    assert len(found.packages) == 65
    assert "nested more than 64 deep" in found.problems[0].message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "neither CycloneDX nor SPDX"),
        (b"{}", "neither CycloneDX nor SPDX"),
        (b'{"sbom": {"sbom": {"sbom": {"bomFormat": "CycloneDX"}}}}', "neither CycloneDX nor SPDX"),
        (b"<bom/>", "neither CycloneDX nor SPDX"),
        (b"[1, 2", "neither CycloneDX nor SPDX"),
        (b'{"a": ' + b"[" * 100_000, "neither CycloneDX nor SPDX"),
        (document(library("pkg:npm/a@1"))[:-3], "SBOM is broken"),
        (b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": ' + b"[" * 100_000, "SBOM is broken"),
        (b'{"bomFormat": "CycloneDX", "specVersion": "2.0"}', "CycloneDX '2.0' is not known"),
        (b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": 7}', "CycloneDX document is broken"),
        (b'<bom xmlns="http://cyclonedx.org/schema/bom/9.9"/>', "CycloneDX '9.9' is not known"),
        (b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components>', "CycloneDX document is broken"),
        (b'<x xmlns="http://cyclonedx.org/schema/bom/1.4"/>', "is no CycloneDX: its root is 'x'"),
        (
            b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4">' + b"<a>" * 500 + b"</a>" * 500 + b"</bom>",
            "nested more than 400 deep",
        ),
        (
            b'<!DOCTYPE bom [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.4">&a;</bom>',
            "declares entities",
        ),
    ],
)
def test_what_cannot_be_read_is_unreadable(data: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read_sbom(data)


def test_xml_that_breaks_off_keeps_what_was_whole() -> None:
    part = b"<component type='library'><name>a</name><purl>pkg:npm/a@%d</purl></component>"
    data = b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components>'
    data += b"".join(part % number for number in range(2000))
    found = read_sbom(data)
    assert len(found.packages) > 1000
    assert found.problems[-1].message.startswith("CycloneDX document is broken")


def test_a_component_with_endless_content_is_stopped() -> None:
    data = b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component>' + b"<x/>" * 300_000
    with pytest.raises(LimitExceeded, match="more than 200000 elements"):
        read_sbom(data)


def test_json_that_is_all_elements_and_no_content_is_stopped() -> None:
    data = b'{"bomFormat":"CycloneDX","specVersion":"1.5","components":[' + b"0," * 3_000_000 + b"0]}"
    with pytest.raises(LimitExceeded, match="more elements than an SBOM"):
        read_sbom(data)


def test_xml_that_is_all_elements_and_no_content_is_stopped() -> None:
    data = b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4">' + b"<a/>" * 2_000_000
    with pytest.raises(LimitExceeded, match="more elements than an SBOM"):
        read_sbom(data)


def test_twenty_thousand_components_are_read_in_a_blink() -> None:
    import time

    data = document(*(library(f"pkg:npm/package-{number}@1.0.{number}") for number in range(20_000)))
    started = time.process_time()
    assert len(read_sbom(data).packages) == 20_000
    assert time.process_time() - started < 2
