"""OSV's ecosystem strings become ecosystems and scopes."""

import pytest

from assay.intel.osv_ecosystem import KNOWN, is_known, world_of


@pytest.mark.parametrize(
    ("osv", "ecosystem", "scope", "source"),
    [
        ("PyPI", "pypi", "pypi", False),
        ("npm", "npm", "npm", False),
        ("Go", "golang", "golang", False),
        ("Maven", "maven", "maven", False),
        ("Maven:https://maven.google.com", "maven", "maven", False),
        ("RubyGems", "gem", "gem", False),
        ("crates.io", "cargo", "cargo", False),
        ("Packagist", "composer", "composer", False),
        ("Packagist:https://packages.drupal.org/8", "composer", "composer", False),
        ("NuGet", "nuget", "nuget", False),
        ("Hex", "hex", "hex", False),
        ("Pub", "pub", "pub", False),
        ("ConanCenter", "conan", "conan", False),
        ("SwiftURL", "swift", "swift", False),
        ("GitHub Actions", "generic", "github-actions", False),
        ("Bitnami", "generic", "bitnami", False),
        ("Debian:12", "deb", "debian:12", True),
        ("Debian", "deb", "debian", True),
        ("Ubuntu:22.04:LTS", "deb", "ubuntu:22.04", True),
        ("Ubuntu:23.10", "deb", "ubuntu:23.10", True),
        ("Ubuntu:Pro:18.04:LTS", "deb", "ubuntu-pro:18.04", True),
        ("Ubuntu:Pro:FIPS-updates:20.04:LTS", "deb", "ubuntu-pro-fips-updates:20.04", True),
        ("Ubuntu:noble", "deb", "ubuntu:noble", True),
        ("Alpine:v3.19", "apk", "alpine:3.19", True),
        ("Wolfi", "apk", "wolfi", True),
        ("Chainguard", "apk", "chainguard", True),
        ("Alpaquita:stream", "apk", "alpaquita:stream", True),
        ("AlmaLinux:9", "rpm", "almalinux:9", False),
        ("Rocky Linux:9", "rpm", "rocky:9", True),
        ("Red Hat:enterprise_linux:9::appstream", "rpm", "rhel:9", False),
        ("Red Hat:rhel_eus:9.2::baseos", "rpm", "rhel-eus:9.2", False),
        ("Red Hat:unknown", "rpm", "redhat:unknown", False),
        ("SUSE:Linux Enterprise Server 15 SP5", "rpm", "sles:15.5", True),
        ("SUSE:Linux Enterprise Module for Basesystem 15 SP5", "rpm", "sles:15.5", True),
        ("SUSE:Linux Enterprise Server for SAP Applications 12 SP5", "rpm", "sles:12.5", True),
        ("SUSE:Linux Enterprise Server 15 SP3-LTSS", "rpm", "sles-ltss:15.3", True),
        ("SUSE:Linux Enterprise Server LTSS Extended Security 12 SP5", "rpm",
         "suse-server-ltss-extended-security:12.5", True),
        ("SUSE:Linux Enterprise High Performance Computing 15 SP2-ESPOS", "rpm", "sles-espos:15.2", True),
        ("SUSE:Linux Enterprise Micro 5.5", "rpm", "sle-micro:5.5", True),
        ("SUSE:Linux Enterprise Real Time 15 SP5", "rpm", "suse-real-time:15.5", True),
        ("SUSE:Manager Server 4.3", "rpm", "suse-manager-server-4.3", True),
        ("openSUSE:Leap 15.5", "rpm", "opensuse-leap:15.5", True),
        ("openSUSE:Tumbleweed", "rpm", "opensuse-tumbleweed", True),
        ("openSUSE:Leap Micro 5.3", "rpm", "opensuse-leap-micro:5.3", True),
        ("openSUSE:Factory", "rpm", "opensuse-factory", True),
        ("openEuler:22.03-LTS-SP1", "rpm", "openeuler:22.03-lts-sp1", True),
        ("Mageia:9", "rpm", "mageia:9", True),
        ("Photon OS:3.0", "rpm", "photon:3.0", False),
        ("Azure Linux:3", "rpm", "azurelinux:3.0", True),
        ("Azure Linux:2", "rpm", "mariner:2.0", True),
        ("Root:Alpine:3.18", "generic", "root:alpine-3.18", False),
        ("Hackage", "generic", "hackage", False),
    ],
)  # fmt: skip
def test_an_ecosystem_string_names_a_version_order_and_a_scope(
    osv: str, ecosystem: str, scope: str, source: bool
) -> None:
    world = world_of(osv)
    assert (world.ecosystem.value, world.scope, world.source) == (ecosystem, scope, source)


def test_distributions_are_told_from_languages() -> None:
    assert [name for name in ("Debian:12", "Wolfi", "PyPI", "Hackage") if world_of(name).os] == ["Debian:12", "Wolfi"]


def test_names_get_the_spelling_of_their_ecosystem() -> None:
    assert world_of("PyPI").name("Zope.Interface") == "zope-interface"
    assert world_of("Debian:12").name("libX11") == "libX11"


def test_only_ecosystems_whose_versions_are_ordered_count_as_covered() -> None:
    assert is_known("PyPI")
    assert not is_known("Maven-victims")
    assert not is_known("GitHub Actions")
    assert "GitHub Actions" in KNOWN
