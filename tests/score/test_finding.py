"""Findings: facts attached, one order, and the finding on an operating system without fixes."""

import random
from datetime import date

from assay.model.advisory import Cvss, FixState, Vulnerability
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.inventory import OperatingSystem
from assay.model.match import Evidence, Match
from assay.model.report import Severity
from assay.score.finding import build_findings, end_of_life_finding, sorted_findings


def match(cve: str, name: str = "a", word: str = "") -> Match:
    component = Component(Ecosystem.PYPI, name, "1")
    evidence = (Evidence("GHSA-1", "osv-pypi", "pypi", name, "1", ">= 0"),)
    return Match(cve, component, (Package(component, "x"),), FixState.FIXED, "2", evidence, word, "osv-pypi")


def facts(cve: str, score: float) -> Vulnerability:
    return Vulnerability(cve, cvss=(Cvss("3.1", "", score, "NVD"),))


def test_findings_come_worst_first_in_one_order() -> None:
    known = {item.id: item for item in (facts("CVE-1", 9.8), facts("CVE-2", 9.1), facts("CVE-3", 5.0))}
    matches = [
        match("CVE-3"),
        match("CVE-1", "b"),
        match("CVE-2"),
        match("CVE-1"),
        match("CVE-4", word="critical"),
        match("CVE-5"),
    ]
    expected = [("CVE-1", "a"), ("CVE-1", "b"), ("CVE-2", "a"), ("CVE-4", "a"), ("CVE-3", "a"), ("CVE-5", "a")]
    for _ in range(5):
        random.shuffle(matches)
        findings = build_findings(matches, known)
        assert [(item.id, item.component.name) for item in findings] == expected
        assert sorted_findings(reversed(findings)) == findings


def test_a_finding_has_everything_of_its_match_and_the_facts() -> None:
    one = match("CVE-1", word="low")
    (finding,) = build_findings([one], {"CVE-1": facts("CVE-1", 7.5)})
    assert (finding.component, finding.packages, finding.state) == (one.component, one.packages, one.state)
    assert (finding.fixed_in, finding.evidence, finding.vendor) == (one.fixed_in, one.evidence, one.vendor)
    assert (finding.vendor_severity, finding.score.value) == ("low", 7.5)
    (bare,) = build_findings([one], {})
    assert (bare.vulnerability, bare.score.severity) == (Vulnerability("CVE-1"), Severity.LOW)


BUSTER = OperatingSystem("debian", "10", "Debian GNU/Linux 10 (buster)", "debian:10", path="etc/os-release")


def test_an_operating_system_past_its_end_of_life_is_a_critical_finding() -> None:
    finding = end_of_life_finding(BUSTER, date(2024, 6, 30), date(2024, 6, 30))
    assert finding is not None
    assert (finding.id, finding.score.severity, finding.score.value) == (
        "END-OF-LIFE-DEBIAN-10",
        Severity.CRITICAL,
        None,
    )
    assert (finding.state, finding.fixed_in) == (FixState.END_OF_LIFE, "")
    assert finding.component == Component(Ecosystem.GENERIC, "debian", "10", scope="debian:10")
    assert finding.packages[0].path == "etc/os-release"
    assert finding.vulnerability.summary == "Debian GNU/Linux 10 (buster) reached its end of life on 2024-06-30"


def test_before_that_day_there_is_none() -> None:
    assert end_of_life_finding(BUSTER, date(2024, 6, 30), date(2024, 6, 29)) is None


def test_an_unnamed_system_is_called_by_its_id() -> None:
    finding = end_of_life_finding(OperatingSystem("acme", "1"), date(2024, 1, 1), date(2025, 1, 1))
    assert finding is not None
    assert (finding.id, finding.vulnerability.summary) == (
        "END-OF-LIFE-ACME",
        "acme 1 reached its end of life on 2024-01-01",
    )
