"""Matching: which statements hold for which components, and what follows from several of them."""

from dataclasses import replace

import pytest
from matching_world import MemoryIndex, apk, at, deb, inventory, pypi, rpm, statement

from assay.match.find import find_matches
from assay.match.lookup import LOOKUPS
from assay.model.advisory import FixState
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem
from assay.model.match import Evidence, Matches, NotCompared, Reason


def found(index: MemoryIndex, *items: Component, os: str = "debian:12") -> Matches:
    return find_matches(inventory(*items, os=os), index)


def pairs(matches: Matches) -> list[tuple[str, str]]:
    return [(match.component.name, match.vulnerability) for match in matches.matches]


def test_every_ecosystem_has_a_lookup() -> None:
    assert set(LOOKUPS) == set(Ecosystem)


def test_a_source_statement_is_compared_with_the_source_version_of_every_binary_package() -> None:
    index = MemoryIndex([statement("DSA-1-1", "debian:12", "openssl", "< 3.0.11-1", cves=["CVE-2023-1"])])
    old = deb("libssl3", "99", source="openssl", source_version="3.0.9-1")
    new = deb("openssl", "1", source="openssl", source_version="3.0.11-1")
    result = found(index, old, new)
    assert pairs(result) == [("libssl3", "CVE-2023-1")]
    match = result.matches[0]
    assert match.packages == (at(old),)
    assert (match.state, match.fixed_in) == (FixState.FIXED, "3.0.11-1")
    assert match.evidence == (
        Evidence(
            "DSA-1-1",
            "osv-debian",
            "debian:12",
            "openssl",
            "3.0.9-1",
            ">= 0, < 3.0.11-1",
            "https://example.test/DSA-1-1",
        ),
    )


def test_a_sub_package_with_a_version_of_its_own_is_judged_by_its_source() -> None:
    index = MemoryIndex([statement("CVE-2020-1", "debian:12", "perl", "< 5.30")])
    assert pairs(found(index, deb("perl-pod-escapes", "1.07", source="perl", source_version="5.36.0-7"))) == []


def test_alpine_is_looked_up_by_origin() -> None:
    index = MemoryIndex([statement("CVE-2023-2", "alpine:3.18", "openssl", "< 3.1.2-r0")])
    result = found(index, apk("libcrypto3", "3.1.1-r0", origin="openssl"), os="alpine:3.18")
    assert pairs(result) == [("libcrypto3", "CVE-2023-2")]


def test_rpm_statements_on_binaries_and_on_sources_meet_the_version_they_speak_of() -> None:
    index = MemoryIndex(
        [
            statement("ALSA-1", "almalinux:9", "openssl-libs", "< 1:3.0.7-18.el9", cves=["CVE-2023-3"]),
            statement("RLSA-1", "almalinux:9", "openssl", "< 1:3.0.7-20.el9", cves=["CVE-2023-4"], of_source=True),
            statement("ALSA-2", "almalinux:9", "openssl", "all", cves=["CVE-2023-5"], of_source=False),
        ]
    )
    libs = rpm("openssl-libs", "1:3.0.7-17.el9", source="openssl")
    assert pairs(found(index, libs, os="almalinux:9")) == [
        ("openssl-libs", "CVE-2023-3"),
        ("openssl-libs", "CVE-2023-4"),
    ]


def test_a_missing_epoch_is_zero() -> None:
    index = MemoryIndex([statement("ALSA-3", "almalinux:9", "curl", "< 0:7.76.1-26.el9", cves=["CVE-2023-6"])])
    assert pairs(found(index, rpm("curl", "7.76.1-26.el9"), os="almalinux:9")) == []
    assert pairs(found(index, rpm("curl", "7.76.1-25.el9"), os="almalinux:9")) == [("curl", "CVE-2023-6")]


def test_language_packages_are_looked_up_in_their_ecosystem_by_normal_name() -> None:
    index = MemoryIndex([statement("GHSA-1", "pypi", "Ruamel.Yaml", "< 1.0")])
    assert pairs(found(index, pypi("ruamel_yaml", "0.9"))) == [("ruamel_yaml", "GHSA-1")]


def test_one_release_says_nothing_about_another() -> None:
    index = MemoryIndex([statement("CVE-2023-7", "debian:11", "bash", "all")])
    assert found(index, deb("bash", "5.2")) == Matches(())


def test_a_bulletin_on_several_flaws_gives_one_match_for_each() -> None:
    index = MemoryIndex([statement("DSA-2-1", "debian:12", "bash", "< 5.3", cves=["CVE-2023-8", "CVE-2023-9"])])
    assert pairs(found(index, deb("bash", "5.2"))) == [("bash", "CVE-2023-8"), ("bash", "CVE-2023-9")]


def test_several_advisories_on_one_flaw_are_one_match_with_all_evidence_and_the_fix_that_closes_all() -> None:
    index = MemoryIndex(
        [
            statement("PYSEC-1", "pypi", "flask", "< 2.2.5", cves=["CVE-2023-10"]),
            statement("GHSA-2", "pypi", "flask", "< 2.3.2", cves=["CVE-2023-10"]),
        ]
    )
    (match,) = found(index, pypi("flask", "2.0")).matches
    assert [item.advisory for item in match.evidence] == ["GHSA-2", "PYSEC-1"]
    assert match.fixed_in == "2.3.2"


@pytest.mark.parametrize(
    ("ranges", "installed", "fixed_in"),
    [
        (["< 2.3.2, 3.0..3.1.1"], "2.0", "2.3.2"),
        (["< 2.3.2, 3.0..3.1.1"], "3.0.5", "3.1.1"),
        (["< 1.5", "1.4..1.6"], "1.0", "1.6"),
        (["< 1.5", "1.4..1.6", "< 1.7"], "1.0", "1.7"),
        (["< 1.5", "all"], "1.0", ""),
        (["..=1.5"], "1.0", ""),
        (["< 1.5", "..=1.6"], "1.0", ""),
        (["< 2, 2..3"], "1.0", "3"),
    ],
)
def test_the_fix_is_the_lowest_version_that_no_statement_calls_affected(
    ranges: list[str], installed: str, fixed_in: str
) -> None:
    index = MemoryIndex(
        [statement(f"A-{n}", "pypi", "x", text.replace("..=", "0..="), cves=["CVE-1"]) for n, text in enumerate(ranges)]
    )
    (match,) = found(index, pypi("x", installed)).matches
    assert match.fixed_in == fixed_in
    unnamed = FixState.UNFIXED if "all" in ranges else FixState.UNDETERMINED
    assert match.state is (FixState.FIXED if fixed_in else unnamed)


def test_a_fix_is_never_below_what_is_installed() -> None:
    index = MemoryIndex([statement("A-1", "pypi", "x", "< 1.0", versions=["2.0"])])
    (match,) = found(index, pypi("x", "2.0")).matches
    assert (match.state, match.fixed_in, match.evidence[0].affected) == (FixState.UNDETERMINED, "", "= 2.0 (listed)")


def test_a_fix_that_another_range_lists_by_version_is_no_fix() -> None:
    index = MemoryIndex([statement("A-1", "pypi", "x", "< 1.0", versions=["1.0"])])
    assert found(index, pypi("x", "0.9")).matches[0].fixed_in == ""


def test_a_fix_that_cannot_be_ordered_is_passed_over() -> None:
    index = MemoryIndex(
        [
            statement("A-1", "pypi", "x", "all, < not a version", cves=["CVE-1"]),
            statement("A-2", "pypi", "x", "< 3", cves=["CVE-1"]),
        ]
    )
    assert found(index, pypi("x", "1")).matches[0].fixed_in == ""


def test_a_listed_version_is_found_in_any_spelling() -> None:
    index = MemoryIndex([statement("A-1", "pypi", "x", versions=["0.9", "1.0.0", "nonsense!"])])
    assert pairs(found(index, pypi("x", "1.0"))) == [("x", "A-1")]
    assert pairs(found(index, pypi("x", "1.1"))) == []


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ([FixState.UNFIXED], FixState.UNFIXED),
        ([FixState.FIXED], FixState.UNFIXED),
        ([FixState.UNFIXED, FixState.FIX_DEFERRED], FixState.FIX_DEFERRED),
        ([FixState.FIX_DEFERRED, FixState.WILL_NOT_FIX], FixState.WILL_NOT_FIX),
        ([FixState.WILL_NOT_FIX, FixState.END_OF_LIFE], FixState.END_OF_LIFE),
    ],
)
def test_without_a_fix_the_state_is_the_most_final_word(states: list[FixState], state: FixState) -> None:
    index = MemoryIndex(
        [statement(f"A-{n}", "debian:12", "x", "all", cves=["CVE-1"], state=item) for n, item in enumerate(states)]
    )
    assert found(index, deb("x", "1")).matches[0].state is state


def test_the_vendors_own_feed_decides_fix_state_and_severity() -> None:
    index = MemoryIndex(
        [
            statement("DSA-1", "debian:12", "x", "< 5", cves=["CVE-1"], severity="high"),
            statement("CVE-1", "debian:12", "x", "< 4", source="debian-tracker", severity="low"),
        ]
    )
    (match,) = found(index, deb("x", "1")).matches
    assert (match.fixed_in, match.vendor, match.vendor_severity) == ("4", "debian-tracker", "low")
    assert [item.advisory for item in match.evidence] == ["CVE-1", "DSA-1"]


def test_the_severity_word_is_that_of_the_first_statement_with_one() -> None:
    index = MemoryIndex(
        [
            statement("DSA-1", "debian:12", "x", "< 5", cves=["CVE-1"], severity="high"),
            statement("CVE-1", "debian:12", "x", "< 4", source="debian-tracker"),
        ]
    )
    assert found(index, deb("x", "1")).matches[0].vendor_severity == "high"


@pytest.mark.parametrize(
    ("own", "detail"),
    [
        ({"ranges": "< 2"}, "CVE-1 (debian-tracker, debian:12) has >= 0, < 2 affected, which 3 is not"),
        (
            {"state": FixState.NOT_AFFECTED, "status_text": "vulnerable code not present"},
            "CVE-1 (debian-tracker, debian:12) states that x is not affected (vulnerable code not present)",
        ),
    ],
)
def test_what_only_others_say_is_set_aside_when_the_vendor_says_otherwise(own: dict[str, object], detail: str) -> None:
    index = MemoryIndex(
        [
            statement("DSA-1", "debian:12", "x", "< 5", cves=["CVE-1"]),
            statement("CVE-1", "debian:12", "x", source="debian-tracker", **own),
        ]
    )
    result = found(index, deb("x", "3"))
    assert result.matches == ()
    (item,) = result.set_aside
    assert (item.reason, item.detail) == (Reason.VENDOR_NOT_AFFECTED, detail)
    assert item.match.evidence[0].advisory == "DSA-1"


def test_a_record_about_the_flaw_itself_goes_before_the_vendors_bulletins() -> None:
    index = MemoryIndex(
        [
            statement("RHSA-2024:1", "rhel:9", "x", "< 5-1.el9_4", cves=["CVE-1"], source="redhat"),
            statement(
                "REDHAT-CVE-1", "rhel:9", "x", "< 3-1.el9_2, 3-1.el9_3..5-1.el9_4", cves=["CVE-1"], source="redhat"
            ),
        ]
    )
    patched = found(index, rpm("x", "3-1.el9_2", "rhel:9"), os="rhel:9")
    assert [(item.match.evidence[0].advisory, item.reason) for item in patched.set_aside] == [
        ("RHSA-2024:1", Reason.VENDOR_NOT_AFFECTED)
    ]
    (match,) = found(index, rpm("x", "2-1.el9_2", "rhel:9"), os="rhel:9").matches
    assert (match.fixed_in, [item.advisory for item in match.evidence]) == (
        "3-1.el9_2",
        ["REDHAT-CVE-1", "RHSA-2024:1"],
    )


def test_a_statement_of_not_affected_alone_is_no_match_and_with_ranges_holds_inside_them_only() -> None:
    denial = statement("CVE-1", "debian:12", "x", "< 2", state=FixState.NOT_AFFECTED)
    claim = statement("DSA-1", "debian:12", "x", "< 5", cves=["CVE-1"])
    assert found(MemoryIndex([denial]), deb("x", "1")) == Matches(())
    assert found(MemoryIndex([denial, claim]), deb("x", "1")).set_aside[0].reason is Reason.VENDOR_NOT_AFFECTED
    assert pairs(found(MemoryIndex([denial, claim]), deb("x", "3"))) == [("x", "CVE-1")]


def test_an_undetermined_statement_is_a_gap_unless_another_one_decides() -> None:
    open_one = statement("CVE-1", "debian:12", "x", "all", state=FixState.UNDETERMINED)
    gap = NotCompared(
        deb("x", "1"), "CVE-1", "its publisher has not decided whether the package is affected (undetermined)"
    )
    assert found(MemoryIndex([open_one]), deb("x", "1")) == Matches((), not_compared=(gap,))
    own = replace(open_one, source="debian-tracker")
    claim = statement("DSA-1", "debian:12", "x", "< 5", cves=["CVE-1"])
    assert pairs(found(MemoryIndex([own, claim]), deb("x", "1"))) == [("x", "CVE-1")]
    decided = replace(statement("CVE-1", "debian:12", "x", "< 1"), source="debian-tracker")
    assert found(MemoryIndex([open_one, decided]), deb("x", "1")) == Matches(())
    denied = statement("CVE-1", "debian:12", "x", state=FixState.NOT_AFFECTED)
    assert found(MemoryIndex([open_one, denied]), deb("x", "1")) == Matches(())


def test_a_version_without_order_is_a_gap_of_each_advisory_never_silence() -> None:
    index = MemoryIndex(
        [
            statement("A-1", "pypi", "x", "< 2"),
            statement("A-2", "pypi", "x", versions=["1", "2"]),
            statement("A-3", "pypi", "x", "all"),
            statement("A-4", "pypi", "x", versions=["a b"]),
        ]
    )
    result = found(index, pypi("x", "a b"))
    assert pairs(result) == [("x", "A-3"), ("x", "A-4")]
    assert result.matches[0].fixed_in == ""
    assert [(item.advisory, "a b" in item.reason) for item in result.not_compared] == [("A-1", True), ("A-2", True)]


def test_a_limit_without_order_is_a_gap_unless_another_range_holds() -> None:
    broken = statement("A-1", "pypi", "x", "< not a version")
    gap = NotCompared(pypi("x", "1"), "A-1", "a limit of the affected versions cannot be ordered")
    assert found(MemoryIndex([broken]), pypi("x", "1")) == Matches((), not_compared=(gap,))
    both = statement("A-1", "pypi", "x", "< not a version, 1..2")
    assert pairs(found(MemoryIndex([both]), pypi("x", "1"))) == [("x", "A-1")]


def test_packages_without_a_known_release_are_a_gap() -> None:
    index = MemoryIndex([statement("CVE-1", "debian:12", "bash", "all")])
    components = deb("bash", "1", scope=""), rpm("bash", "1", scope="")
    result = found(index, *components, os="")
    reason = "the operating system's release is not known, so no vendor's statements apply"
    assert result == Matches((), not_compared=tuple(NotCompared(item, "", reason) for item in components))


def test_a_scope_without_a_source_is_a_gap_and_what_is_known_still_counts() -> None:
    index = MemoryIndex([statement("A-1", "pypi", "x", "< 2")], uncovered=frozenset({"pypi"}))
    result = found(index, pypi("x", "1"), pypi("y", "1"))
    assert pairs(result) == [("x", "A-1")]
    reason = "the intelligence has no complete source for pypi"
    assert result.not_compared == (NotCompared(pypi("x", "1"), "", reason), NotCompared(pypi("y", "1"), "", reason))


def test_a_component_in_many_places_is_one_match_with_all_of_them_in_order() -> None:
    index = MemoryIndex([statement("A-1", "pypi", "x", "< 2")])
    flask = pypi("x", "1")
    result = find_matches(inventory(at(flask, "b"), at(flask, "a"), at(flask, "a"), at(flask, "a", layer="1")), index)
    assert result.matches[0].packages == (at(flask, "a"), at(flask, "a", layer="1"), at(flask, "b"))
    assert len(index.asked) == 1


def test_architectures_of_a_statement_count() -> None:
    def on(arch: str, *arches: str) -> list[tuple[str, str]]:
        index = MemoryIndex([statement("A-1", "almalinux:9", "x", "all", arches=arches)])
        return pairs(found(index, rpm("x", "1", arch=arch), os="almalinux:9"))

    hit = [("x", "A-1")]
    assert on("x86_64") == hit
    assert on("x86_64", "x86_64", "aarch64") == hit
    assert on("amd64", "x86_64") == hit
    assert on("i686", "i386") == hit
    assert on("noarch", "x86_64") == hit
    assert on("x86_64", "noarch") == hit
    assert on("", "x86_64") == hit
    assert on("s390x", "x86_64", "aarch64") == []


def test_builds_of_ubuntus_extended_maintenance_are_judged_by_the_statements_on_it() -> None:
    standard = statement("UBUNTU-CVE-1", "ubuntu:18.04", "x", "all", cves=["CVE-1"], state=FixState.UNFIXED)
    extended = statement("USN-1", "ubuntu-pro:18.04", "x", "< 1.0-1+esm2", cves=["CVE-1"], source="osv-ubuntu")
    index = MemoryIndex([standard, extended])

    def judged(version: str) -> Matches:
        return found(index, deb("x", version, scope="ubuntu:18.04"), os="ubuntu:18.04")

    assert judged("1.0-1").matches[0].state is FixState.UNFIXED
    assert judged("1.0-1+esm1").matches[0].fixed_in == "1.0-1+esm2"
    (fixed,) = judged("1.0-1+esm2").set_aside
    assert fixed.reason is Reason.VENDOR_NOT_AFFECTED
    assert (
        fixed.detail == "USN-1 (osv-ubuntu, ubuntu-pro:18.04) has >= 0, < 1.0-1+esm2 affected, which 1.0-1+esm2 is not"
    )


def test_any_host_of_ubuntu_has_the_flaws_that_only_extended_maintenance_speaks_of() -> None:
    extended = statement("UBUNTU-CVE-1", "ubuntu-pro:22.04", "netty", "< 1.0-1ubuntu0.1~esm1", cves=["CVE-1"])
    (match,) = found(MemoryIndex([extended]), deb("netty", "1.0-1", scope="ubuntu:22.04"), os="ubuntu:22.04").matches
    assert (match.fixed_in, match.evidence[0].scope) == ("1.0-1ubuntu0.1~esm1", "ubuntu-pro:22.04")


@pytest.mark.parametrize(
    ("pro", "state", "reason"),
    [
        (FixState.NOT_AFFECTED, None, Reason.VENDOR_NOT_AFFECTED),
        (FixState.UNDETERMINED, FixState.END_OF_LIFE, None),
        (FixState.WILL_NOT_FIX, FixState.WILL_NOT_FIX, None),
    ],
)
def test_after_ubuntus_end_of_life_its_extended_maintenance_knows_more(
    pro: FixState, state: FixState | None, reason: Reason | None
) -> None:
    standard = statement("UBUNTU-CVE-1", "ubuntu:18.04", "x", "all", cves=["CVE-1"], state=FixState.END_OF_LIFE)
    words = "" if pro is FixState.NOT_AFFECTED else "all"
    extended = statement("UBUNTU-CVE-1", "ubuntu-pro:18.04", "x", words, cves=["CVE-1"], state=pro)
    result = found(MemoryIndex([standard, extended]), deb("x", "1", scope="ubuntu:18.04"), os="ubuntu:18.04")
    assert [item.state for item in result.matches] == ([state] if state else [])
    assert [item.reason for item in result.set_aside] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("version", "vendor", "gap"),
    [
        ("1:16.1-1.el9_2", "AlmaLinux", ""),
        ("1:16.1-1.el9_2", "", ""),
        ("1:16.1-1.el9_2.1", "Some Mirror", ""),
        ("1:16.1-1.module+el9.2.0+1+abc", "Some Mirror", ""),
        (
            "18.1-1nodesource",
            "NodeSource",
            "built by NodeSource: the statements of almalinux:9 speak of the distribution's own packages only",
        ),
        (
            "18.1-1.el9.remi",
            "Remi's RPM repository",
            "built by Remi's RPM repository: the statements of almalinux:9 speak of the distribution's own packages only",
        ),
    ],
)
def test_a_foreign_build_is_a_gap_unless_it_carries_the_distributions_mark(version: str, vendor: str, gap: str) -> None:
    module = "nodejs:16" if "module" in version else ""
    index = MemoryIndex([statement("ALSA-1", "almalinux:9", "nodejs", "< 1:99", module=module)])
    component = rpm("nodejs", version, vendor=vendor, module=module)
    result = found(index, component, os="almalinux:9")
    assert pairs(result) == ([] if gap else [("nodejs", "ALSA-1")])
    assert result.not_compared == ((NotCompared(component, "", gap),) if gap else ())


def test_a_foreign_package_that_the_vendor_never_names_is_a_gap_even_with_its_mark() -> None:
    docker = rpm("docker-ce", "3:24.0.7-1.el9", vendor="Docker")
    (gap,) = found(MemoryIndex(), docker, os="almalinux:9").not_compared
    assert gap.reason.startswith("built by Docker")


def test_a_scope_without_a_vendor_table_has_no_foreign_builds() -> None:
    index = MemoryIndex([statement("M-1", "mageia:9", "x", "all")])
    component = rpm("x", "1", scope="mageia:9", vendor="Somebody")
    assert pairs(found(index, component, os="mageia:9")) == [("x", "M-1")]
