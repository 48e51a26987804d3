"""SPDX documents: 2.x in JSON and as tags and values, 3.0 as JSON-LD."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from spdx_tools.common.spdx_licensing import spdx_licensing
from spdx_tools.spdx.model import (
    Actor,
    ActorType,
    CreationInfo,
    Document,
    ExternalPackageRef,
    ExternalPackageRefCategory,
    PackagePurpose,
    Relationship,
    RelationshipType,
    SpdxNoAssertion,
)
from spdx_tools.spdx.model import Package as Made
from spdx_tools.spdx.writer.write_anything import write_file

from assay.errors import Unreadable
from assay.extract.sbom import read_sbom
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.inventory import OperatingSystem

XZ = Package(
    Component(Ecosystem.APK, "xz-libs", "5.4.3-r0", "alpine:3.18", "x86_64", "xz", "5.4.3-r0"),
    extractor="sbom",
)
NPM = Package(Component(Ecosystem.NPM, "@scope/a", "1"), extractor="sbom", licenses=("MIT",))
ALPINE = OperatingSystem("alpine", "3.18.0", name="alpine", scope="alpine:3.18")


def made(identifier: str, name: str, version: str, purl: str = "", **more: Any) -> Made:
    references = [
        ExternalPackageRef(ExternalPackageRefCategory.SECURITY, "cpe23Type", f"cpe:2.3:a:x:{name}:1:*:*:*:*:*:*:*")
    ]
    if purl:
        references.append(ExternalPackageRef(ExternalPackageRefCategory.PACKAGE_MANAGER, "purl", purl))
    return Made(
        f"SPDXRef-{identifier}",
        name,
        SpdxNoAssertion(),
        version=version,
        files_analyzed=False,
        external_references=references,
        **more,
    )


def made_by_the_tools(version: str) -> Document:
    creation = CreationInfo(
        f"SPDX-{version}",
        "SPDXRef-DOCUMENT",
        "name",
        "https://example.org/name",
        [Actor(ActorType.TOOL, "t")],
        datetime(2026, 1, 1),  # noqa: DTZ001  the library refuses an aware one
    )
    packages = [
        made("image", "image", "1"),
        made(
            "xz",
            "xz-libs",
            "5.4.3-r0",
            "pkg:apk/alpine/xz-libs@5.4.3-r0?arch=x86_64&distro=3.18.0",
            source_info="built package from: xz 5.4.3-r0",
        ),
        made("npm", "@scope/a", "1", "pkg:npm/%40scope/a@1"),
    ]
    packages[2].license_declared = spdx_licensing.parse("MIT")
    if version == "2.3":
        packages.append(made("os", "alpine", "3.18.0", primary_package_purpose=PackagePurpose.OPERATING_SYSTEM))
    relationship = Relationship("SPDXRef-DOCUMENT", RelationshipType.DESCRIBES, "SPDXRef-image")
    return Document(creation, packages, relationships=[relationship])


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], bytes]:
    def written(version: str, name: str) -> bytes:
        path = tmp_path / name
        write_file(made_by_the_tools(version), str(path), validate=False)
        return path.read_bytes()

    return written


@pytest.mark.parametrize("name", ["a.spdx.json", "a.spdx"])
def test_a_document_of_the_reference_tools_is_read(write: Callable[[str, str], bytes], name: str) -> None:
    found = read_sbom(write("2.3", name))
    assert (found.os, found.problems) == (ALPINE, ())
    assert {package.component for package in found.packages} == {XZ.component, NPM.component}


@pytest.mark.parametrize("name", ["a.spdx.json", "a.spdx"])
def test_version_2_2_has_no_purposes_but_package_urls_name_the_system(
    write: Callable[[str, str], bytes], name: str
) -> None:
    found = read_sbom(write("2.2", name))
    assert found.os == OperatingSystem("alpine", "3.18", name="alpine 3.18", scope="alpine:3.18")
    assert {package.component for package in found.packages} == {XZ.component, NPM.component}


def document(*packages: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"spdxVersion": "SPDX-2.3", "packages": list(packages), **more}).encode()


def package(name: str, purl: str = "", category: str = "PACKAGE-MANAGER", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "SPDXID": f"SPDXRef-{name}", "versionInfo": "1", **more}
    if purl:
        found["externalRefs"] = [{"referenceCategory": category, "referenceType": "purl", "referenceLocator": purl}]
    return found


def test_licences_suppliers_and_older_spellings_are_understood() -> None:
    data = document(
        package("a", "pkg:rpm/redhat/a@1", supplier="Organization: Red Hat, Inc.", licenseDeclared="GPLv2"),
        package("b", "pkg:npm/b@1", "PACKAGE_MANAGER", licenseDeclared="NOASSERTION", licenseConcluded="ISC"),
        package("c", "pkg:rpm/redhat/c@1", supplier="NOASSERTION", licenseDeclared="NONE"),
    )
    found = read_sbom(data)
    assert [(item.component.vendor, item.licenses) for item in found.packages] == [
        ("Red Hat, Inc.", ("GPLv2",)),
        ("", ("ISC",)),
        ("", ()),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        {"documentDescribes": ["SPDXRef-a"]},
        {"relationships": [{"spdxElementId": "D", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-a"}]},
        {
            "relationships": [
                {"spdxElementId": "SPDXRef-a", "relationshipType": "DESCRIBED_BY", "relatedSpdxElement": "D"}
            ]
        },
        {"relationships": [{"relationshipType": 7, "x": "DESCRIBES"}], "documentDescribes": ["SPDXRef-a"]},
    ],
)
def test_what_the_document_is_about_needs_no_package_url(statement: dict[str, Any]) -> None:
    found = read_sbom(document(package("a"), package("b"), **statement))
    assert [problem.message for problem in found.problems] == [
        "1 components without a package URL, which cannot be judged: b 1"
    ]


def test_a_package_that_is_not_as_the_standard_wants_it_is_a_problem() -> None:
    found = read_sbom(document({"name": ["x"]}, package("a", "pkg:npm/a@1")))
    assert len(found.packages) == 1
    assert found.problems[0].message.startswith("1 components not as the standard has them: package is not as SPDX")


def test_githubs_export_has_the_document_in_a_wrapper() -> None:
    data = json.dumps({"sbom": json.loads(document(package("a", "pkg:npm/a@1")))}).encode()
    assert read_sbom(data).format == "SPDX 2.3"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"spdxVersion": "SPDX-9.0"}', "SPDX version 'SPDX-9.0' is not known"),
        (b'{"spdxVersion": "SPDX-2.3", "packages": 1}', "SPDX document is broken"),
        (b'{"spdxVersion": "SPDX-2.3", "packages": [', "SBOM is broken"),
        (b'{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}', "without @graph"),
        (b'{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": 1}', "SPDX document is broken"),
    ],
)
def test_what_cannot_be_read_is_unreadable(data: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read_sbom(data)


def test_tags_and_values_are_read_with_long_texts_comments_and_files() -> None:
    data = b"""SPDXVersion: SPDX-2.2
DataLicense: CC0-1.0
DocumentName: x
# a comment: with a colon
DocumentComment: <text>one
PackageName: not a package
two</text>

PackageName: b-no-purl
SPDXID: SPDXRef-b
PackageVersion: 1
PackageName: a
SPDXID: SPDXRef-a
PackageVersion: 5.4.3-r0
PackageSourceInfo: <text>built package from: xz 5.4.3-r0</text>
PackageLicenseDeclared: NOASSERTION
PackageLicenseConcluded: MIT
PackageDescription: <text>a
long
one</text>
ExternalRef: SECURITY cpe23Type cpe:2.3:a:x:y:*:*:*:*:*:*:*:*
ExternalRef: PACKAGE-MANAGER purl pkg:apk/alpine/a@5.4.3-r0?distro=alpine-3.18
ExternalRef: PACKAGE-MANAGER purl pkg:npm/second@1

FileName: ./x
SPDXID: SPDXRef-file
ExternalRef: PACKAGE-MANAGER purl pkg:npm/file@1

Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-b
Relationship: SPDXRef-a DESCRIBED_BY SPDXRef-DOCUMENT
Relationship: short
LicenseComment: <text>never closed
"""
    found = read_sbom(data.replace(b"\n", b"\r\n"))
    assert (found.format, found.problems) == ("SPDX 2 tag-value", ())
    assert found.packages == (
        Package(
            Component(Ecosystem.APK, "a", "5.4.3-r0", "alpine:3.18", "", "xz", "5.4.3-r0"),
            extractor="sbom",
            licenses=("MIT",),
        ),
    )


def test_the_last_package_of_a_document_that_breaks_off_counts() -> None:
    data = b"SPDXVersion: SPDX-2.3\nPackageName: a\nExternalRef: PACKAGE_MANAGER purl pkg:npm/a@1"
    assert len(read_sbom(data).packages) == 1


def test_tags_without_a_version_line_are_unreadable() -> None:
    with pytest.raises(Unreadable, match="without SPDXVersion"):
        read_sbom(b"# SPDXVersion: SPDX-2.3\nPackageName: a\n")


def graph(*elements: dict[str, Any]) -> bytes:
    context = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
    return json.dumps({"@context": context, "@graph": list(elements)}).encode()


def test_spdx_3_packages_are_read_with_what_other_elements_say_of_them() -> None:
    data = graph(
        {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "createdBy": ["https://x/tool"]},
        {"type": "SpdxDocument", "spdxId": "https://x/doc", "rootElement": ["https://x/sbom"]},
        {"type": "software_Sbom", "spdxId": "https://x/sbom", "rootElement": ["https://x/image"]},
        {"type": "Organization", "spdxId": "https://x/redhat", "name": "Red Hat, Inc."},
        {"type": "software_Package", "spdxId": "https://x/image", "name": "image"},
        {
            "type": "software_Package",
            "spdxId": "https://x/bash",
            "name": "bash",
            "software_packageVersion": "5.1.8-6.el9",
            "software_packageUrl": "pkg:rpm/redhat/bash@5.1.8-6.el9?distro=rhel-9.1",
            "suppliedBy": "https://x/redhat",
        },
        {
            "type": "software_Package",
            "spdxId": "https://x/npm",
            "name": "@scope/a",
            "software_packageVersion": "1",
            "suppliedBy": {"type": "Person", "name": "someone"},
            "externalIdentifier": [
                {"type": "ExternalIdentifier", "externalIdentifierType": "cpe23", "identifier": "cpe:2.3:a:x"},
                {
                    "type": "ExternalIdentifier",
                    "externalIdentifierType": "packageUrl",
                    "identifier": "pkg:npm/%40scope/a@1",
                },
            ],
        },
        {
            "type": "software_Package",
            "spdxId": "https://x/os",
            "name": "redhat",
            "software_packageVersion": "9.1",
            "software_primaryPurpose": "operatingSystem",
        },
        {"type": "software_Package", "spdxId": "https://x/none", "name": "none", "software_packageVersion": "2"},
        {
            "type": "simplelicensing_LicenseExpression",
            "spdxId": "https://x/mit",
            "simplelicensing_licenseExpression": "MIT",
        },
        {
            "type": "simplelicensing_LicenseExpression",
            "spdxId": "https://x/isc",
            "simplelicensing_licenseExpression": "ISC",
        },
        {
            "type": "Relationship",
            "from": "https://x/npm",
            "relationshipType": "hasConcludedLicense",
            "to": ["https://x/isc"],
        },
        {
            "type": "Relationship",
            "from": "https://x/npm",
            "relationshipType": "hasDeclaredLicense",
            "to": ["https://x/mit"],
        },
        {"type": "software_File", "spdxId": "https://x/file", "name": "f"},
        {"type": 7},
    )
    found = read_sbom(data)
    assert found.format == "SPDX 3.0"
    assert found.os == OperatingSystem("rhel", "9.1", name="redhat", scope="rhel:9")
    version = "5.1.8-6.el9"
    assert found.packages == (
        Package(
            Component(Ecosystem.RPM, "bash", version, "rhel:9", "", "bash", version, vendor="Red Hat, Inc."),
            extractor="sbom",
        ),
        NPM,
    )
    nameless, broken = [problem.message for problem in found.problems]
    assert nameless == "1 components without a package URL, which cannot be judged: none 2"
    assert broken.startswith("1 components not as the standard has them: element is not as SPDX has it")
