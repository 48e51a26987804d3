"""Findings as SARIF 2.1.0 (OASIS), for code scanning pages; one rule per vulnerability, one result per finding."""

import hashlib
from typing import Any
from urllib.parse import quote

from assay import __version__
from assay.export.document import paths_of, title_of
from assay.export.visible import json_text
from assay.model.purl import purl_of
from assay.model.report import Finding, Report, Severity

_LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFORMATIONAL: "note",
    Severity.UNTRIAGED: "none",
}
_UNSCORED = {Severity.CRITICAL: 9.5, Severity.HIGH: 8.0, Severity.MEDIUM: 5.5, Severity.LOW: 2.0}


def encode(report: Report) -> bytes:
    """One run; findings without a path are placed at the target's name."""
    rules: dict[str, dict[str, Any]] = {}
    positions: dict[str, int] = {}
    results = []
    for finding in report.findings:
        rule = rules.setdefault(finding.id, _rule(finding))
        security = float(rule["properties"]["security-severity"])
        if (score := _security_severity(finding)) > security:
            rule["properties"]["security-severity"] = f"{score:.1f}"
        results.append(_result(finding, positions.setdefault(finding.id, len(positions)), report))
    run = {
        "tool": {
            "driver": {
                "name": "Assay",
                "version": __version__,
                "informationUri": "https://assay.dev",
                "rules": list(rules.values()),
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": f"{error.path}: {error.message}"}}
                    for error in report.errors
                ],
            }
        ],
        "results": results,
        "columnKind": "utf16CodeUnits",
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json_text(log)


def _rule(finding: Finding) -> dict[str, Any]:
    vulnerability = finding.vulnerability
    title = title_of(finding) or finding.id
    rule: dict[str, Any] = {
        "id": finding.id,
        "name": "PackageVulnerability",
        "shortDescription": {"text": f"{finding.id}: {title}"},
        "fullDescription": {"text": vulnerability.details or title},
        "defaultConfiguration": {"level": _LEVEL[finding.score.severity]},
        "help": {"text": _help(finding)},
        "properties": {
            "security-severity": f"{_security_severity(finding):.1f}",
            "tags": ["security", "vulnerability", *(f"external/cwe/{cwe.lower()}" for cwe in vulnerability.cwes)],
        },
    }
    links = [reference.url for reference in vulnerability.references if reference.url.startswith("http")]
    if links:
        rule["helpUri"] = quote(links[0], safe=":/?#[]@!$&'()*+,;=%~")
    return rule


def _help(finding: Finding) -> str:
    fix = f"Update {finding.component.name} to {finding.fixed_in}." if finding.fixed_in else "No fix is named."
    return f"{fix} Status: {finding.state.value}."


def _result(finding: Finding, position: int, report: Report) -> dict[str, Any]:
    component = finding.component
    fix = f"fixed in {finding.fixed_in}" if finding.fixed_in else f"no fix is named ({finding.state.value})"
    paths = paths_of(finding.packages) or [report.target.name]
    key = f"{finding.id}|{purl_of(component)}|{paths[0]}".encode("utf-8", "replace")
    return {
        "ruleId": finding.id,
        "ruleIndex": position,
        "level": _LEVEL[finding.score.severity],
        "message": {"text": f"{component.name} {component.version} is affected by {finding.id}, {fix}."},
        "locations": [_location(path, purl_of(component)) for path in paths[:10]],
        "partialFingerprints": {"assayFinding/v1": hashlib.sha256(key).hexdigest()},
        "properties": {"purl": purl_of(component), "severity": finding.score.severity.value},
    }


def _location(path: str, purl: str) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path.encode("utf-8", "surrogateescape"), safe="/!@+=,~")},
            "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
        },
        "logicalLocations": [{"fullyQualifiedName": purl, "kind": "package"}],
    }


def _security_severity(finding: Finding) -> float:
    if finding.score.value is not None:
        return finding.score.value
    return _UNSCORED.get(finding.score.severity, 0.0)
