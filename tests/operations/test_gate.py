"""When a pipeline has to stop."""

import pytest

from assay.errors import Invalid
from assay.model.advisory import Epss, FixState, Vulnerability
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem
from assay.model.report import Finding, Score, Severity
from assay.operations.gate import parse_gate


def finding(identifier: str, severity: Severity, epss: float | None = None, alias: str = "GHSA-x") -> Finding:
    known = Vulnerability(identifier, aliases=(alias,), epss=Epss(epss, 0.5) if epss is not None else None)
    return Finding(identifier, Component(Ecosystem.NPM, "a", "1"), (), FixState.FIXED, "2", Score(severity), (), known)


FINDINGS = (
    finding("CVE-1-1", Severity.CRITICAL, 0.9),
    finding("CVE-1-2", Severity.HIGH, 0.2, "GHSA-y"),
    finding("CVE-1-3", Severity.HIGH),
)


@pytest.mark.parametrize(
    ("thresholds", "fail_on", "reasons"),
    [
        (["critical=1,high=3"], [], ("1 critical findings reach the threshold of 1",)),
        (["critical=2", "high=2"], [], ("2 high findings reach the threshold of 2",)),
        (["high=0"], [], ()),
        (["any=3"], [], ("3 findings reach the threshold of 3",)),
        (["any=4"], [], ()),
        (["epss=0.9"], [], ("CVE-1-1 has an EPSS score of 0.9000, the threshold is 0.9",)),
        (["epss=0.91"], [], ()),
        ([], ["CVE-1-3,CVE-9-9"], ("CVE-1-3 is present",)),
        ([], ["GHSA-y"], ("CVE-1-2 is present",)),
        ([], [], ()),
    ],
)
def test_thresholds(thresholds: list[str], fail_on: list[str], reasons: tuple[str, ...]) -> None:
    assert parse_gate(thresholds, fail_on).reached(FINDINGS) == reasons


def test_an_epss_threshold_needs_a_score() -> None:
    assert parse_gate(["epss=0"], []).reached(FINDINGS[2:]) == ()


@pytest.mark.parametrize(
    "threshold", ["critical", "severe=1", "high=-1", "high=x", "epss=2", "epss=much", "high=1e3", "high=٣"]
)
def test_wrong_thresholds_are_refused(threshold: str) -> None:
    with pytest.raises(Invalid, match="threshold"):
        parse_gate([threshold], [])


def test_wrong_ids_are_refused() -> None:
    with pytest.raises(Invalid, match="no vulnerability id"):
        parse_gate([], ["not an id"])
