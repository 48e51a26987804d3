"""Constraints in the ecosystems' own words: which versions fulfil them, which do not, and what is refused."""

import pytest

from assay.errors import Invalid, InvalidVersion
from assay.model.ecosystem import Ecosystem
from assay.versions.native import satisfies

CASES: list[tuple[Ecosystem, str, str, str]] = [
    # ecosystem, constraint, versions inside, versions outside
    (Ecosystem.DEB, "<< 1.2-3", "1.2-2 1.2-3~bpo12+1 0:1", "1.2-3 1.2-3+b1 1:0"),
    (Ecosystem.DEB, ">= 1:1.0, << 1:2.0", "1:1.0-1 1:1.9", "1.5 1:2.0 2:0"),
    (Ecosystem.DEB, ">> 1.0 || = 0.5", "0.5 0.5-0 1.0-1", "0.6 1.0"),
    (Ecosystem.DEB, "!= 1.0", "1.1", "1.0 1.0-0"),
    (Ecosystem.DEB, "*", "1", ""),
    (Ecosystem.OPKG, ">= 1.0", "1.0-r1", "0.9"),
    (Ecosystem.RPM, "= 1.0", "1.0 1.0-1.el9 0:1.0-7", "1.0.1-1 1:1.0-1"),
    (Ecosystem.RPM, "> 1.0", "1.1-1", "1.0-99"),
    (Ecosystem.RPM, ">= 1.0-2", "1.0-2 1.0-3 1.0", "1.0-1"),
    (Ecosystem.RPM, "< 2:3.0-1, >= 2:2", "2:2.5-1 2:3.0-0", "3.0-1 2:3.0-1"),
    (Ecosystem.APK, ">=1.2_rc1 <1.3-r1", "1.2_rc1 1.2 1.3 1.3-r0", "1.2_beta 1.3-r1"),
    (Ecosystem.APK, "~1.2", "1.2 1.2.5 1.2_rc1 1.2-r3", "1.20 1.3"),
    (Ecosystem.APK, "~1.2 >1.2.3", "1.2.4", "1.2.2 1.3"),
    (Ecosystem.PYPI, ">=1.0,<2.0", "1.0 1.0.post1 1.5b1 1.0+local", "2.0 2.0rc1 0.9 1.0rc1"),
    (Ecosystem.PYPI, ">1.0", "1.0.1 1.1.dev1", "1.0 1.0.post1 1.0+local"),
    (Ecosystem.PYPI, ">1.0.dev1,>1.0.post1.dev2", "1.0.post1 1.0.post2", "1.0"),
    (Ecosystem.PYPI, "<1.0rc2", "1.0rc1 1.0a1", "1.0 1.0rc2"),
    (Ecosystem.PYPI, "~=1.4.2", "1.4.2 1.4.9", "1.5 1.4.1 1!1.4.2"),
    (Ecosystem.PYPI, "~=1.4a1", "1.4a1 1.9", "2.0"),
    (Ecosystem.PYPI, "==1.2.*", "1.2 1.2.5 1.2rc1", "1.20 1!1.2 1"),
    (Ecosystem.PYPI, "==1!1.*", "1!1.5", "1.5"),
    (Ecosystem.PYPI, "!=1.2.*", "1.3", "1.2.1"),
    (Ecosystem.PYPI, "==1.0", "1.0 1 1.0+local", "1.0.1"),
    (Ecosystem.PYPI, "==1.0+local, !=2", "1.0+local", "1.0 1.0+other"),
    (Ecosystem.PYPI, "!=1.0", "1.1", "1.0+local"),
    (Ecosystem.PYPI, "===1.0RC1", "1.0rc1", "1.0.rc1"),
    (Ecosystem.PYPI, "= 1.0 || <= 0.5,", "1.0 0.4", "0.6"),
    (Ecosystem.NPM, "^1.2.3", "1.2.3 1.9.9", "1.2.2 2.0.0 1.3.0-beta 2.0.0-0"),
    (Ecosystem.NPM, "^0.2.3 || ^0.0.3 || ^0.1", "0.2.9 0.0.3 0.1.7", "0.3.0 0.0.4"),
    (Ecosystem.NPM, "~x", "0.9.0 5.0.0", "1.0.0-beta"),
    (Ecosystem.NPM, "^0 || ^x", "0.9.0 5.0.0", "1.0.0-beta"),
    (Ecosystem.NPM, "~1.2.3 || ~2 || ~>3.1", "1.2.9 2.9.0 3.1.5", "1.3.0 3.0.0 3.2.0"),
    (Ecosystem.NPM, "1.2.3-beta.2 - 2.3", "1.2.3-beta.4 2.3.9", "1.2.3-beta.1 2.4.0"),
    (Ecosystem.NPM, "1.2 - 2.3.4 || x - 0.5", "1.2.0 2.3.4 0.1.0", "2.3.5 0.6.0"),
    (Ecosystem.NPM, "3 - x", "3.0.0 9.0.0", "2.9.9"),
    (Ecosystem.NPM, ">1.2 <=2", "1.3.0 2.9.9", "1.2.9 3.0.0"),
    (Ecosystem.NPM, ">=1.2 <2.3", "1.2.0 2.2.9", "2.3.0"),
    (Ecosystem.NPM, ">= 1.0.0, < 2.0.0", "1.5.0", "2.0.0"),
    (Ecosystem.NPM, "=1.2.x || 2.*", "1.2.5 2.0.1", "1.3.0"),
    (Ecosystem.NPM, ">1.2.3-alpha.3", "1.2.3-alpha.7 3.4.5", "3.4.5-alpha.9"),
    (Ecosystem.NPM, "", "0.0.0 9.9.9", "1.0.0-a"),
    (Ecosystem.NPM, "<*", "", "0.0.0 1.0.0"),
    (Ecosystem.NPM, ">=*", "1.0.0", ""),
    (Ecosystem.NPM, "<\\t2.0.0", "1.0.0", "2.0.0"),
    (Ecosystem.MAVEN, "[1.0,2.0)", "1.0 1.9 2.0-SNAPSHOT", "2.0 1.0-alpha"),
    (Ecosystem.MAVEN, "(,1.0],[1.2,)", "0.1 1.0 1.2 9", "1.1"),
    (Ecosystem.MAVEN, "(1.0,1.1) , [2]", "1.0.1 2", "1.0 1.1 2.1"),
    (Ecosystem.MAVEN, ">= 2.0, < 2.15.0", "2.14.1", "2.15.0"),
    (Ecosystem.MAVEN, "1.0", "1 1.0.0", "1.1"),
    (Ecosystem.NUGET, "1.0", "1.0 2.0", "0.9 1.0-beta"),
    (Ecosystem.NUGET, "[1.0,2.0)", "1.5", "2.0"),
    (Ecosystem.NUGET, "1.2.*", "1.2 1.2.7", "1.20 1.2.5-beta 1.3"),
    (Ecosystem.NUGET, "1.*", "1 1.9", "2"),
    (Ecosystem.NUGET, "1.2.0.*", "1.2 1.2.0.5", "1.2.1"),
    (Ecosystem.NUGET, "1.2-*", "1.2-alpha 1.2", "1.2.1 1.1"),
    (Ecosystem.NUGET, "*", "1.0", "1.0-beta"),
    (Ecosystem.NUGET, "*-*", "1.0 1.0-beta", ""),
    (Ecosystem.NUGET, "1.*-*", "1.0 1.9-beta", "2.0-beta"),
    (Ecosystem.NUGET, ">= 1.0, < 2.0", "1.5", "2.0"),
    (Ecosystem.GOLANG, ">= 1.2.0, < 1.3.0", "v1.2.5 1.2.0", "v1.3.0 v1.2.0-rc.1"),
    (Ecosystem.GOLANG, "[v1.0.0, v1.9.9]", "v1.9.9", "v1.9.10"),
    (Ecosystem.GEM, "~> 2.3.1, >= 2.3.4", "2.3.4 2.3.10", "2.3.3 2.4 2.4.0.rc1"),
    (Ecosystem.GEM, "~> 2", "2.9 2.0", "3.0 3.0.a"),
    (Ecosystem.GEM, "~> 1.9.9 || ~> 3.a", "1.9.10 3.5", "1.10 4"),
    (Ecosystem.GEM, "~> 1.99.0", "1.99.5", "1.100"),
    (Ecosystem.GEM, "= 1.0", "1", "1.1"),
    (Ecosystem.GEM, "!= 1.0", "1.1", "1"),
    (Ecosystem.COMPOSER, "^1.2", "1.2 1.9.9 v1.2.0-beta1", "2.0 2.0-beta 1.1"),
    (Ecosystem.COMPOSER, "^0.3.1|^0.0.3|^0", "0.3.9 0.0.3", "1.0"),
    (Ecosystem.COMPOSER, "~1.2.3 || ~4", "1.2.9 4.9", "1.3 5.0"),
    (Ecosystem.COMPOSER, "~1.2-beta2", "1.2-beta2 1.2", "1.2-beta1"),
    (Ecosystem.COMPOSER, "~2.x-dev", "2.9999999.9999999.9999999-dev", "3.0 2.5"),
    (Ecosystem.COMPOSER, "1.0.*", "1.0-dev 1.0.9", "1.1"),
    (Ecosystem.COMPOSER, "0.*", "0.1", "1.0"),
    (Ecosystem.COMPOSER, "1.0 - 2.0", "1.0 2.0.9", "2.1 0.9"),
    (Ecosystem.COMPOSER, "1.0-beta - 2.0.5", "1.0-beta 2.0.5", "2.0.6"),
    (Ecosystem.COMPOSER, "1 - 2", "1.5 2.9", "3.0"),
    (Ecosystem.COMPOSER, ">=1.0,<1.1 || >=1.2@beta", "1.0.5 1.2-beta", "1.1 1.2-alpha"),
    (Ecosystem.COMPOSER, ">= 1.0-RC1 <2.0", "1.0-RC1 1.5", "1.0-beta 2.0-beta"),
    (Ecosystem.COMPOSER, "dev-main", "dev-main", "1.0 dev-other"),
    (Ecosystem.COMPOSER, "!=dev-main", "1.0 dev-other", "dev-main"),
    (Ecosystem.COMPOSER, "<2.0", "1.0", "dev-main"),
    (Ecosystem.COMPOSER, "main-dev || dev-x#abc123", "dev-main dev-x", "1.0"),
    (Ecosystem.COMPOSER, "*", "1.0 dev-main", ""),
    (Ecosystem.COMPOSER, "v*", "1.0", "dev-main"),
    (Ecosystem.COMPOSER, "@dev", "1.0", ""),
    (Ecosystem.COMPOSER, "1.0@stable", "1.0", "1.1"),
    (Ecosystem.COMPOSER, "1.0 as 1.1", "1.0", "1.1"),
    (Ecosystem.COMPOSER, "2.1.x-dev", "2.1.x-dev 2.1.*-dev", "2.1"),
    (Ecosystem.COMPOSER, "= 1.2.3+build", "1.2.3 v1.2.3@dev", "1.2.4"),
    (Ecosystem.COMPOSER, "master", "dev-master master", "1.0"),
    (Ecosystem.COMPOSER, "20121020", "20121020 20121020-stable", "1.0"),
    (Ecosystem.COMPOSER, "<2013-01-01", "2012-10-20p1 2012.10.20-stable", "2013-01-02"),
    (Ecosystem.CARGO, "1.2", "1.2.0 1.9.0", "2.0.0 1.1.0 1.3.0-beta"),
    (Ecosystem.CARGO, "~1.2.3, <1.2.9", "1.2.3", "1.2.9 1.3.0"),
    (Ecosystem.CARGO, "=1.2", "1.2.9", "1.3.0"),
    (Ecosystem.CARGO, ">=1.0.0-rc.1", "1.0.0-rc.2 2.0.0", "2.0.0-rc.1"),
    (Ecosystem.CARGO, "0.1.*", "0.1.5", "0.2.0"),
    (Ecosystem.HEX, "~> 2.1 and != 2.1.3 or >= 4.0.0", "2.1.0 2.9.0 4.0.1", "2.1.3 3.0.0 3.0.0-rc.1"),
    (Ecosystem.HEX, "~> 2.1.2", "2.1.9", "2.2.0 2.2.0-dev"),
    (Ecosystem.HEX, "1.0.0", "1.0.0", "1.0.1"),
    (Ecosystem.HEX, "> 1.0.0, ! 2.0.0", "1.5.0", "2.0.0"),
    (Ecosystem.PUB, "^1.2.3", "1.2.3 1.9.0", "2.0.0 2.0.0-dev"),
    (Ecosystem.PUB, ">=1.0.0 <2.0.0", "1.0.0 1.9.9+3", "2.0.0 2.0.0-dev"),
    (Ecosystem.PUB, ">=2.0.0-dev <2.0.0", "2.0.0-dev.1", "2.0.0"),
    (Ecosystem.PUB, ">=1.0.0 <2.0.0-b", "2.0.0-a", "2.0.0-b"),
    (Ecosystem.PUB, "any", "1.0.0-x", ""),
    (Ecosystem.CONAN, "[>=1.0 <2.0]", "1.0 1.9", "2.0"),
    (Ecosystem.CONAN, "[~1.2 || ^3.1, include_prerelease=True]", "1.2.9 3.9", "1.3 4.0 1.3-pre"),
    (Ecosystem.CONAN, "^0.2", "0.2.5", "0.3"),
    (Ecosystem.CONAN, "[*]", "cci.1", ""),
    (Ecosystem.SWIFT, "1.0.0..<2.0.0", "1.0.0 v1.9.0", "2.0.0"),
    (Ecosystem.SWIFT, '"1.0.0"..."1.5.0"', "1.5.0", "1.5.1 0.9.0"),
    (Ecosystem.SWIFT, 'from: "1.2.0"', "1.9.0", "2.0.0 2.0.0-beta 1.1.0"),
    (Ecosystem.SWIFT, '.upToNextMinor(from: "1.2.0")', "1.2.9", "1.3.0"),
    (Ecosystem.SWIFT, '.upToNextMajor(from: "1")', "1.9.0", "2.0.0"),
    (Ecosystem.SWIFT, 'exact: "1.2.3"', "1.2.3", "1.2.4"),
    (Ecosystem.SWIFT, ">= 1.0.0, < 1.5.0", "1.4.0", "1.5.0"),
    (Ecosystem.GENERIC, ">=1.1.1 <1.1.1k", "1.1.1 1.1.1j", "1.1.1k"),
    # vers: of every type
    (Ecosystem.PYPI, "vers:pypi/>=1.0|!=1.2|<2.0", "1.0 1.3", "1.2 2.0"),
    (Ecosystem.NPM, "VERS:npm/1.2.3|>=2.0.0 | <5.0.0", "1.2.3 2.0.0 4.9.9", "1.2.4 5.0.0"),
    (Ecosystem.NPM, "vers:semver/<1.0.0", "0.9.0", "1.0.0"),
    (Ecosystem.OPKG, "vers:all/*", "1", ""),
]


@pytest.mark.parametrize(("ecosystem", "constraint", "inside", "outside"), CASES)
def test_constraints_hold_what_their_ecosystem_says(
    ecosystem: Ecosystem, constraint: str, inside: str, outside: str
) -> None:
    assert [version for version in inside.split() if not satisfies(ecosystem, version, constraint)] == []
    assert [version for version in outside.split() if satisfies(ecosystem, version, constraint)] == []


REFUSED: list[tuple[Ecosystem, str]] = [
    (Ecosystem.DEB, ""),
    (Ecosystem.DEB, ">="),
    (Ecosystem.DEB, "~ 1.0"),
    (Ecosystem.DEB, "1.0 || "),
    (Ecosystem.DEB, ">= unknown"),
    (Ecosystem.RPM, ""),
    (Ecosystem.RPM, "~ 1.0"),
    (Ecosystem.APK, ">"),
    (Ecosystem.APK, ""),
    (Ecosystem.PYPI, ">="),
    (Ecosystem.PYPI, ">=1.*"),
    (Ecosystem.PYPI, "==x.*"),
    (Ecosystem.PYPI, ">=foo"),
    (Ecosystem.PYPI, "~=1"),
    (Ecosystem.NPM, ">=1.2.3 >"),
    (Ecosystem.NPM, "latest"),
    (Ecosystem.NPM, "1.2.3.4"),
    (Ecosystem.NPM, "^" + "9" * 101),
    (Ecosystem.MAVEN, "[1.0"),
    (Ecosystem.MAVEN, "[1.0,2.0) x"),
    (Ecosystem.MAVEN, "(1.0)"),
    (Ecosystem.MAVEN, "[]"),
    (Ecosystem.NUGET, "1.*.2"),
    (Ecosystem.NUGET, "1.2-*-*"),
    (Ecosystem.NUGET, ""),
    (Ecosystem.GEM, "~>"),
    (Ecosystem.GEM, "1.0,"),
    (Ecosystem.COMPOSER, "foo bar"),
    (Ecosystem.COMPOSER, "1.0 - x"),
    (Ecosystem.COMPOSER, "^x.y"),
    (Ecosystem.COMPOSER, ""),
    (Ecosystem.CARGO, "1.0,,2.0"),
    (Ecosystem.CARGO, "latest"),
    (Ecosystem.HEX, "~> 2"),
    (Ecosystem.HEX, "1.0.0 nor 2.0.0"),
    (Ecosystem.PUB, "~1.0"),
    (Ecosystem.CONAN, "~x"),
    (Ecosystem.CONAN, "^~1"),
    (Ecosystem.SWIFT, "1.0.0..."),
    (Ecosystem.GENERIC, "1 || ++"),
    (Ecosystem.GENERIC, "^1.0"),
    (Ecosystem.NPM, "vers:pypi/>=1.0"),
    (Ecosystem.DEB, "vers:semver/>=1.0"),
    (Ecosystem.NPM, "vers:npm"),
    (Ecosystem.NPM, "1" * 70_000),
]


@pytest.mark.parametrize(("ecosystem", "constraint"), REFUSED)
def test_what_is_no_constraint_is_refused(ecosystem: Ecosystem, constraint: str) -> None:
    with pytest.raises(Invalid) as raised:
        satisfies(ecosystem, "1.2.3", constraint)
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("ecosystem", list(Ecosystem))
def test_a_version_without_order_is_refused(ecosystem: Ecosystem) -> None:
    with pytest.raises(InvalidVersion):
        satisfies(ecosystem, "not a version", "=1.2.3")


def test_an_aliased_composer_version_is_the_one_before_as() -> None:
    assert satisfies(Ecosystem.COMPOSER, "1.0 as 2.0", "^1.0")
    assert not satisfies(Ecosystem.COMPOSER, "1.0 as 2.0", "^2.0")


def test_pypi_versions_outside_pep_440_do_not_fulfil_specifiers() -> None:
    with pytest.raises(InvalidVersion):
        satisfies(Ecosystem.PYPI, "1.0-final", ">=1.0")


HOSTILE = (">=1," * 9000, "1||" * 9000, "|" * 30_000, ">" * 30_000, "(" * 30_000, "[1,2]," * 5000, "1 - " * 8000, "1" + ".*" * 20_000,
           " and " * 8000, "a@" * 20_000, " as " * 9000, "x." * 20_000, "-" * 30_000, "1 " * 20_000, "vers:npm/" + ">1|" * 9000 + "<2")  # fmt: skip


@pytest.mark.parametrize("ecosystem", list(Ecosystem))
def test_hostile_constraints_end_soon_and_with_typed_errors(ecosystem: Ecosystem) -> None:
    for constraint in HOSTILE:
        try:
            assert satisfies(ecosystem, "1.2.3", constraint) in (True, False)
        except Invalid:
            continue
