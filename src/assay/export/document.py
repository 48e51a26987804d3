"""Assay's own JSON document: the stable plain form of a report, described by a published JSON schema.

The structs are the schema: ``schema()`` derives it, a test holds the published file against it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from assay.export.visible import json_text
from assay.model.component import Component, Package
from assay.model.match import Evidence, SetAside
from assay.model.purl import purl_of
from assay.model.report import Finding, IntelStatus, Report

SCHEMA_ID = "https://assay.dev/schema/report-1.json"


class Source(msgspec.Struct):
    """The source package where the vendor tracks sources."""

    name: str
    version: str


class PackageRow(msgspec.Struct):
    """One component with all the places where it was found; ``type`` is the package URL type."""

    purl: str
    name: str
    version: str
    type: str
    paths: list[str]
    layer: str | None
    owner: str | None
    source: Source | None
    licenses: list[str]
    dev: bool


class EvidenceRow(msgspec.Struct):
    """Which advisory matched, under which key, what was compared with what."""

    advisory: str
    source: str
    scope: str
    name: str
    compared: str
    affected: str
    url: str


class EpssRow(msgspec.Struct):
    """Exploit prediction, 0 to 1."""

    score: float
    percentile: float
    day: date | None


class KevRow(msgspec.Struct):
    """CISA's catalogue of known exploited vulnerabilities."""

    added: date
    due: date | None
    ransomware: bool


class ExploitRow(msgspec.Struct):
    """A public exploit or proof of concept."""

    source: str
    url: str


class MatchRow(msgspec.Struct):
    """A match that was set aside, with the reason."""

    id: str
    purl: str
    version: str
    paths: list[str]
    layer: str | None
    reason: str
    detail: str
    expires: date | None
    evidence: list[EvidenceRow]


class FindingRow(msgspec.Struct):
    """One vulnerability of one component. ``status`` is the publisher's word on a fix, ``score`` 0.0 to 10.0."""

    id: str
    aliases: list[str]
    severity: str
    score: float | None
    vector: str | None
    score_source: str | None
    title: str
    purl: str
    name: str
    version: str
    fixed_in: str | None
    status: str
    vendor_severity: str | None
    paths: list[str]
    layer: str | None
    epss: EpssRow | None
    kev: KevRow | None
    exploit: list[ExploitRow]
    cwes: list[str]
    references: list[str]
    published: datetime | None
    explanation: list[str]
    evidence: list[EvidenceRow]


class GapRow(msgspec.Struct):
    """A component that could not be compared with an advisory, or (advisory null) with any."""

    purl: str
    advisory: str | None
    reason: str


class ErrorRow(msgspec.Struct):
    """Something that could not be read."""

    extractor: str
    path: str
    layer: str | None
    kind: str
    message: str


class TargetRow(msgspec.Struct):
    """What was scanned."""

    kind: str
    name: str
    digest: str | None
    tags: list[str]
    platform: str | None
    layers: list[str]


class OsRow(msgspec.Struct):
    """The operating system of the root; ``scope`` is the key of its vendor's feed."""

    id: str
    version: str
    name: str
    scope: str


class IntelSourceRow(msgspec.Struct):
    """The freshness of one source of the snapshot."""

    name: str
    status: str
    data_at: datetime | None
    fetched_at: datetime | None
    records: int
    message: str


class IntelRow(msgspec.Struct):
    """The snapshot that answered."""

    digest: str
    built_at: datetime | None
    sources: list[IntelSourceRow]


class ReportDocument(msgspec.Struct):
    """The whole report. ``partial`` is true when something could not be read."""

    schema: str
    generated_at: datetime | None
    target: TargetRow
    os: OsRow | None
    partial: bool
    inventory: str
    packages: list[PackageRow]
    findings: list[FindingRow]
    set_aside: list[MatchRow]
    not_compared: list[GapRow]
    errors: list[ErrorRow]
    notices: list[str]
    intel: IntelRow | None


def document(report: Report) -> ReportDocument:
    """The report as the structs above."""
    os = report.inventory.os
    target = report.target
    return ReportDocument(
        schema=SCHEMA_ID,
        generated_at=report.generated_at,
        target=TargetRow(
            target.kind, target.name, target.digest or None, [*target.tags], target.platform or None, [*target.layers]
        ),
        os=OsRow(os.id, os.version, os.name, os.scope) if os else None,
        partial=report.partial,
        inventory=report.inventory.digest,
        packages=[package_row(component, places) for component, places in by_component(report.inventory.packages)],
        findings=[finding_row(finding) for finding in report.findings],
        set_aside=[set_aside_row(item) for item in report.set_aside],
        not_compared=[GapRow(purl_of(gap.component), gap.advisory or None, gap.reason) for gap in report.not_compared],
        errors=[ErrorRow(e.extractor, e.path, e.layer or None, e.kind, e.message) for e in report.errors],
        notices=list(report.notices),
        intel=_intel_row(report.intel) if report.intel else None,
    )


def encode(report: Report, *, indent: int = 2) -> bytes:
    """The document as JSON with a final newline; ``indent`` 0 puts it on one line."""
    return json_text(document(report), indent=indent)


def schema() -> Mapping[str, Any]:
    """The JSON schema (draft 2020-12) of the document."""
    derived = msgspec.json.schema(ReportDocument)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **derived}


def by_component(packages: Iterable[Package]) -> list[tuple[Component, list[Package]]]:
    """The places of each distinct component, in a stable order."""
    places: dict[Component, list[Package]] = {}
    for package in packages:
        places.setdefault(package.component, []).append(package)
    return sorted(places.items(), key=lambda item: item[0])


def package_row(component: Component, places: Sequence[Package]) -> PackageRow:
    """One component and where it is."""
    source = Source(component.source_name, component.source_version) if component.source_name else None
    return PackageRow(
        purl=purl_of(component),
        name=component.name,
        version=component.version,
        type=component.ecosystem.value,
        paths=paths_of(places),
        layer=layer_of(places),
        owner=next((place.owner for place in places if place.owner), None),
        source=source,
        licenses=sorted({text for place in places for text in place.licenses}),
        dev=all(place.dev for place in places),
    )


def finding_row(finding: Finding) -> FindingRow:
    """One finding."""
    vulnerability = finding.vulnerability
    epss, kev = vulnerability.epss, vulnerability.kev
    return FindingRow(
        id=finding.id,
        aliases=list(vulnerability.aliases),
        severity=finding.score.severity.value,
        score=finding.score.value,
        vector=finding.score.vector or None,
        score_source=finding.score.source or None,
        title=title_of(finding),
        purl=purl_of(finding.component),
        name=finding.component.name,
        version=finding.component.version,
        fixed_in=finding.fixed_in or None,
        status=finding.state.value,
        vendor_severity=finding.vendor_severity or None,
        paths=paths_of(finding.packages),
        layer=layer_of(finding.packages),
        epss=EpssRow(epss.score, epss.percentile, epss.day) if epss else None,
        kev=KevRow(kev.added, kev.due, kev.ransomware) if kev else None,
        exploit=[ExploitRow(exploit.source, exploit.url) for exploit in vulnerability.exploits],
        cwes=list(vulnerability.cwes),
        references=[reference.url for reference in vulnerability.references],
        published=vulnerability.published,
        explanation=[f"{name}: {text}" for name, text in finding.score.parts],
        evidence=[evidence_row(item) for item in finding.evidence],
    )


def set_aside_row(item: SetAside) -> MatchRow:
    """One match that does not count, and why."""
    match = item.match
    return MatchRow(
        id=match.vulnerability,
        purl=purl_of(match.component),
        version=match.component.version,
        paths=paths_of(match.packages),
        layer=layer_of(match.packages),
        reason=item.reason.value,
        detail=item.detail,
        expires=item.expires,
        evidence=[evidence_row(evidence) for evidence in match.evidence],
    )


def evidence_row(item: Evidence) -> EvidenceRow:
    """One piece of evidence."""
    return EvidenceRow(item.advisory, item.source, item.scope, item.name, item.compared, item.affected, item.url)


def paths_of(places: Iterable[Package]) -> list[str]:
    """Where the places are, without repeats; places without a path (from an SBOM) are left out."""
    return sorted({place.path for place in places if place.path})


def layer_of(places: Sequence[Package]) -> str | None:
    """The layer of the first place."""
    return places[0].layer or None if places else None


def title_of(finding: Finding) -> str:
    """A line for people: the publisher's summary, or the start of the description."""
    vulnerability = finding.vulnerability
    text = vulnerability.summary or vulnerability.details
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:157] + "..."


def _intel_row(intel: IntelStatus) -> IntelRow:
    return IntelRow(
        digest=intel.digest,
        built_at=intel.built_at,
        sources=[
            IntelSourceRow(s.name, s.status, s.data_at, s.fetched_at, s.records, s.message) for s in intel.sources
        ],
    )
