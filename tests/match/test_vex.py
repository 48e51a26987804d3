"""VEX documents in all formats: read, applied to matches, and reported when they match nothing."""

import json
from datetime import date

import pytest
from matching_world import MemoryIndex, apk, deb, inventory, pypi, rpm, statement

from assay.errors import LimitExceeded, Unreadable
from assay.match.document import LIMIT
from assay.match.find import find_matches
from assay.match.options import MatchOptions
from assay.match.vex import Status, VexStatement, read_vex
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem
from assay.model.match import Matches, Reason
from assay.model.report import Target

TODAY = date(2026, 3, 1)
DIGEST = "sha256:" + "ab" * 32
IMAGE = Target("image", "registry.example/team/shop:1.2", DIGEST, tags=("registry.example/team/shop:1.2",))
CVE = "CVE-2023-0286"
SSL = deb("libssl3", "3.0.9-1", source="openssl", source_version="3.0.9-1")
SSL_INDEX = MemoryIndex([statement("DSA-1", "debian:12", "openssl", "all", cves=[CVE])])


def openvex(*statements: dict[str, object], **members: object) -> bytes:
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "timestamp": "2023-01-01T00:00:00Z",
        "statements": statements,
    }
    return json.dumps(document | members).encode()


def says(product: object, status: str = "not_affected", cve: object = CVE, **members: object) -> dict[str, object]:
    return {
        "vulnerability": {"name": cve} if isinstance(cve, str) else cve,
        "products": [product],
        "status": status,
    } | members


def applied(
    *documents: bytes, component: Component = SSL, index: MemoryIndex = SSL_INDEX, target: Target | None = IMAGE
) -> Matches:
    statements: list[VexStatement] = []
    for number, document in enumerate(documents):
        statements.extend(read_vex(document, f"vex{number}.json"))
    return find_matches(inventory(component), index, MatchOptions(TODAY, tuple(statements), target=target))


def test_not_affected_and_fixed_set_a_match_aside_with_the_statement_as_reason() -> None:
    document = openvex(
        says(
            {"@id": "pkg:deb/debian/libssl3@3.0.9-1"},
            justification="component_not_present",
            impact_statement="not built in",
        )
    )
    (item,) = applied(document).set_aside
    assert item.reason is Reason.VEX_NOT_AFFECTED
    assert item.detail == "vex0.json statements[0]: not_affected: component_not_present (not built in)"
    (item,) = applied(openvex(says({"@id": "pkg:deb/debian/libssl3@3.0.9-1"}, "fixed"))).set_aside
    assert (item.reason, item.detail) == (Reason.VEX_FIXED, "vex0.json statements[0]: fixed")


@pytest.mark.parametrize("status", ["affected", "under_investigation"])
def test_other_statuses_set_nothing_aside_and_are_not_without_effect(status: str) -> None:
    result = applied(openvex(says({"@id": "pkg:deb/debian/libssl3"}, status)))
    assert (len(result.matches), result.set_aside, result.notices) == (1, (), ())


@pytest.mark.parametrize(
    "purl",
    [
        "pkg:deb/debian/libssl3",
        "pkg:deb/debian/libssl3@3.0.9-1",
        "pkg:deb/libssl3@3.0.9-1",
        "pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12",
        "pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12.13&arch=amd64",
        "pkg:deb/debian/libssl3@3.0.9-1?distro=bookworm&arch=all&checksum=sha256:00",
        "pkg:deb/debian/openssl@3.0.9-1?arch=source",
        "pkg:deb/debian/libssl3@3.0.*",
        "pkg:deb/debian/libssl*",
        "pkg:deb/debian/libssl3@*",
    ],
)
def test_package_urls_are_compared_by_what_they_mean(purl: str) -> None:
    result = applied(openvex(says({"@id": purl})))
    assert ([item.reason for item in result.set_aside], result.notices) == ([Reason.VEX_NOT_AFFECTED], ())


NEAR = "the nearest is pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12&upstream=openssl: "


@pytest.mark.parametrize(
    ("purl", "difference"),
    [
        ("pkg:deb/debian/libssl3@3.0.8-1", "version 3.0.8-1 is not 3.0.9-1"),
        ("pkg:deb/debian/libssl3@3.0.9-1?distro=debian-11", "release debian:11 is not debian:12"),
        ("pkg:deb/ubuntu/libssl3@3.0.9-1", "distribution ubuntu is not debian"),
        ("pkg:deb/debian/libssl3?arch=arm64", "architecture arm64 is not amd64"),
        ("pkg:deb/debian/openssl@3.0.9-1", "package deb/openssl is not deb/libssl3"),
        ("pkg:deb/debian/ssl@3.0.9-1?arch=source", "source package deb/ssl is not deb/openssl"),
        ("pkg:rpm/redhat/libssl3", "package rpm/libssl3 is not deb/libssl3; distribution rhel is not debian"),
    ],
)
def test_a_statement_that_matches_nothing_is_reported_with_the_nearest_match(purl: str, difference: str) -> None:
    result = applied(openvex(says({"@id": purl})))
    assert len(result.matches) == 1
    assert result.notices == (f"vex0.json statements[0] ({CVE} not_affected) matched nothing: {NEAR}{difference}",)


def test_a_statement_on_another_vulnerability_is_reported_with_what_comes_near() -> None:
    def notice(cve: str, purl: str = "pkg:deb/debian/libssl3") -> str:
        (text,) = applied(openvex(says({"@id": purl}, cve=cve))).notices
        return text.partition("matched nothing: ")[2]

    installed = "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12&upstream=openssl is installed"
    assert notice("CVE-2020-1") == f"{installed}, but is not known to have that vulnerability"
    assert notice("CVE-2020-1", "pkg:deb/debian/openssl").startswith(installed)
    assert notice("CVE-2023-0287", "pkg:npm/x") == f"{CVE} is found here and differs in one character"
    assert notice("CVE-2020-1", "pkg:npm/x") == "nothing here comes near it"


def test_of_many_statements_without_effect_only_the_near_ones_are_named() -> None:
    strangers = [says({"@id": f"pkg:npm/x{n}"}, cve=f"CVE-2001-{n}") for n in range(30)]
    near = says({"@id": "pkg:deb/debian/libssl3@1"})
    result = applied(openvex(*strangers, near))
    assert result.notices == (
        f"vex0.json statements[30] ({CVE} not_affected) matched nothing: {NEAR}version 1 is not 3.0.9-1",
        "vex0.json: 30 more statements matched nothing",
    )


def test_a_statement_without_products_says_so() -> None:
    document = openvex({"vulnerability": CVE, "status": "not_affected"})
    assert applied(document).notices[0].endswith("matched nothing: it names no product")


def test_aliases_of_a_vulnerability_are_the_same_vulnerability() -> None:
    index = MemoryIndex(SSL_INDEX.candidates, aliases={"GHSA-x4qr-2fvf-3mr5": CVE})
    assert applied(openvex(says({"@id": "pkg:deb/debian/libssl3"}, cve="GHSA-x4qr-2fvf-3mr5")), index=index).set_aside
    named = {"@id": f"https://nvd.nist.gov/vuln/detail/{CVE}"}
    assert applied(openvex(says({"@id": "pkg:deb/debian/libssl3"}, cve=named))).set_aside
    aliased = {"name": "INTERNAL-7", "aliases": [f"https://www.cve.org/CVERecord?id={CVE}", ""]}
    assert applied(openvex(says({"@id": "pkg:deb/debian/libssl3"}, cve=aliased))).set_aside


def test_the_latest_statement_wins_then_the_worst() -> None:
    product = {"@id": "pkg:deb/debian/libssl3"}
    clear = says(product, timestamp="2024-01-01T00:00:00Z")
    assert applied(openvex(clear, says(product, "affected", timestamp="2023-06-01T00:00:00Z"))).set_aside
    assert applied(openvex(clear), openvex(says(product, "affected", last_updated="2024-02-01T00:00:00"))).matches
    assert applied(openvex(clear, says(product, "affected", timestamp="2024-01-01T00:00:00Z"))).matches
    assert applied(openvex(says(product), timestamp="nonsense")).set_aside


def test_products_of_the_first_openvex_version_are_strings() -> None:
    old = {"vulnerability": CVE, "products": ["pkg:deb/debian/libssl3@3.0.9-1"], "status": "not_affected"}
    assert applied(openvex(old)).set_aside
    inside = old | {
        "products": [f"pkg:oci/shop@{DIGEST.replace(':', '%3A')}"],
        "subcomponents": ["pkg:deb/debian/libssl3"],
    }
    assert applied(openvex(inside)).set_aside


OTHER_DIGEST = "sha256:" + "cd" * 32


@pytest.mark.parametrize(
    ("product", "difference"),
    [
        ({"@id": f"pkg:oci/shop@{DIGEST}"}, ""),
        ({"@id": f"pkg:oci/shop@{DIGEST}?repository_url=elsewhere.example/shop"}, ""),
        ({"@id": "shop", "hashes": {"sha-256": "ab" * 32}}, ""),
        ({"@id": "registry.example/team/shop:1.2"}, ""),
        ({"@id": "pkg:oci/shop"}, ""),
        ({"@id": "pkg:oci/shop?repository_url=registry.example/team"}, ""),
        ({"@id": "pkg:oci/shop?repository_url=registry.example/team/shop&tag=1.2"}, ""),
        ({"@id": "pkg:docker/registry.example/team/shop@1.2"}, ""),
        ({"@id": "x", "identifiers": {"purl": "pkg:oci/shop"}}, ""),
        ({"@id": f"pkg:oci/shop@{OTHER_DIGEST}"}, f"product pkg:oci/shop@{OTHER_DIGEST} is not {DIGEST}"),
        ({"@id": "pkg:oci/cart"}, "product pkg:oci/cart is not registry.example/team/shop:1.2"),
        ({"@id": "pkg:oci/shop?tag=9"}, "product pkg:oci/shop?tag=9 has tag 9, not 1.2"),
        (
            {"@id": "https://example.test/shop"},
            "product https://example.test/shop is not registry.example/team/shop:1.2",
        ),
        ({"@id": "shop", "hashes": {"sha-256": "cd" * 32}}, f"product shop is not {DIGEST}"),
    ],
)
def test_a_product_may_be_the_scanned_image_whole_or_with_subcomponents(
    product: dict[str, object], difference: str
) -> None:
    for document in (
        openvex(says(product)),
        openvex(says(product | {"subcomponents": [{"@id": "pkg:deb/debian/libssl3"}]})),
        openvex(says(product | {"subcomponents": ["pkg:deb/debian/libssl3"]})),
    ):
        result = applied(document)
        assert [item.reason for item in result.set_aside] == ([] if difference else [Reason.VEX_NOT_AFFECTED])
        assert all(difference in notice for notice in result.notices)


def test_without_a_target_an_image_cannot_be_recognised() -> None:
    result = applied(openvex(says({"@id": "pkg:oci/shop"})), target=None)
    assert "cannot be compared: what was scanned has no name" in result.notices[0]


@pytest.mark.parametrize(
    ("name", "product", "expected"),
    [
        ("nginx:1.25", "pkg:docker/library/nginx@1.25", True),
        ("docker.io/library/nginx:1.25", "pkg:oci/nginx?repository_url=index.docker.io/library/nginx", True),
        ("localhost:5000/nginx", "pkg:oci/nginx", True),
        ("localhost:5000/nginx", "pkg:oci/nginx?tag=1", False),
    ],
)
def test_image_names_are_compared_without_the_default_registry(name: str, product: str, expected: bool) -> None:
    result = applied(openvex(says({"@id": product})), target=Target("image", name))
    assert bool(result.set_aside) is expected


def test_subcomponents_of_a_package_need_that_package() -> None:
    app = pypi("shop", "1.0")
    nested = {"@id": "pkg:pypi/shop@1.0", "subcomponents": [{"@id": "pkg:pypi/flask"}]}
    index = MemoryIndex([statement("GHSA-1", "pypi", "flask", "all", cves=[CVE])])
    options = MatchOptions(TODAY, read_vex(openvex(says(nested)), "vex.json"))
    flask = pypi("flask", "2.0")
    assert find_matches(inventory(app, flask), index, options).set_aside
    (notice,) = find_matches(inventory(flask), index, options).notices
    assert notice.endswith("the nearest is pkg:pypi/flask@2.0: product pkg:pypi/shop@1.0 is not installed here")


def test_rpm_products_may_leave_the_epoch_out_and_name_the_distribution_loosely() -> None:
    def aside(component: Component, purl: str) -> bool:
        index = MemoryIndex([statement("A-1", component.scope, component.name, "all", cves=[CVE])])
        return bool(applied(openvex(says({"@id": purl})), component=component, index=index).set_aside)

    ssl = rpm("openssl", "1:3.0.7-1.el9", "rhel:9")
    assert aside(ssl, "pkg:rpm/redhat/openssl@3.0.7-1.el9")
    assert aside(ssl, "pkg:rpm/redhat/openssl@3.0.7-1.el9?epoch=1&arch=x86_64")
    assert not aside(ssl, "pkg:rpm/redhat/openssl@3.0.7-1.el9?epoch=2")
    assert not aside(ssl, "pkg:rpm/amzn/openssl@3.0.7-1.el9")
    assert aside(ssl, "pkg:rpm/redhat/openssl?distro=rhel-9.4")
    assert aside(rpm("openssl", "3", "opensuse-leap:15.5"), "pkg:rpm/opensuse/openssl")
    assert aside(apk("openssl", "3.1.1-r0"), "pkg:apk/alpine/openssl@3.1.1-r0?distro=3.18.4")
    assert aside(deb("openssl", "1:3", scope=""), "pkg:deb/debian/openssl@3") is False


def test_other_version_spellings_and_ecosystems() -> None:
    index = MemoryIndex([statement("GHSA-1", "pypi", "flask", "all", cves=[CVE])])
    assert applied(
        openvex(says({"@id": "pkg:pypi/Flask@2.0.0"})), component=pypi("flask", "2.0"), index=index
    ).set_aside
    assert not applied(
        openvex(says({"@id": "pkg:pypi/flask@a%20b"})), component=pypi("flask", "2.0"), index=index
    ).set_aside


def test_the_names_of_all_purl_types_are_understood() -> None:
    component = Component(Ecosystem.MAVEN, "org.example:core", "1.0")
    index = MemoryIndex([statement("GHSA-1", "maven", "org.example:core", "all", cves=[CVE])])
    document = openvex(says({"@id": "pkg:maven/org.example/core@1.0?type=jar&classifier=all"}))
    assert applied(document, component=component, index=index).set_aside


CSAF_PURL = "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64"


def csaf(status: str = "known_not_affected", product: str = "OS:libssl3", **members: object) -> bytes:
    document = {
        "document": {
            "csaf_version": "2.0",
            "category": "csaf_vex",
            "tracking": {"current_release_date": "2024-01-01T00:00:00Z"},
        },
        "product_tree": {
            "branches": [
                {
                    "branches": [
                        {
                            "product": {
                                "product_id": "OS",
                                "name": "Debian 12",
                                "product_identification_helper": {"cpe": "cpe:/o:debian:debian_linux:12"},
                            }
                        },
                        {
                            "product": {
                                "product_id": "OLD",
                                "product_identification_helper": {
                                    "cpe": "cpe:2.3:o:debian:debian_linux:11:*:*:*:*:*:*:*"
                                },
                            }
                        },
                        {
                            "product": {
                                "product_id": "APP",
                                "name": "Satellite",
                                "product_identification_helper": {"cpe": "cpe:/a:example:satellite:6"},
                            }
                        },
                        {"product": {"product_id": "libssl3", "product_identification_helper": {"purl": CSAF_PURL}}},
                        {"product": {"product_id": "openssl", "name": "openssl"}},
                        {"product": {"product_id": "no name: at all", "name": "x"}},
                    ]
                }
            ],
            "full_product_names": [
                {
                    "product_id": "IMAGE",
                    "name": "shop",
                    "product_identification_helper": {
                        "hashes": [{"file_hashes": [{"algorithm": "sha256", "value": "AB" * 32}], "filename": "x"}]
                    },
                }
            ],
            "relationships": [
                related("libssl3", "OS"),
                related("libssl3", "OLD"),
                related("libssl3", "APP"),
                related("openssl", "OS"),
                related("openssl", "gone"),
                related("openssl", "OS", "named", "pkg:deb/debian/libssl3"),
            ],
        },
        "vulnerabilities": [{"cve": CVE, "product_status": {status: [product]}} | members],
    }
    return json.dumps(document).encode()


def related(part: str, whole: str, name: str = "", purl: str = "") -> dict[str, object]:
    helper = {"product_identification_helper": {"purl": purl}} if purl else {}
    return {
        "category": "default_component_of",
        "product_reference": part,
        "relates_to_product_reference": whole,
        "full_product_name": {"product_id": name or f"{whole}:{part}", "name": f"{part} of {whole}"} | helper,
    }


@pytest.mark.parametrize(
    "product", ["OS:libssl3", "APP:libssl3", "libssl3", "OS:openssl", "openssl", "IMAGE", "named", "OS"]
)
def test_csaf_products_are_packages_inside_releases_images_or_bare_names(product: str) -> None:
    (item,) = applied(csaf(product=product)).set_aside
    assert item.reason is Reason.VEX_NOT_AFFECTED


@pytest.mark.parametrize(
    ("product", "difference"),
    [
        ("OLD:libssl3", "release debian:11 is not debian:12"),
        ("OLD", "release debian:11 is not debian:12"),
        ("APP", "product Satellite has no identifier to compare"),
        ("no name: at all", "product x has no identifier to compare"),
        ("gone:openssl", "it names no product"),
        ("unknown", "it names no product"),
    ],
)
def test_csaf_products_that_are_something_else_are_reported(product: str, difference: str) -> None:
    result = applied(csaf(product=product))
    assert len(result.matches) == 1
    assert difference in result.notices[0]


def test_csaf_names_of_another_package_do_not_fit() -> None:
    other = deb("zlib1g", "1", source="zlib")
    index = MemoryIndex([statement("DSA-1", "debian:12", "zlib", "all", cves=[CVE])])
    result = applied(csaf(product="openssl"), component=other, index=index)
    assert "package openssl is not zlib1g" in result.notices[0]


@pytest.mark.parametrize(
    ("status", "read"),
    [
        ("known_not_affected", Status.NOT_AFFECTED),
        ("fixed", Status.FIXED),
        ("first_fixed", Status.FIXED),
        ("known_affected", Status.AFFECTED),
        ("under_investigation", Status.UNDER_INVESTIGATION),
    ],
)
def test_csaf_statuses_flags_and_impact_texts(status: str, read: Status) -> None:
    data = csaf(
        status,
        flags=[{"label": "vulnerable_code_not_present", "product_ids": ["OS:libssl3"]}],
        threats=[{"category": "impact", "details": "never built", "product_ids": ["OS:libssl3"]}, {"details": "x"}],
        ids=[{"system_name": "x", "text": "X-1"}],
    )
    (item,) = read_vex(data, "x.json")
    assert (item.status, item.justification, item.text) == (read, "vulnerable_code_not_present", "never built")
    assert (item.place, item.vulnerabilities) == ("vulnerabilities[0]", (CVE, "X-1"))
    assert read_vex(csaf("unheard_of"), "x.json") == ()


def test_a_statement_on_a_recognised_product_goes_before_one_that_is_not() -> None:
    data = json.loads(csaf())
    data["vulnerabilities"] = [
        {"cve": CVE, "product_status": {"known_not_affected": ["OS:libssl3"], "known_affected": ["APP:libssl3"]}}
    ]
    assert applied(json.dumps(data).encode()).set_aside


def cyclonedx(state: str = "not_affected", ref: str = "a", **members: object) -> bytes:
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "metadata": {
            "timestamp": "2024-01-01T00:00:00Z",
            "component": {"bom-ref": "root", "name": "shop", "type": "container"},
        },
        "components": [
            {
                "bom-ref": "a",
                "name": "libssl3",
                "purl": "pkg:deb/debian/libssl3@3.0.9-1",
                "components": [{"bom-ref": "b", "name": "x", "purl": "pkg:npm/x@1"}],
            },
            {"bom-ref": "c", "name": "shop-image", "hashes": [{"alg": "SHA-256", "content": "ab" * 32}]},
        ],
        "vulnerabilities": [
            {
                "id": CVE,
                "analysis": {"state": state, "justification": "code_not_reachable", "detail": "no X.400"},
                "affects": [{"ref": ref}],
            }
            | members
        ],
    }
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "ref",
    [
        "a",
        "root",
        "c",
        "pkg:deb/debian/libssl3@3.0.9-1",
        "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#a",
        "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Adeb%2Fdebian%2Flibssl3%403.0.9-1",
    ],
)
def test_cyclonedx_references_name_components_links_and_the_whole_product(ref: str) -> None:
    (item,) = applied(cyclonedx(ref=ref)).set_aside
    assert item.detail == "vex0.json vulnerabilities[0]: not_affected: code_not_reachable (no X.400)"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("false_positive", Status.NOT_AFFECTED),
        ("resolved", Status.FIXED),
        ("resolved_with_pedigree", Status.FIXED),
        ("exploitable", Status.AFFECTED),
        ("in_triage", Status.UNDER_INVESTIGATION),
    ],
)
def test_cyclonedx_states(state: str, status: Status) -> None:
    (item,) = read_vex(cyclonedx(state), "x.json")
    assert item.status is status


def test_cyclonedx_states_that_are_unknown_are_refused_and_missing_ones_state_nothing() -> None:
    with pytest.raises(Unreadable, match=r"x.json: vulnerabilities\[0\].analysis.state is 'maybe'"):
        read_vex(cyclonedx("maybe"), "x.json")
    assert read_vex(cyclonedx(""), "x.json") == ()
    assert read_vex(cyclonedx(analysis=None), "x.json") == ()


@pytest.mark.parametrize(
    ("state", "versions", "aside"),
    [
        ("not_affected", [{"version": "3.0.9-1"}], True),
        ("not_affected", [{"version": "3.0.9-1", "status": "unaffected"}], True),
        ("exploitable", [{"version": "3.0.9-1", "status": "unaffected"}], True),
        ("exploitable", [{"version": "3.0.9-1", "status": "affected"}], False),
        ("not_affected", [{"range": "vers:deb/>=3.0.0|<3.1.0"}], True),
        ("not_affected", [{"range": "vers:deb/<3.0.0"}], False),
        ("not_affected", [{"range": "vers:nonsense"}], False),
        ("not_affected", [{"version": "1"}, {"version": "2"}], False),
        ("not_affected", [{"status": "unknown"}], True),
    ],
)
def test_cyclonedx_versions_narrow_a_statement(state: str, versions: list[dict[str, str]], aside: bool) -> None:
    assert bool(applied(cyclonedx(state, affects=[{"ref": "a", "versions": versions}])).set_aside) is aside


def test_cyclonedx_products_that_are_something_else() -> None:
    assert not applied(cyclonedx(ref="b")).set_aside
    assert "product nowhere is not" in applied(cyclonedx(ref="nowhere")).notices[0]
    assert applied(cyclonedx(affects=[])).set_aside
    assert not applied(cyclonedx(ref="")).set_aside
    rooted = json.loads(cyclonedx(ref="root"))
    rooted["metadata"]["component"]["hashes"] = [{"alg": "SHA-256", "content": "cd" * 32}]
    assert not applied(json.dumps(rooted).encode()).set_aside
    del rooted["metadata"]
    assert not applied(json.dumps(rooted).encode()).set_aside


XML = f"""<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5">
  <metadata><timestamp>2024-01-01T00:00:00Z</timestamp><component bom-ref="root"><name>shop</name></component></metadata>
  <components><component bom-ref="a"><name>libssl3</name><purl>pkg:deb/debian/libssl3</purl>
    <hashes><hash alg="SHA-1">00</hash></hashes></component></components>
  <vulnerabilities>
    <vulnerability><id>X-1</id><references><reference><id>{CVE}</id></reference></references>
      <analysis><state>not_affected</state><justification>code_not_present</justification><detail>why</detail></analysis>
      <affects><target><ref>a</ref><versions><version><version>3.0.9-1</version></version></versions></target></affects>
    </vulnerability>
    <vulnerability><id>X-2</id></vulnerability>
  </vulnerabilities>
</bom>""".encode()


def test_cyclonedx_in_xml_says_the_same() -> None:
    (item,) = applied(XML).set_aside
    assert item.detail == "vex0.json vulnerabilities[0]: not_affected: code_not_present (why)"
    assert read_vex(b"<bom/>", "x.xml") == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "neither OpenVEX nor CSAF nor CycloneDX"),
        (b"CVE-2023-1", "neither OpenVEX"),
        (b"{}", "neither OpenVEX"),
        (b"{", "x: Input data was truncated"),
        (
            b'{"statements": [{"status": "not_affected"}]}',
            r"missing required field `vulnerability` - at `\$.statements\[0\]`",
        ),
        (b'{"statements": [{"vulnerability": "x", "status": "maybe"}]}', r"Invalid enum value 'maybe' - at"),
        (b'{"document": 1}', "Expected `object`, got `int` - at `"),
        (b'{"bomFormat": "CycloneDX", "components": [{"purl": 1}]}', r"Expected `str`, got `int` - at `"),
        (b'{"statements": "\xff"}', "x: "),
        (
            b'{"document": {}, "product_tree": {"branches": ' + b'[{"branches":' * 5000 + b"[]" + b"}]" * 5000 + b"}}",
            "x: ",
        ),
        (b"<a", "x: "),
        (b"<html/>", "the XML is no CycloneDX document but <html>"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><bom>&b;</bom>', "x: "),
        (b'<?xml version="1.0" encoding="nonsense"?><bom/>', "x: "),
    ],
)
def test_what_is_no_vex_document_is_refused_by_name_and_place(data: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read_vex(data, "x")


def test_a_document_of_absurd_size_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="x: more than"):
        read_vex(bytes(LIMIT + 1), "x")


def test_a_byte_order_mark_does_not_matter() -> None:
    assert read_vex(b"\xef\xbb\xbf" + openvex(says({"@id": "pkg:npm/x"})), "x")
