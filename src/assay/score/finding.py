"""Matches become findings: facts attached, scored, in the order in which a person should read them."""

from collections.abc import Iterable, Mapping
from datetime import date

from assay.model.advisory import FixState, Reference, Vulnerability
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.inventory import OperatingSystem
from assay.model.match import Evidence, Match
from assay.model.report import Finding, Score, Severity
from assay.score.severity import score_finding

END_OF_LIFE = "END-OF-LIFE"
"""The id of the finding on an operating system that gets no more fixes starts with this word and a dash."""


def build_findings(matches: Iterable[Match], vulnerabilities: Mapping[str, Vulnerability]) -> tuple[Finding, ...]:
    """One finding per match, worst first: by severity, score, id and component.

    ``vulnerabilities`` are the facts by canonical id; a flaw without any is reported with its id alone.
    """
    findings = []
    for match in matches:
        facts = vulnerabilities.get(match.vulnerability) or Vulnerability(match.vulnerability)
        findings.append(_finding(match, facts))
    return sorted_findings(findings)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by severity and score (both descending), id and component."""
    return tuple(sorted(findings, key=_order))


def _finding(match: Match, facts: Vulnerability) -> Finding:
    return Finding(
        id=match.vulnerability,
        component=match.component,
        packages=match.packages,
        state=match.state,
        fixed_in=match.fixed_in,
        score=score_finding(match, facts, match.component.scope),
        evidence=match.evidence,
        vulnerability=facts,
        vendor_severity=match.vendor_severity,
        vendor=match.vendor,
    )


def _order(finding: Finding) -> tuple[int, float, str, Component]:
    value = -1.0 if finding.score.value is None else finding.score.value
    return (-finding.score.severity.rank, -value, finding.id, finding.component)


def end_of_life_finding(os: OperatingSystem, end: date, today: date) -> Finding | None:
    """The finding on an operating system whose vendor gives no fixes since ``end``; None while it still does.

    ``end`` is the day from which there are no more fixes. The operating system stands as a GENERIC component.
    """
    if today < end:
        return None
    name = os.name or f"{os.id} {os.version}".strip()
    identifier = f"{END_OF_LIFE}-{(os.scope or os.id).upper().replace(':', '-')}"
    component = Component(Ecosystem.GENERIC, os.id, os.version, scope=os.scope)
    summary = f"{name} reached its end of life on {end.isoformat()}"
    text = f"{summary}. Its vendor gives no more security fixes; flaws found since may not even be listed. Upgrade it."
    severity = ("severity", "CRITICAL: an operating system without fixes collects flaws that nobody closes")
    return Finding(
        id=identifier,
        component=component,
        packages=(Package(component, path=os.path, extractor="os-release"),),
        state=FixState.END_OF_LIFE,
        fixed_in="",
        score=Score(Severity.CRITICAL, parts=(("base score", "none: this is no flaw of one package"), severity)),
        evidence=(Evidence(identifier, "end-of-life", os.scope, os.id, os.version, f"end of life {end.isoformat()}"),),
        vulnerability=Vulnerability(
            identifier, summary=summary, details=text, references=(Reference("https://endoflife.date/"),)
        ),
    )
