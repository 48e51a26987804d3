"""``vers:`` ranges by themselves; examples after the specification and its test suite."""

import pytest

from assay.errors import Invalid, InvalidVersion
from assay.model.ecosystem import Ecosystem
from assay.versions.vers import is_scheme_of, satisfies, scheme_of


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.3 2.0.0 4.0.0", "1.2.2 5.0.0"),
        ("vers:pypi/0.0.2|0.0.6|>=3.0.0|0.0.1", "0.0.1 0.0.6 3.0.0 4", "0.0.3 2.9"),
        ("vers:pypi/<=1.0.0|>=2.0.0", "0.5 1.0.0 2.0.0 3", "1.5"),
        ("vers:pypi/>=3.0.0|!=2.0.3", "3.1", "2.0.3 2.0.4"),
        ("vers:gem/!=1.0|!=1.1", "1.2 0.9", "1.0 1.1.0"),
        ("vers:gem/=1.0", "1.0.0", "1.1"),
        ("vers:maven/>=1.0|>=1.5|<=2.0|<3.0", "1.0 1.2 1.5 2.0 2.9", "3.0 0.9"),
        ("vers:maven/>1.0|<1.2|>=2.0|<2.1", "1.1 2.0", "1.0 1.2 1.5 2.1"),
        ("vers:deb/<1%3A2.0-1%2Bdeb12u1", "1:2.0-1 3.0", "1:2.0-1+deb12u1"),
        ("vers:golang/>=v1.2.0 | <v1.3.0|", "v1.2.5", "v1.3.0"),
        ("vers:alpine/<1.2-r3", "1.2-r2", "1.2-r3"),
        ("vers:rpm/<1.0-2", "1.0-1 1.0", "1.0-2"),
        ("vers:semver/>=1.0.0-rc.1", "1.0.0", "1.0.0-beta"),
        ("vers:openssl/<1.1.1k", "1.1.1j", "1.1.1k"),
        ("vers:npm/*", "0.0.0", ""),
        ("vers:all/*", "whatever", ""),
        ("vers:none/*", "", "whatever"),
    ],
)
def test_ranges_hold_what_the_specification_says(constraint: str, inside: str, outside: str) -> None:
    assert [version for version in inside.split() if not satisfies(constraint, version)] == []
    assert [version for version in outside.split() if satisfies(constraint, version)] == []


@pytest.mark.parametrize(
    "constraint",
    [
        "",
        "npm/1.0",
        "vers:",
        "vers:npm",
        "vers:npm/",
        "vers:npm/>=",
        "vers:npm/1.0.0||2.0.0",
        "vers:npm/1.0.0|*",
        "vers:unknown/1",
        "vers:all/1",
    ],
)
def test_what_is_no_range_is_refused(constraint: str) -> None:
    with pytest.raises(Invalid):
        satisfies(constraint, "1.0.0")


def test_versions_without_order_are_refused() -> None:
    with pytest.raises(InvalidVersion):
        satisfies("vers:npm/>=1.0.0", "latest")
    with pytest.raises(InvalidVersion):
        satisfies("vers:npm/>=soon", "1.0.0")


def test_a_scheme_orders_the_versions_of_its_ecosystem() -> None:
    assert scheme_of("vers:Deb/>=1") == "deb"
    assert is_scheme_of("deb", Ecosystem.DEB)
    assert not is_scheme_of("deb", Ecosystem.RPM)
    assert is_scheme_of("semver", Ecosystem.CARGO)
    assert not is_scheme_of("semver", Ecosystem.DEB)
    assert is_scheme_of("openssl", Ecosystem.GENERIC)
    assert is_scheme_of("none", Ecosystem.HEX)
