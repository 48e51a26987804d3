"""Each ecosystem's order, as literal chains: every version is before all that follow it; equal ones share a line."""

from itertools import combinations

import pytest

from assay.errors import InvalidVersion
from assay.model.ecosystem import Ecosystem
from assay.versions.registry import SCHEMES, compare

CHAINS: list[tuple[Ecosystem, str]] = [
    # deb-version(7), Debian policy 5.6.12
    (Ecosystem.DEB, "1.0~~ 1.0~~a 1.0~ 1.0 1.0-1 1.0A 1.0a 1.0b 1.0+b1 1.0.1"),
    (Ecosystem.DEB, "1.0=1.0-0=0:1.0=00:1.0=1.0-00 1.0-0+deb12u1 1.0-1~bpo1 1.0-1 1.0-1+b1 1.0-1.1 1.0-2 1.0-10 1:0.1"),
    (Ecosystem.DEB, "0.9 0.10 1.2=1.02 1.2. 1.2.1 1.2.a=1.2.a0 1.2_3 2"),
    (Ecosystem.DEB, "2:1-2-2 2:1-2:3-1 2147483647:0"),
    (Ecosystem.OPKG, "1.0~rc1 1.0-r1 1.0-r2"),
    # rpm's tests/rpmvercmp.at
    (
        Ecosystem.RPM,
        "1.0~rc1~git1 1.0~rc1 1.0=0:1.0=:1.0=1..0=1_0 1.0- 1.0-1=1.0-1.=1.0-01 1.0-1.a 1.0-1.1 1.0^ 1.0^a 1.0^1 1.0.a 1.0.1=1.0.α1",
    ),
    (Ecosystem.RPM, "1.0^git1~pre 1.0^git1 1.0^git2 1.0a 1.0aa 1.1.α=1.1.ββ=1.1 1.1.a 1.1.1 1:0.1"),
    # apk-tools test/unit/version.data
    (
        Ecosystem.APK,
        "1.0_alpha 1.0_alpha1 1.0_beta 1.0_pre2 1.0_rc1_rc 1.0_rc1 1.0_rc1_p1 1.0_rc2 1.0 1.0bc=1.0bd 1.0b",
    ),
    (
        Ecosystem.APK,
        "1.0_foo=1.0! 1.0 1.0-r0=1.0-r=1.0-r00 1.0-r1 1.0~ab 1.0_cvs 1.0_svn 1.0_git 1.0_hg 1.0_p 1.0_p1 1.0_p2-r1 1.0a 1.0a1 1.0b 1.0.0 1.0.01 1.0.1 1.0.2 1.0.10",
    ),
    (Ecosystem.APK, "1..2 1.06 1.1=01.1 1.2 10"),
    (Ecosystem.APK, "a b .1 .2 0 1-ruff1=1-ruff2 1-r-1 1-r0 1-r2"),
    # PEP 440; what does not follow it comes first, by setuptools' old rule
    (
        Ecosystem.PYPI,
        "foo 1.0dev-final.x 1.0-bulbasaur 1.0-charmander 2013-01-21T20:33:09+0100 2013-01-23T17:11:52+0100 0 1.0.dev1",
    ),
    (Ecosystem.PYPI, "x-rc1=x--rc1=x.0.0rc1 x=x.0 x-y x1"),
    (
        Ecosystem.PYPI,
        "1.0.dev0=1.dev=1.0DEV 1.0a1.dev1 1.0a1=1.0alpha1=v1.0.0-a.1 1.0a1.post1 1.0b2=1.0-beta-2 1.0rc1=1.0c1=1.0pre1=1.0preview1 1=1.0=1.0.0=0!1 1+a 1+a.1 1+1=1+01 1+1.a=1+1_a 1.0.post0.dev1 1.0.post=1.0-0=1.0r0=1.0.rev.0 1.0-1=1.post1 1.1 1!0",
    ),
    # semver.org section 11
    *(
        (
            ecosystem,
            "1.0.0-0 1.0.0-1 1.0.0-10 1.0.0-a 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-alpha-x 1.0.0-beta 1.0.0-rc.1 1.0.0=1.0=1=v1.0.0=1.0.0+build 1.0.0.1 1.0.1 1.2.0 1.10.0",
        )
        for ecosystem in (
            Ecosystem.NPM,
            Ecosystem.CARGO,
            Ecosystem.HEX,
            Ecosystem.SWIFT,
            Ecosystem.GOLANG,
            Ecosystem.NUGET,
        )
    ),
    (Ecosystem.NPM, "1.2.3-beta1=1.2.3beta1=v1.2.3beta1+x 1.2.3"),
    (Ecosystem.PUB, "1.0.0-a 1.0.0-a+1 1.0.0 1.0.0+0 1.0.0+1 1.0.0+1.a 1.0.0+a 1.0.1"),
    (Ecosystem.NUGET, "1.0.0-ALPHA=1.0-alpha 1.0.0-Beta=1.0.0-bETA+x 1.0.0.0=1 1.0.0.1"),
    (
        Ecosystem.GOLANG,
        "v0.0.0-20190101000000-abcdefabcdef v0.0.0-20200101000000-012345678901 v0.0.0 v2.0.0=2.0.0+incompatible v2.0.1-0.20210101000000-0123456789ab v2.0.1",
    ),
    (
        Ecosystem.GOLANG,
        "go1.21beta1 go1.21rc2=1.21rc2=1.21.0-rc.2 go1.21=1.21.0=go1.21-bigcorp go1.21.3=go1.21.3+x=1.21.3 go1.22",
    ),
    # Gem::Version
    (
        Ecosystem.GEM,
        "1.0.a.0.b 1.0.a.0.0.b 1.0.a=1.a=1.0.a.0 1.0.a.0.1 1.0.a.1=1.a1 1.0.b1=1.0.0.b.1 1.0.rc 1=1.0=1.0.0 1.0.0.1 1.0.1.a 1.0.1 1.10",
    ),
    (Ecosystem.GEM, "0.0.a 0=0.0 0.0.0.1 1-rc.1 1-1=1.pre.1 1"),
    # Maven's ComparableVersion and its published tests
    (
        Ecosystem.MAVEN,
        "1-alpha=1.0-alpha=1.alpha 1-alpha-1=1a1=1-ALPHA1 1-beta=1.0.beta 1-b2 1-milestone 1-m3 1-rc=1-cr 1-rc2 1-SNAPSHOT 1=1.0=1-ga=1.final=1.RELEASE=1-0=1. 1-sp 1-a 1-foo 1-1-SNAPSHOT 1-1=1-ga-1=1-final-1 1-2 1.0.1 1.1",
    ),
    (Ecosystem.MAVEN, "2.0 2-1 2.0.a 2.0.0.a 2.0.2 2.1-a 2.1b 2.1-1"),
    (Ecosystem.MAVEN, "1-rc 1 1.sp.1 1.1"),
    (Ecosystem.MAVEN, "1.ga.rc-1 1.0.alpha.1 1.0.0.alpha.1 1 1.ga.1 1.foo.1 1-x"),
    (Ecosystem.MAVEN, "1-0-1=1--1 1-1"),
    (Ecosystem.MAVEN, "6.1.0rc3 6.1.0 6.1H.5-beta 20190126.230843 1234567890.12345 12345678901234567890.1"),
    # PHP's version_compare
    (
        Ecosystem.COMPOSER,
        "1.0foo=1.0-xyz 1.0-dev 1.0-alpha=1.0a 1.0-alpha1 1.0b1 1.0RC1=1.0rc1=1.0.rc.1 1.0=v1.0=V1.0 1.0.0 1.0.1 1.0pl1=1.0-p1=1.0patch1 1.1",
    ),
    (Ecosystem.COMPOSER, "dev-foo=dev-main 1. 1~x 1"),
    # Conan 2
    (Ecosystem.CONAN, "1.1.1-rc1 1.1.1=1.1.1.0 1.1.1+1 1.1.1+2 1.1.1k 1.1.2 1.1.9a 1.1.10 2 cci.20200203 cci.20210101"),
    (Ecosystem.GENERIC, "1.0~x 1.0dev 1.0-nightly-1 1.0-alpha.1 1.0beta2 1.0-milestone1 1.0pre 1.0cr1 1.0"),
    (Ecosystem.GENERIC, "1.0.0-rc1=v1.0RC1 1=1.0=1.0.0=1_0 1.0a 1.0b 1.0.1 1.1.1k 1.1.1l 1.1.2 1.10"),
]


def label(chain: tuple[Ecosystem, str]) -> str:
    return f"{chain[0]}-{chain[1][:20]}"


@pytest.mark.parametrize("chain", CHAINS, ids=label)
def test_versions_stand_in_their_ecosystems_order(chain: tuple[Ecosystem, str]) -> None:
    ecosystem, text = chain
    steps = [step.split("=") for step in text.split(" ")]
    for low, high in combinations(steps, 2):
        for left in low:
            for right in high:
                assert (left, compare(ecosystem, left, right), right) == (left, -1, right)
                assert (right, compare(ecosystem, right, left), left) == (right, 1, left)
    for step in steps:
        for left, right in combinations(step, 2):
            assert (left, compare(ecosystem, left, right), right) == (left, 0, right)


REFUSED: dict[Ecosystem, tuple[str, ...]] = {
    Ecosystem.DEB: ("unknown", "1.0-", "x:1", ":1", "1:", "2147483648:1", "99999999999999999999:1", "~1", "1:x"),
    Ecosystem.OPKG: ("unknown",),
    Ecosystem.RPM: (),
    Ecosystem.APK: (),
    Ecosystem.PYPI: (),
    Ecosystem.NPM: ("latest", "git+ssh://x", "1.x", "1.2.3-a..b", "1.2-beta+", "*"),
    Ecosystem.MAVEN: (),
    Ecosystem.GEM: ("a", "1..2", "1.2_3", "1.2."),
    Ecosystem.NUGET: ("x", "1.*", "1.2.3-"),
    Ecosystem.COMPOSER: ("1.2.#", "--"),
    Ecosystem.GOLANG: ("(devel)", "latest", "go", "v1.x"),
    Ecosystem.CARGO: ("x", "1.2.3-beta_1", "=="),
    Ecosystem.HEX: ("x",),
    Ecosystem.PUB: ("x", "1.0.0+"),
    Ecosystem.CONAN: ("-1",),
    Ecosystem.SWIFT: ("main",),
    Ecosystem.GENERIC: ("---", "+"),
}


@pytest.mark.parametrize("ecosystem", list(Ecosystem))
def test_what_cannot_be_ordered_is_refused_with_its_name(ecosystem: Ecosystem) -> None:
    for version in (*REFUSED[ecosystem], "", " ", "1 2", "1\x002", "not a version"):
        with pytest.raises(InvalidVersion) as raised:
            SCHEMES[ecosystem](version)
        assert repr(version)[:20] in str(raised.value)


@pytest.mark.parametrize("ecosystem", [entry for entry in Ecosystem if entry is not Ecosystem.RPM])
def test_only_rpm_knows_text_that_is_not_ascii(ecosystem: Ecosystem) -> None:
    for version in ("1.é", "１.0", "1.٢", "1.\ud800"):
        with pytest.raises(InvalidVersion):
            SCHEMES[ecosystem](version)


@pytest.mark.parametrize("ecosystem", list(Ecosystem))
def test_surrounding_blanks_do_not_count(ecosystem: Ecosystem) -> None:
    assert SCHEMES[ecosystem](" 1.2.3\n") == SCHEMES[ecosystem]("1.2.3")


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ("1.2.3.#", "1.2.3", 0),
        ("1.2.3.#", "1.2.3.1", 0),
        ("1.2.3.1", "1.2.3.#", 0),
        ("1.2.3.#", "1.2.3.#", 0),
        ("1.2.3.#.1", "1.2.3", 1),
        ("1.2.3", "1.2.3.#.p3", -1),
        ("1.2.3.#.beta", "1.2.3", -1),
        ("1.#", "1.alpha", 1),
    ],
)
def test_the_placeholder_of_php_equals_any_number(left: str, right: str, order: int) -> None:
    assert compare(Ecosystem.COMPOSER, left, right) == order


def test_a_long_refused_version_is_named_by_its_beginning() -> None:
    with pytest.raises(InvalidVersion, match=r"^'x{60}'\.\.\. is not a version that cargo can order$"):
        SCHEMES[Ecosystem.CARGO]("x" * 1000)
