"""Explanations: the derivation of every verdict, replayed."""

from datetime import date

import pytest
from matching_world import MemoryIndex, at, deb, inventory, pypi, rpm, statement

from assay.errors import Invalid
from assay.match.explain import Explanation, explain, explanation_lines
from assay.match.ignore import read_ignores
from assay.match.options import MatchOptions
from assay.match.ruling import Verdict
from assay.model.advisory import FixState, Vulnerability
from assay.model.match import Reason

CVE = "CVE-2023-0286"
OLD = deb("libssl1.1", "1.1.1n-0+deb11u3", "debian:11", source="openssl")
NEW = deb("openssl", "1.1.1n-0+deb11u4", "debian:11")
DSA = statement("DSA-5343-1", "debian:11", "openssl", "< 1.1.1n-0+deb11u4", cves=[CVE])


def lines(explanation: Explanation) -> list[str]:
    return list(explanation_lines(explanation))


def test_affected_and_not_affected_show_every_comparison() -> None:
    answer = explain(
        inventory(at(OLD, "var/lib/dpkg/status", layer="sha256:aa"), NEW, os="debian:11"), MemoryIndex([DSA]), CVE
    )
    assert lines(answer) == [
        "CVE-2023-0286",
        "  pkg:deb/debian/libssl1.1@1.1.1n-0%2Bdeb11u3?arch=amd64&distro=debian-11&upstream=openssl",
        "    var/lib/dpkg/status, read by test, layer sha256:aa",
        "    looked up: source package openssl in debian:11",
        "      version 1.1.1n-0+deb11u3",
        "    statement: DSA-5343-1 (osv-debian, debian:11): affected",
        "      1.1.1n-0+deb11u3 < 1.1.1n-0+deb11u4 (fixed)",
        "      so 1.1.1n-0+deb11u3 is in >= 0, < 1.1.1n-0+deb11u4",
        "      https://example.test/DSA-5343-1",
        "    verdict: affected",
        "      fixed in 1.1.1n-0+deb11u4",
        "      var/lib/dpkg/status",
        "  pkg:deb/debian/openssl@1.1.1n-0%2Bdeb11u4?arch=amd64&distro=debian-11",
        "    lib/openssl, read by test",
        "    looked up: source package openssl in debian:11",
        "      version 1.1.1n-0+deb11u4",
        "    statement: DSA-5343-1 (osv-debian, debian:11): outside the affected versions",
        "      1.1.1n-0+deb11u4 = 1.1.1n-0+deb11u4 (fixed)",
        "      https://example.test/DSA-5343-1",
        "    verdict: not affected",
    ]
    assert answer.components[0].match is not None


@pytest.mark.parametrize("package", ["openssl", "pkg:deb/debian/openssl", "pkg:deb/debian/openssl?arch=source"])
def test_components_are_chosen_by_name_source_or_url(package: str) -> None:
    answer = explain(inventory(OLD, NEW, os="debian:11"), MemoryIndex([DSA]), CVE, package)
    names = [item.component.name for item in answer.components]
    assert names == (["openssl"] if package == "pkg:deb/debian/openssl" else ["libssl1.1", "openssl"])


def test_a_broken_url_is_the_callers_mistake() -> None:
    with pytest.raises(Invalid):
        explain(inventory(OLD), MemoryIndex(), CVE, "pkg:")


def said(answer: Explanation) -> str:
    return "\n".join(lines(answer))


def test_not_affected_because_nobody_says_so_names_where_it_is_said() -> None:
    index = MemoryIndex([DSA])
    bookworm = deb("openssl", "3.0.9-1")
    answer = explain(inventory(bookworm), index, CVE, "openssl", elsewhere=[("debian:11", "openssl")])
    (item,) = answer.components
    assert item.verdict is Verdict.NOT_AFFECTED
    assert (
        "statement: no statement found there speaks of CVE-2023-0286\n      there are statements on it in debian:11"
        in said(answer)
    )
    assert "there are" not in said(explain(inventory(bookworm), index, CVE, "openssl"))


def test_a_name_that_is_not_installed_gets_similar_ones() -> None:
    answer = explain(inventory(OLD), MemoryIndex([DSA]), CVE, "libssl", elsewhere=[("debian:11", "openssl")])
    assert answer.notes == (
        "no package called libssl is installed; similar: libssl1.1",
        "there are statements on openssl in debian:11",
    )
    assert explain(inventory(OLD), MemoryIndex([DSA]), CVE, "zzz").notes[-1] == "no package called zzz is installed"


def test_a_vulnerability_without_installed_packages() -> None:
    known = MemoryIndex(facts={CVE: Vulnerability(CVE)}, aliases={"GHSA-1": CVE})
    assert explain(inventory(NEW), known, "GHSA-1").notes == (
        "GHSA-1 is known as CVE-2023-0286",
        "no statement on CVE-2023-0286 names an installed package of its release",
    )
    assert explain(inventory(NEW), MemoryIndex(), CVE).notes[0] == "CVE-2023-0286 is not known to this intelligence"
    many = [(f"debian:{n}", "openssl") for n in range(20)]
    assert (
        explain(inventory(NEW), MemoryIndex(), CVE, elsewhere=many)
        .notes[-1]
        .endswith("openssl in debian:15 and 12 more")
    )


def test_what_could_not_be_judged_is_a_note_and_a_gap_of_the_component() -> None:
    lost = [deb("bash", "1", scope=""), deb("zsh", "1", scope="")]
    index = MemoryIndex(uncovered=frozenset({"pypi"}))
    answer = explain(inventory(*lost, pypi("x", "1"), os="", running="6.1"), index, CVE)
    assert answer.notes == (
        "CVE-2023-0286 is not known to this intelligence",
        "no statement on CVE-2023-0286 names an installed package of its release",
        "1 package could not be judged: the intelligence has no complete source for pypi",
        "2 packages could not be judged: the operating system's release is not known, so no vendor's statements apply",
        "the running kernel 6.1 is none of the installed ones: all of them are judged",
    )
    (item,) = explain(inventory(*lost, os=""), index, CVE, "bash").components
    assert (item.verdict, [step.kind for step in item.steps]) == (Verdict.NOT_COMPARED, ["package", "gap", "verdict"])
    assert len(item.not_compared) == 1


def test_a_version_without_order_shows_that_nothing_could_be_compared() -> None:
    index = MemoryIndex([statement("A-1", "pypi", "x", "1..2", cves=[CVE])])
    answer = explain(inventory(pypi("x", "a b")), index, CVE)
    assert answer.components[0].verdict is Verdict.NOT_COMPARED
    assert "a b ? 1 (introduced) and a b ? 2 (fixed)" in said(answer)
    assert "'a b' is not a version that pypi can order" in said(answer)


def test_lists_last_affected_versions_states_and_words_are_shown() -> None:
    index = MemoryIndex(
        [
            statement("A-1", "pypi", "x", "1..=2", cves=[CVE], versions=["1", "2", "3", "4", "5", "6"]),
            statement("A-2", "pypi", "x", "all", cves=[CVE], state=FixState.WILL_NOT_FIX, status_text="ignored"),
            statement("A-3", "pypi", "x", cves=[CVE], state=FixState.NOT_AFFECTED),
            statement("A-4", "pypi", "x", cves=[CVE], versions=["1"]),
        ]
    )
    text = said(explain(inventory(pypi("x", "2")), index, CVE))
    assert "2 > 1 (introduced) and 2 = 2 (last affected)\n      listed: 1, 2, 3, 4, 5 and 1 more\n" in text
    assert "every version, 2 too\n      state: will_not_fix\n      in its words: ignored\n" in text
    assert "states that x is not affected" in text
    assert "set aside: vendor_not_affected: A-3 (osv-pypi, pypi) states that x is not affected" in text


def test_ownership_ignore_lists_and_splits_are_part_of_it() -> None:
    owner = deb("python3-flask", "2.0-1", source="flask")
    flask = pypi("flask", "2.0")
    mine, theirs, other = at(flask, "srv/a"), at(flask, "usr/lib/flask", owner="python3-flask"), at(flask, "opt/b")
    index = MemoryIndex(
        [
            statement("GHSA-1", "pypi", "flask", "< 3", cves=[CVE]),
            statement("DSA-1", "debian:12", "flask", "< 2.0-1", cves=[CVE]),
        ]
    )
    options = MatchOptions(
        date(2026, 1, 1), ignores=read_ignores(f"{CVE} path:srv/* exp:2026-02-01 # why".encode(), "ignore")
    )
    answer = explain(inventory(owner, mine, theirs, other), index, CVE, options=options)
    os_item, item = answer.components
    assert os_item.verdict is Verdict.NOT_AFFECTED
    assert item.verdict is Verdict.AFFECTED
    assert {aside.reason for aside in item.set_aside} == {Reason.OWNED, Reason.IGNORED}
    text = said(answer)
    assert "usr/lib/flask, read by test, belongs to python3-flask" in text
    assert "set aside: ignored: ignore line 1 (why)\n      until 2026-02-01\n      srv/a" in text
    assert "verdict: affected\n      fixed in 3\n      opt/b" in text
    alone = explain(inventory(owner, theirs), index, CVE, "pkg:pypi/flask").components[0]
    assert (alone.verdict, alone.match) == (Verdict.SET_ASIDE, None)


def test_another_stream_and_a_missing_fix() -> None:
    node = rpm("nodejs", "1:16.1-1.module_el9", module="nodejs:16")
    index = MemoryIndex(
        [statement("ALSA-1", "almalinux:9", "nodejs", "< 1:18.1-1.module_el9", cves=[CVE], module="nodejs:18")]
    )
    text = said(explain(inventory(node, os="almalinux:9"), index, CVE))
    assert "ALSA-1 (osv-almalinux, almalinux:9): another module stream" in text
    assert "the statement is about module nodejs:18, installed is module nodejs:16" in text
    unfixed = MemoryIndex([statement("A-1", "pypi", "x", "all", cves=[CVE], state=FixState.UNFIXED)])
    assert "no fix: unfixed" in said(explain(inventory(pypi("x", "1")), unfixed, CVE))
