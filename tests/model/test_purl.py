"""Package URLs and components name the same things."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from assay.errors import Invalid
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem
from assay.model.purl import component_of, parse_purl, purl_of, release_of, scope_of, source_of_rpm

PAIRS = [
    (
        Component(Ecosystem.DEB, "libssl3", "3.0.11-1~deb12u2", "debian:12", "amd64", "openssl", "3.0.11-1~deb12u2"),
        "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl",
    ),
    (
        Component(Ecosystem.DEB, "libstdc++6", "1:12.2+1", "ubuntu:22.04", "amd64", "gcc-12", "12.2+1"),
        "pkg:deb/ubuntu/libstdc%2B%2B6@1:12.2%2B1?arch=amd64&distro=ubuntu-22.04&upstream=gcc-12%4012.2%2B1",
    ),
    (
        Component(Ecosystem.RPM, "perl-Pod", "1:1.07-3.el8", "rhel:8", "noarch", "perl", "4:5.26.3-1.el8", "perl:5.26"),
        (
            "pkg:rpm/redhat/perl-Pod@1.07-3.el8?arch=noarch&distro=rhel-8&epoch=1&rpmmod=perl:5.26"
            "&upstream=perl%404:5.26.3-1.el8"
        ),
    ),
    (
        Component(Ecosystem.RPM, "bash-doc", "2:4.4-3", "amzn:2023", "noarch", "bash", "2:4.4-3"),
        "pkg:rpm/amzn/bash-doc@4.4-3?arch=noarch&distro=amzn-2023&epoch=2&upstream=bash-4.4-3.src.rpm",
    ),
    (
        Component(Ecosystem.RPM, "bash", "4.4-3", "opensuse-leap:15.5", "", "bash", "4.4-3"),
        "pkg:rpm/opensuse/bash@4.4-3?distro=opensuse-leap-15.5",
    ),
    (Component(Ecosystem.RPM, "odd", "1", source_name="src", source_version="2"), "pkg:rpm/odd@1?upstream=src%402"),
    (
        Component(Ecosystem.APK, "busybox-binsh", "1.36-r1", "alpine:3.18", "x86_64", "busybox", "1.36-r1"),
        "pkg:apk/alpine/busybox-binsh@1.36-r1?arch=x86_64&distro=alpine-3.18&upstream=busybox",
    ),
    (
        Component(Ecosystem.APK, "a", "1-r0", "wolfi", source_name="a", source_version="1-r0"),
        "pkg:apk/wolfi/a@1-r0?distro=wolfi",
    ),
    (Component(Ecosystem.OPKG, "zlib", "1", source_name="zlib", source_version="1"), "pkg:opkg/zlib@1"),
    (Component(Ecosystem.DEB, "nothing", "", source_name="nothing"), "pkg:deb/nothing"),
    (Component(Ecosystem.MAVEN, "org.apache:log4j", "1"), "pkg:maven/org.apache/log4j@1"),
    (Component(Ecosystem.NPM, "@angular/core", "1.0.0"), "pkg:npm/%40angular/core@1.0.0"),
    (Component(Ecosystem.NPM, "JSONStream", "1.0.0"), "pkg:npm/JSONStream@1.0.0"),
    (Component(Ecosystem.PYPI, "zope-interface", "1.0+local"), "pkg:pypi/zope-interface@1.0%2Blocal"),
    (
        Component(Ecosystem.GOLANG, "github.com/a/b", "1.2+incompatible"),
        "pkg:golang/github.com/a/b@v1.2%2Bincompatible",
    ),
    (Component(Ecosystem.GOLANG, "example.org/m", "(devel)"), "pkg:golang/example.org/m@%28devel%29"),
    (Component(Ecosystem.GOLANG, "stdlib", "1.21.5"), "pkg:golang/stdlib@1.21.5"),
    (Component(Ecosystem.COMPOSER, "vendor/name", ""), "pkg:composer/vendor/name"),
    (Component(Ecosystem.SWIFT, "github.com/A/B", "5.0.0"), "pkg:swift/github.com/A/B@5.0.0"),
    (Component(Ecosystem.GEM, "rails", "7.0"), "pkg:gem/rails@7.0"),
    (Component(Ecosystem.CARGO, "serde", "1.0.0"), "pkg:cargo/serde@1.0.0"),
    (Component(Ecosystem.GENERIC, "nginx/nginx", "1.25"), "pkg:generic/nginx/nginx@1.25"),
    (Component(Ecosystem.GENERIC, "pkg:docker/library/nginx?tag=a%2Fb", "1"), "pkg:docker/library/nginx@1?tag=a%2Fb"),
    (Component(Ecosystem.GENERIC, "pkg:github/actions/checkout", ""), "pkg:github/actions/checkout"),
]


@pytest.mark.parametrize(("component", "purl"), PAIRS, ids=[purl for _, purl in PAIRS])
def test_a_component_and_its_purl_are_two_spellings_of_one_thing(component: Component, purl: str) -> None:
    assert purl_of(component) == purl
    assert component_of(purl) == component


@pytest.mark.parametrize("purl", [purl for _, purl in PAIRS if "JSONStream" not in purl and "%2F" not in purl])
def test_the_reference_implementation_writes_the_same(purl: str) -> None:
    assert PackageURL.from_string(purl).to_string() == purl


@pytest.mark.parametrize(
    ("component", "purl"),
    [
        (Component(Ecosystem.PYPI, "Zope_Interface", "1"), "pkg:pypi/zope-interface@1"),
        (Component(Ecosystem.COMPOSER, "Vendor/Name", "1"), "pkg:composer/vendor/name@1"),
        (Component(Ecosystem.SWIFT, "https://github.com/A/B.git", "1"), "pkg:swift/github.com/A/B@1"),
        (Component(Ecosystem.SWIFT, "git@github.com:A/B.git", "1"), "pkg:swift/github.com/A/B@1"),
        (Component(Ecosystem.MAVEN, "alone", "1"), "pkg:maven/alone@1"),
        (Component(Ecosystem.CARGO, "größe", "1"), "pkg:cargo/gr%C3%B6%C3%9Fe@1"),
        (Component(Ecosystem.RPM, "a", "1-1", source_name="b"), "pkg:rpm/a@1-1?upstream=b"),
    ],
)
def test_names_are_written_in_the_form_the_purl_type_asks_for(component: Component, purl: str) -> None:
    assert purl_of(component) == purl


def os_package(
    ecosystem: Ecosystem, name: str, version: str, scope: str, arch: str = "", source: str = "", module: str = ""
) -> Component:
    return Component(ecosystem, name, version, scope, arch, source or name, version, module)


@pytest.mark.parametrize(
    ("purl", "component"),
    [
        # Amazon Inspector's generator
        (
            "pkg:deb/ubuntu/vim@8.0-1?arch=amd64&distro=14.04&epoch=2&source=vi",
            os_package(Ecosystem.DEB, "vim", "2:8.0-1", "ubuntu:14.04", "amd64", "vi"),
        ),
        (
            "pkg:dpkg/apt@2.6.1?arch=ARM64&epoch=0&upstream=apt",
            os_package(Ecosystem.DEB, "apt", "2.6.1", "", "ARM64"),
        ),
        (
            "pkg:rpm/amazon/curl@8.3-1?arch=x86_64&distro=2023&epoch=0",
            os_package(Ecosystem.RPM, "curl", "8.3-1", "amzn:2023", "x86_64"),
        ),
        ("pkg:apk/alpine/busybox@1?distro=3.19.1", os_package(Ecosystem.APK, "busybox", "1", "alpine:3.19")),
        # Trivy
        (
            "pkg:rpm/redhat/npm@6-1?distro=redhat-8.4&epoch=1&modularitylabel=nodejs:12:803002:229f0a1c",
            os_package(Ecosystem.RPM, "npm", "1:6-1", "rhel:8", "", "", "nodejs:12"),
        ),
        (
            "pkg:deb/debian/bsdutils@2.36?distro=debian-11.6&epoch=1",
            os_package(Ecosystem.DEB, "bsdutils", "1:2.36", "debian:11"),
        ),
        # Syft
        (
            "pkg:rpm/centos/xz-libs@5.2.2-1.el7?arch=x86_64&distro=centos-7&upstream=xz-5.2.2-1.el7.src.rpm",
            os_package(Ecosystem.RPM, "xz-libs", "5.2.2-1.el7", "rhel:7", "x86_64", "xz"),
        ),
        # lenient
        ("pkg:npm/@angular/core@1.0.0", Component(Ecosystem.NPM, "@angular/core", "1.0.0")),
        ("pkg:npm/@angular/core", Component(Ecosystem.NPM, "@angular/core", "")),
        ("PKG://NPM//a@1?x=&=y#sub/path", Component(Ecosystem.NPM, "a", "1")),
        ("pkg:golang/github.com/a//b@1.0.0", Component(Ecosystem.GOLANG, "github.com/a/b", "1.0.0")),
        ("pkg:golang/github.com%2Fa/b@v1", Component(Ecosystem.GOLANG, "github.com/a/b", "1")),
        ("pkg:apk/b@1?upstream=x.rpm", os_package(Ecosystem.APK, "b", "1", "", "", "x.rpm")),
    ],
)
def test_purls_of_other_tools_are_understood(purl: str, component: Component) -> None:
    assert component_of(purl) == component


@pytest.mark.parametrize(
    ("namespace", "distro", "scope"),
    [
        ("debian", "debian-12.4", "debian:12"),
        ("debian", "bookworm", "debian:12"),
        ("debian", "debian-trixie", "debian:13"),
        ("debian", "debian-sid", "debian:sid"),
        ("ubuntu", "jammy", "ubuntu:22.04"),
        ("redhat", "el9", "rhel:9"),
        ("rocky", "el9", "rocky:9"),
        ("", "el9", "rhel:9"),
        ("fedora", "fc38", "fedora:38"),
        ("", "amzn2", "amzn:2"),
        ("opensuse", "15.5", "opensuse-leap:15.5"),
        ("opensuse", "opensuse-15.5", "opensuse-leap:15.5"),
        ("opensuse", "opensuse-tumbleweed-20230101", "opensuse-tumbleweed"),
        ("suse", "sles-15.3", "sles:15.3"),
        ("suse", "suse linux enterprise server-15.3", "sles:15.3"),
        ("wolfi", "", "wolfi"),
        ("wolfi", "wolfi-20230201", "wolfi"),
        ("", "chainguard", "chainguard"),
        ("debian", "", ""),
        ("", "", ""),
        ("", "12", ""),
        ("debian", "debian", ""),
    ],
)
def test_the_release_is_read_from_every_known_form_of_distro(namespace: str, distro: str, scope: str) -> None:
    assert scope_of(namespace, distro) == scope


@pytest.mark.parametrize(
    ("filename", "version", "source"),
    [
        ("bash-4.4-1.src.rpm", "4.4-1", ("bash", "4.4-1")),
        ("bash-4.4-1.src.rpm", "2:4.4-1", ("bash", "2:4.4-1")),
        ("perl-5.26.3-1.el8.nosrc.rpm", "1:1.07-3", ("perl", "5.26.3-1.el8")),
        ("(none)", "1", ("", "")),
        ("", "", ("", "")),
    ],
)
def test_the_source_of_an_rpm_is_read_from_its_file_name(filename: str, version: str, source: tuple[str, str]) -> None:
    assert source_of_rpm(filename, version) == source


def test_code_names_lead_to_releases() -> None:
    assert release_of("Noble") == ("ubuntu", "24.04")
    assert release_of("nobody") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pkg:",
        "pkg:npm",
        "pkg:npm/",
        "npm/a@1",
        "pkg:n pm/a",
        "pkg:1npm/a",
        "pkg:npm/a%00b",
        "pkg:npm/" + "a" * 20000,
    ],
)
def test_what_is_no_purl_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        component_of(text)


def test_the_parts_of_a_purl_are_decoded() -> None:
    parts = parse_purl("pkg:generic/a%20b/c%2Fd@1%2B2?Arch=x%26y&checksum=sha1:00#in/side")
    assert (parts.namespace, parts.name, parts.version) == ("a b", "c/d", "1+2")
    assert (parts.qualifiers, parts.subpath) == ({"arch": "x&y", "checksum": "sha1:00"}, "in/side")


@given(st.text(max_size=60))
def test_any_text_is_either_a_purl_or_refused(text: str) -> None:
    with contextlib.suppress(Invalid):
        component_of("pkg:" + text)


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/:@", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8
)


@given(
    st.sampled_from([Ecosystem.NPM, Ecosystem.CARGO, Ecosystem.GEM, Ecosystem.NUGET, Ecosystem.GENERIC]), NAMES, NAMES
)
def test_any_name_and_version_come_back(ecosystem: Ecosystem, name: str, version: str) -> None:
    component = Component(ecosystem, name, version)
    assert component_of(purl_of(component)) == component


def test_go_names_are_lowered_as_their_type_demands() -> None:
    component = Component(Ecosystem.GOLANG, "github.com/Azure/go-autorest", "14.2.0")
    assert purl_of(component) == "pkg:golang/github.com/azure/go-autorest@v14.2.0"
