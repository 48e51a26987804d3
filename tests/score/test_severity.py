"""Scores and severities: whose word counts, and what it says when nobody scored."""

import pytest

from assay.model.advisory import Cvss, FixState, Vulnerability
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem
from assay.model.match import Match
from assay.model.report import Score, Severity
from assay.score.scorer import Scorer, scorer_of
from assay.score.severity import rating, score_finding
from assay.score.word import rating_of_word

HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
LOCAL = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N"


def scored(*cvss: Cvss, scope: str = "", word: str = "", words: tuple[tuple[str, str], ...] = ()) -> Score:
    component = Component(Ecosystem.DEB, "x", "1", scope=scope)
    match = Match("CVE-1", component, (), FixState.FIXED, "2", (), word, "debian" if word else "")
    return score_finding(match, Vulnerability("CVE-1", cvss=cvss, severities=words), scope)


def by(source: str, score: float, version: str = "3.1", vector: str = "") -> Cvss:
    return Cvss(version, vector, score, source)


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        (0.0, Severity.INFORMATIONAL),
        (0.1, Severity.LOW),
        (3.9, Severity.LOW),
        (4.0, Severity.MEDIUM),
        (6.9, Severity.MEDIUM),
        (7.0, Severity.HIGH),
        (8.9, Severity.HIGH),
        (9.0, Severity.CRITICAL),
        (10.0, Severity.CRITICAL),
    ],
)
def test_ratings(score: float, severity: Severity) -> None:
    assert rating(score) is severity
    assert scored(by("NVD", score)).severity is severity


def test_a_score_carries_its_vector_source_and_derivation() -> None:
    nvd, github = by("NVD", 7.5, vector=HIGH), by("GITHUB", 5.5, vector=LOCAL)
    assert scored(github, nvd, by("NVD", 9.1, "4.0"), word="medium", scope="debian:12") == Score(
        Severity.HIGH,
        7.5,
        HIGH,
        "3.1",
        "NVD",
        (
            ("base score", "CVSS 3.1 7.5 by NVD: no CVSS 3 score by the vendor"),
            ("vector", HIGH),
            ("severity", "HIGH is the rating of 7.5"),
            ("also scored", "CVSS 4.0 9.1 by NVD"),
            ("also scored", "CVSS 3.1 5.5 by GITHUB"),
            ("vendor word", "'medium' does not win over a score"),
        ),
    )


@pytest.mark.parametrize(
    ("scope", "source"),
    [
        ("rhel:9", "redhat"),
        ("almalinux:9", "redhat"),
        ("rocky:8", "redhat"),
        ("ol:8", "redhat"),
        ("amzn:2023", "amazon"),
        ("debian:12", "debian"),
        ("ubuntu:22.04", "NVD"),
        ("alpine:3.18", "NVD"),
        ("sles:15.5", "NVD"),
        ("", "NVD"),
    ],
)
def test_the_vendors_score_comes_first_for_amazon_debian_and_the_red_hat_family(scope: str, source: str) -> None:
    everybody = [
        by(name, 5.0) for name in ("CISA-ADP", "GITHUB", "mitre", "ubuntu", "debian", "amazon", "redhat", "NVD")
    ]
    assert scored(*everybody, scope=scope).source == source


def test_after_the_nvd_come_the_issuer_github_and_cisa() -> None:
    sources = ["ubuntu", "CISA-ADP", "pypa", "security-advisories@github.com", "openssl", "nvd@nist.gov"]
    for count in range(6, 0, -1):
        assert scored(*(by(source, 5.0) for source in sources[:count])).source == sources[count - 1]
    why = dict(scored(by("pypa", 5.0)).parts)["base score"]
    assert why == "CVSS 3.1 5.0 by pypa: no CVSS 3 score by the NVD, the issuer of the CVE, GitHub"
    assert dict(scored(by("NVD", 5.0)).parts)["base score"].endswith("the first choice for language packages")


@pytest.mark.parametrize(
    ("source", "scope", "scorer"),
    [
        ("redhat", "rhel:9", Scorer.VENDOR),
        ("secalert@redhat.com", "rhel:9", Scorer.VENDOR),
        ("Red Hat, Inc.", "rhel:9", Scorer.VENDOR),
        ("osv-debian", "debian:12", Scorer.VENDOR),
        ("redhat", "debian:12", Scorer.CNA),
        ("GitHub_M", "", Scorer.GITHUB),
        ("GHSA", "", Scorer.GITHUB),
        ("134c704f-9b21-4f2e-91b3-4a467353bcc0", "", Scorer.CNA),
        ("CISA-ADP", "", Scorer.ADP),
        ("ubuntu", "", Scorer.DISTRIBUTION),
        ("ubuntu", "ubuntu:22.04", Scorer.CNA),
        ("pypa", "", Scorer.COLLECTION),
        ("rustsec", "", Scorer.COLLECTION),
        ("oracle", "", Scorer.CNA),
        ("oracle", "ubuntu:22.04", Scorer.CNA),
    ],
)
def test_scorers_are_known_by_many_names(source: str, scope: str, scorer: Scorer) -> None:
    assert scorer_of(source, scope) is scorer


def test_newer_versions_then_higher_scores_of_one_source_win() -> None:
    assert scored(by("NVD", 9.9, "3.0"), by("NVD", 5.0), by("NVD", 6.0)).value == 6.0
    assert scored(by("NVD", 5.5, "3.0"), by("GITHUB", 9.0)).version == "3.0"


def test_version_4_and_2_scores_and_impossible_ones_are_no_base_score() -> None:
    result = scored(by("NVD", 9.9, "4.0"), by("NVD", 10.0, "2.0"), by("NVD", 77.0), word="low")
    assert (result.severity, result.value, result.vector, result.source) == (Severity.LOW, None, "", "")


def test_a_vector_that_says_something_else_than_the_score_is_pointed_out() -> None:
    assert dict(scored(by("NVD", 9.9, vector=HIGH)).parts)["vector"] == (
        f"{HIGH} (computes to 7.5; the publisher states 9.9)"
    )
    assert "(not recomputed: not a CVSS 3 vector" in dict(scored(by("NVD", 9.9, vector="AV:N")).parts)["vector"]


def test_the_word_unimportant_does_not_win_over_a_score() -> None:
    result = scored(by("NVD", 4.7), scope="debian:12", word="unimportant")
    assert (result.severity, result.value) == (Severity.MEDIUM, 4.7)


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("negligible", Severity.INFORMATIONAL),
        ("low", Severity.LOW),
        ("medium", Severity.MEDIUM),
        ("MEDIUM", Severity.MEDIUM),
        ("high", Severity.HIGH),
        ("critical", Severity.CRITICAL),
        ("Important", Severity.HIGH),
        ("MODERATE", Severity.MEDIUM),
        ("unimportant", Severity.INFORMATIONAL),
        ("high**", Severity.HIGH),
        ("Important: kernel update", Severity.HIGH),
        ("none", Severity.INFORMATIONAL),
        ("informational", Severity.INFORMATIONAL),
        ("not yet assigned", Severity.UNTRIAGED),
        ("not_yet_assigned", Severity.UNTRIAGED),
        ("end-of-life", Severity.UNTRIAGED),
        ("untriaged", Severity.UNTRIAGED),
        ("unheard of", Severity.UNTRIAGED),
        ("***", Severity.UNTRIAGED),
        ("", Severity.UNTRIAGED),
    ],
)
def test_words_of_publishers(word: str, severity: Severity) -> None:
    assert rating_of_word(word) is severity
    assert scored(word=word).severity is severity


def test_without_a_score_the_vendors_word_counts_then_that_of_others() -> None:
    others = (("nobody", "not yet assigned"), ("GITHUB", "HIGH"))
    assert scored(word="low", words=others).parts == (
        ("base score", "none: nobody gave a CVSS 3 score"),
        ("severity", "LOW is what debian calls 'low'"),
    )
    assert scored(words=others).parts == (
        ("base score", "none: nobody gave a CVSS 3 score"),
        ("word", "nobody says 'not yet assigned', which is no rating"),
        ("severity", "HIGH is what GITHUB calls 'HIGH'"),
    )


@pytest.mark.parametrize(
    ("cvss", "severity"),
    [
        ([by("NVD", 2.6, "2.0")], Severity.LOW),
        ([by("NVD", 10.0, "2.0")], Severity.HIGH),
        ([by("mitre", 9.3, "4.0"), by("NVD", 2.6, "2.0")], Severity.CRITICAL),
        ([by("mitre", 5.0, "4.0"), by("GITHUB", 9.3, "4.0")], Severity.MEDIUM),
    ],
)
def test_without_a_word_a_score_of_another_version_gives_the_severity_only(
    cvss: list[Cvss], severity: Severity
) -> None:
    result = scored(*cvss)
    assert (result.severity, result.value) == (severity, None)


def test_the_vendors_word_goes_before_a_version_2_score() -> None:
    assert scored(by("NVD", 7.5, "2.0"), word="low").severity is Severity.LOW


def test_without_anything_it_is_untriaged() -> None:
    assert scored().parts[-1] == ("severity", "UNTRIAGED: nobody has scored or rated it")
