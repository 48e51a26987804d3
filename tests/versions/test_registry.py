"""The tables: one scheme for each ecosystem, and the names that mean it."""

import subprocess
import sys

import pytest

from assay.errors import Invalid, InvalidVersion
from assay.model.ecosystem import Ecosystem
from assay.versions import registry
from assay.versions.names import ecosystem_of
from assay.versions.native import satisfies
from assay.versions.registry import SCHEMES, compare, version_key


def test_every_ecosystem_has_a_scheme() -> None:
    assert set(SCHEMES) == set(Ecosystem)
    assert len(SCHEMES) == len(Ecosystem)
    for ecosystem in Ecosystem:
        assert SCHEMES[ecosystem]("1.2.3") < SCHEMES[ecosystem]("1.2.4")


def test_every_ecosystem_has_a_notation() -> None:
    for ecosystem in Ecosystem:
        assert satisfies(ecosystem, "1.2.3", "=1.2.3") is True
        assert satisfies(ecosystem, "1.2.3", ">=1.3.0") is False


def test_a_key_is_the_same_from_the_memo() -> None:
    assert (
        version_key(Ecosystem.DEB, "1:2.3-4")
        == version_key(Ecosystem.DEB, "1:2.3-4")
        == SCHEMES[Ecosystem.DEB]("1:2.3-4")
    )
    assert version_key(Ecosystem.NPM, "1.2.3") != version_key(Ecosystem.RPM, "1.2.3")


def test_the_memo_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_MEMO_SIZE", 3)
    monkeypatch.setattr(registry, "_memo", {})
    for number in range(10):
        version_key(Ecosystem.RPM, str(number))
    version_key(Ecosystem.RPM, "1" * 100)
    assert 0 < len(registry._memo) <= 3


def test_compare_refuses_what_has_no_order() -> None:
    with pytest.raises(InvalidVersion, match="'latest' is not a version that npm can order"):
        compare(Ecosystem.NPM, "1.0.0", "latest")


@pytest.mark.parametrize(
    ("name", "ecosystem"),
    [
        ("deb", Ecosystem.DEB),
        ("Debian", Ecosystem.DEB),
        ("Debian:12", Ecosystem.DEB),
        ("Ubuntu:Pro:18.04:LTS", Ecosystem.DEB),
        ("AlmaLinux:9", Ecosystem.RPM),
        ("Rocky Linux", Ecosystem.RPM),
        ("Red Hat:enterprise_linux:9::appstream", Ecosystem.RPM),
        ("Alpine:v3.11", Ecosystem.APK),
        ("Wolfi", Ecosystem.APK),
        ("PyPI", Ecosystem.PYPI),
        ("npm", Ecosystem.NPM),
        ("Maven", Ecosystem.MAVEN),
        ("RubyGems", Ecosystem.GEM),
        ("NuGet", Ecosystem.NUGET),
        ("Packagist", Ecosystem.COMPOSER),
        ("Go", Ecosystem.GOLANG),
        ("crates.io", Ecosystem.CARGO),
        ("crates", Ecosystem.CARGO),
        ("Hex", Ecosystem.HEX),
        ("Pub", Ecosystem.PUB),
        ("ConanCenter", Ecosystem.CONAN),
        ("SwiftURL", Ecosystem.SWIFT),
        ("opkg", Ecosystem.OPKG),
        ("generic", Ecosystem.GENERIC),
    ],
)
def test_names_of_publishers_mean_an_ecosystem(name: str, ecosystem: Ecosystem) -> None:
    assert ecosystem_of(name) is ecosystem


@pytest.mark.parametrize("name", ["", "GitHub Actions", "hackage", ":", "x" * 1000])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="is not an ecosystem whose versions can be ordered"):
        ecosystem_of(name)


def test_schemes_are_imported_when_they_are_needed() -> None:
    code = (
        "import sys; from assay.versions.registry import compare; from assay.model.ecosystem import Ecosystem;"
        "compare(Ecosystem.DEB, '1', '2');"
        "print(sorted(m for m in sys.modules if m.startswith('assay.versions.') and m.count('.') == 2))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == str([f"assay.versions.{name}" for name in ("deb", "encoding", "names", "registry")])
