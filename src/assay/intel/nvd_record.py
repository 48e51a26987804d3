"""One record of the NVD's API 2.0 (https://nvd.nist.gov/developers/vulnerabilities) as one Vulnerability."""

from collections.abc import Iterator, Sequence

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id, cwe_ids_in
from assay.intel.reading import decode
from assay.intel.times import instant
from assay.intel.vectors import scoring
from assay.model.advisory import Cvss, Reference, Vulnerability


class _Text(msgspec.Struct):
    lang: str = ""
    value: str = ""


class _Data(msgspec.Struct):
    vector: str = msgspec.field(name="vectorString", default="")
    score: float | None = msgspec.field(name="baseScore", default=None)


class _Metric(msgspec.Struct):
    data: _Data = msgspec.field(name="cvssData", default_factory=_Data)
    source: str = ""
    type: str = ""


class _Metrics(msgspec.Struct):
    v40: list[_Metric] = msgspec.field(name="cvssMetricV40", default_factory=list)
    v31: list[_Metric] = msgspec.field(name="cvssMetricV31", default_factory=list)
    v30: list[_Metric] = msgspec.field(name="cvssMetricV30", default_factory=list)
    v2: list[_Metric] = msgspec.field(name="cvssMetricV2", default_factory=list)


class _Weakness(msgspec.Struct):
    description: list[_Text] = []


class _Link(msgspec.Struct):
    url: str = ""
    tags: list[str] = []


class _Cve(msgspec.Struct, rename="camel"):
    id: str
    vuln_status: str = ""
    published: str = ""
    last_modified: str = ""
    descriptions: list[_Text] = []
    metrics: _Metrics = msgspec.field(default_factory=_Metrics)
    weaknesses: list[_Weakness] = []
    references: list[_Link] = []


class _Entry(msgspec.Struct):
    cve: _Cve


_ENTRY = msgspec.json.Decoder(_Entry)
_KINDS = {
    "Exploit": "EXPLOIT",
    "Patch": "FIX",
    "Vendor Advisory": "ADVISORY",
    "Third Party Advisory": "ADVISORY",
    "US Government Resource": "ADVISORY",
    "VDB Entry": "ADVISORY",
    "Issue Tracking": "REPORT",
    "Technical Description": "ARTICLE",
    "Mailing List": "ARTICLE",
    "Press/Media Coverage": "ARTICLE",
    "Product": "PACKAGE",
}


def vulnerability_of(raw: bytes | msgspec.Raw, place: str) -> Vulnerability:
    """Decode one element of ``vulnerabilities``. Raises Unreadable for anything else."""
    cve = decode(_ENTRY, raw, place).cve
    identifier = cve_id(cve.id)
    if identifier is None:
        raise Unreadable(f"{place}: {cve.id!r} is not a CVE id")
    return Vulnerability(
        id=identifier,
        details=next((text.value for text in cve.descriptions if text.lang == "en"), ""),
        cvss=tuple(dict.fromkeys(_scorings(cve.metrics))),
        cwes=tuple(
            dict.fromkeys(cwe for w in cve.weaknesses for text in w.description for cwe in cwe_ids_in(text.value))
        ),
        references=_references(cve.references),
        published=instant(cve.published),
        modified=instant(cve.last_modified),
        rejected=cve.vuln_status.lower() == "rejected",
    )


def _scorings(metrics: _Metrics) -> Iterator[Cvss]:
    """The newest version first and, of one version, the NVD's own (Primary) before those of others (Secondary)."""
    for given in (metrics.v40, metrics.v31, metrics.v30, metrics.v2):
        for metric in sorted(given, key=lambda metric: metric.type != "Primary"):
            source = "NVD" if metric.source == "nvd@nist.gov" else metric.source
            found = scoring(metric.data.vector, source, metric.data.score)
            if found is not None:
                yield found


def _references(links: Sequence[_Link]) -> tuple[Reference, ...]:
    found: dict[str, str] = {}
    for link in links:
        kind = next((kind for tag, kind in _KINDS.items() if tag in link.tags), "WEB")
        if link.url and found.get(link.url, "WEB") == "WEB":
            found[link.url] = kind
    return tuple(Reference(url, kind) for url, kind in found.items())
