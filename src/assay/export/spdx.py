"""SPDX 2.3 JSON (ISO/IEC 5962): the inventory as packages; findings as security references of their packages."""

import hashlib
import re
from typing import Any

import msgspec

from assay import __version__
from assay.export.cyclonedx import timestamp
from assay.export.document import by_component, paths_of
from assay.export.visible import json_text
from assay.model.component import Component
from assay.model.purl import purl_of
from assay.model.report import Report

_ID = re.compile(r"[^A-Za-z0-9.-]+")
_EPOCH = "1970-01-01T00:00:00Z"


def encode(report: Report) -> bytes:
    """The document, describing the target as a package that contains all others."""
    target = report.target
    root: dict[str, Any] = {
        "SPDXID": "SPDXRef-Target",
        "name": target.name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "CONTAINER" if target.kind in ("image", "oci-dir", "docker-archive") else "SOURCE",
    }
    if target.digest:
        root["versionInfo"] = target.digest
    security: dict[Component, list[str]] = {}
    for finding in report.findings:
        security.setdefault(finding.component, []).append(finding.id)
    packages = [root]
    relationships = [_relationship("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Target")]
    for component, places in by_component(report.inventory.packages):
        entry = _package(component, paths_of(places), security.get(component, []))
        licenses = sorted({text for place in places for text in place.licenses if text})
        if licenses:
            entry["licenseComments"] = f"Stated by the package: {'; '.join(licenses)}"
        packages.append(entry)
        relationships.append(_relationship("SPDXRef-Target", "CONTAINS", entry["SPDXID"]))
    document: dict[str, Any] = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": target.name,
        "documentNamespace": "",
        "creationInfo": {
            "created": timestamp(report.generated_at) if report.generated_at else _EPOCH,
            "creators": [f"Tool: assay-{__version__}"],
        },
        "packages": packages,
        "relationships": relationships,
    }
    digest = hashlib.sha256(msgspec.json.encode(document)).hexdigest()
    document["documentNamespace"] = f"https://spdx.org/spdxdocs/assay-{digest}"
    return json_text(document)


def _package(component: Component, paths: list[str], vulnerabilities: list[str]) -> dict[str, Any]:
    purl = purl_of(component)
    key = hashlib.sha256(f"{purl}|{component!r}".encode("utf-8", "replace")).hexdigest()[:16]
    references = [_reference("PACKAGE-MANAGER", "purl", purl)]
    references += [
        _reference("SECURITY", "advisory", f"https://nvd.nist.gov/vuln/detail/{identifier}")
        if identifier.startswith("CVE-")
        else _reference("SECURITY", "advisory", f"https://osv.dev/vulnerability/{identifier}")
        for identifier in dict.fromkeys(vulnerabilities)
    ]
    entry: dict[str, Any] = {
        "SPDXID": f"SPDXRef-Package-{component.ecosystem}-{_ID.sub('-', component.name)[:80]}-{key}",
        "name": component.name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "externalRefs": references,
    }
    if component.version:
        entry["versionInfo"] = component.version
    if paths:
        entry["sourceInfo"] = f"found in: {'; '.join(paths[:20])}"
    return entry


def _reference(category: str, kind: str, locator: str) -> dict[str, str]:
    return {"referenceCategory": category, "referenceType": kind, "referenceLocator": locator}


def _relationship(element: str, kind: str, related: str) -> dict[str, str]:
    return {"spdxElementId": element, "relationshipType": kind, "relatedSpdxElement": related}
