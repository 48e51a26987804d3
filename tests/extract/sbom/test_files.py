"""SBOMs that lie inside a root, and any bytes in their place."""

import io
import json
import random

import pytest

from assay.errors import Unreadable
from assay.extract.contract import Fact, Problem
from assay.extract.sbom import SbomFiles, read_sbom
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

PATH = "opt/bitnami/redis/.spdx-redis.spdx"
SPDX = json.dumps(
    {
        "spdxVersion": "SPDX-2.3",
        "packages": [
            {
                "name": name,
                "SPDXID": f"SPDXRef-{name}",
                "externalRefs": [
                    {"referenceType": "purl", "referenceLocator": f"pkg:bitnami/{name}@7.2.4-0?arch=amd64"}
                ],
            }
            for name in ("redis", "redis", "wait-for-port")
        ],
    }
).encode()
CYCLONEDX = (
    b'{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"a","purl":"pkg:npm/a@1"}]}'
)
XML = b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component type="library"><name>a</name><purl>pkg:npm/a@1</purl></component></components></bom>'
TAGS = b"SPDXVersion: SPDX-2.3\nPackageName: a\nPackageVersion: 1\nExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n"
GRAPH = b'{"@context":"https://spdx.org/rdf/3.0.1/x","@graph":[{"type":"software_Package","name":"a","software_packageUrl":"pkg:npm/a@1"}]}'


def facts(data: bytes, path: str = PATH) -> list[Fact]:
    return list(SbomFiles().extract(SourceFile(path, len(data), lambda: io.BytesIO(data))))


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (PATH, True),
        ("var/lib/db/sbom/curl-8.5.0-r0.spdx.json", True),
        ("usr/local/share/sbom/app/bom.json", True),
        ("app/bom.cdx.json", True),
        ("app/bom.CDX.xml", True),
        ("usr/lib/python3/site-packages/numpy-2.dist-info/sboms/openblas.cdx.json", True),
        ("app/package.json", False),
        ("app/bom.json", False),
        ("app/pom.xml", False),
    ],
)
def test_files_are_wanted_by_name(path: str, wanted: bool) -> None:
    pattern = SbomFiles().wants.pattern
    assert pattern is not None
    assert bool(pattern.search(path)) is wanted


def test_packages_have_the_sbom_as_their_path_and_appear_once() -> None:
    def component(name: str) -> Component:
        return Component(Ecosystem.GENERIC, f"pkg:bitnami/{name}?arch=amd64", "7.2.4-0")

    assert facts(SPDX) == [
        Package(component("redis"), PATH, extractor="sbom"),
        Package(component("wait-for-port"), PATH, extractor="sbom"),
    ]


def test_what_is_no_sbom_says_nothing_in_spite_of_its_name() -> None:
    assert facts(b'{"licenses": []}', "usr/share/sbom/licenses.json") == []
    assert facts(b"\x7fELF", "x.spdx") == []


def test_problems_are_kept() -> None:
    assert facts(SPDX.replace(b"pkg:bitnami/redis", b"rubbish"))[1:] == [
        Problem(
            "2 components with a package URL that is none: redis (rubbish@7.2.4-0?arch=amd64); redis (rubbish@7.2.4-0?arch=amd64)"
        )
    ]


@pytest.mark.parametrize("data", [SPDX, CYCLONEDX, XML, TAGS, GRAPH], ids=["spdx", "cyclonedx", "xml", "tags", "spdx3"])
def test_spoilt_documents_yield_content_or_unreadable(data: bytes) -> None:
    chance = random.Random(2026)
    for _ in range(300):
        spoilt = bytearray(data[: chance.randrange(len(data))] if chance.random() < 0.3 else data)
        for _ in range(chance.choice((0, 1, 3, 20))):
            if spoilt:
                spoilt[chance.randrange(len(spoilt))] = chance.choice((0, 10, 34, 44, 92, 123, 255))
        try:
            read_sbom(bytes(spoilt))
        except Unreadable:
            continue
