"""The CVE JSON 5 record (https://github.com/CVEProject/cve-schema): one record's bytes to one Vulnerability."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id, cwe_ids_in
from assay.intel.reading import decode
from assay.intel.times import instant
from assay.intel.vectors import scoring
from assay.model.advisory import Cvss, Reference, Vulnerability


class _Text(msgspec.Struct):
    value: str = ""
    lang: str = ""


class _Scoring(msgspec.Struct):
    vector: str = msgspec.field(name="vectorString", default="")
    score: float | None = msgspec.field(name="baseScore", default=None)


class _Other(msgspec.Struct):
    type: str = ""
    content: msgspec.Raw = msgspec.Raw(b"null")


class _Metric(msgspec.Struct):
    v2: _Scoring | None = msgspec.field(name="cvssV2_0", default=None)
    v30: _Scoring | None = msgspec.field(name="cvssV3_0", default=None)
    v31: _Scoring | None = msgspec.field(name="cvssV3_1", default=None)
    v4: _Scoring | None = msgspec.field(name="cvssV4_0", default=None)
    other: _Other | None = None


class _Weakness(msgspec.Struct):
    cwe: str = msgspec.field(name="cweId", default="")
    description: str = ""


class _Problem(msgspec.Struct):
    descriptions: list[_Weakness] = []


class _Link(msgspec.Struct):
    url: str = ""
    tags: list[str] = []


class _Provider(msgspec.Struct):
    name: str = msgspec.field(name="shortName", default="")


class _Container(msgspec.Struct):
    title: str = ""
    provider: _Provider = msgspec.field(name="providerMetadata", default_factory=_Provider)
    descriptions: list[_Text] = []
    rejected: list[_Text] = msgspec.field(name="rejectedReasons", default_factory=list)
    metrics: list[_Metric] = []
    problems: list[_Problem] = msgspec.field(name="problemTypes", default_factory=list)
    references: list[_Link] = []


class _Containers(msgspec.Struct):
    cna: _Container
    adp: list[_Container] = []


class _Metadata(msgspec.Struct):
    id: str = msgspec.field(name="cveId")
    state: str = ""
    published: str = msgspec.field(name="datePublished", default="")
    updated: str = msgspec.field(name="dateUpdated", default="")


class _Record(msgspec.Struct):
    metadata: _Metadata = msgspec.field(name="cveMetadata")
    containers: _Containers


class _Decision(msgspec.Struct):
    options: list[dict[str, str]] = []


class _Rating(msgspec.Struct):
    value: str = ""


_RECORD = msgspec.json.Decoder(_Record)
_SSVC = msgspec.json.Decoder(_Decision)
_RATING = msgspec.json.Decoder(_Rating)

KINDS = {
    "exploit": "EXPLOIT",
    "patch": "FIX",
    "vendor-advisory": "ADVISORY",
    "third-party-advisory": "ADVISORY",
    "government-resource": "ADVISORY",
    "vdb-entry": "ADVISORY",
    "issue-tracking": "REPORT",
    "technical-description": "ARTICLE",
    "media-coverage": "ARTICLE",
    "mailing-list": "ARTICLE",
    "product": "PACKAGE",
}
"""Kinds of references (as OSV names them) by the tags of the CVE schema; the first row that applies wins."""


def vulnerability_of(data: bytes, place: str) -> Vulnerability:
    """Decode one record. Raises Unreadable for anything that is not a CVE record."""
    record = decode(_RECORD, data, place)
    identifier = cve_id(record.metadata.id)
    if identifier is None:
        raise Unreadable(f"{place}: {record.metadata.id!r} is not a CVE id")
    cna, containers = record.containers.cna, [record.containers.cna, *record.containers.adp]
    rejected = record.metadata.state.upper() == "REJECTED"
    return Vulnerability(
        id=identifier,
        summary=cna.title,
        details=_english(cna.rejected if rejected else cna.descriptions),
        cvss=tuple(dict.fromkeys(_scorings(containers))),
        severities=tuple(dict.fromkeys(_ratings(containers))),
        cwes=_weaknesses(containers),
        references=_references(containers),
        published=instant(record.metadata.published),
        modified=instant(record.metadata.updated),
        ssvc=_decision(containers),
        rejected=rejected,
    )


def _english(texts: Sequence[_Text]) -> str:
    for text in texts:
        if text.lang[:2].lower() == "en":
            return text.value
    return texts[0].value if texts else ""


def _scorings(containers: Iterable[_Container]) -> Iterator[Cvss]:
    for container in containers:
        for metric in container.metrics:
            for given in (metric.v4, metric.v31, metric.v30, metric.v2):
                if given is not None and (found := scoring(given.vector, container.provider.name, given.score)):
                    yield found


def _ratings(containers: Iterable[_Container]) -> Iterator[tuple[str, str]]:
    """Words of a vendor's own scale, as ``{"type": "Red Hat severity rating", "content": {"value": "Moderate"}}``."""
    for container in containers:
        for metric in container.metrics:
            if metric.other is not None and metric.other.type not in {"ssvc", "kev"}:
                try:
                    word = decode(_RATING, metric.other.content, "other").value
                except Unreadable:
                    continue
                if word:
                    yield container.provider.name, word


def _decision(containers: Iterable[_Container]) -> tuple[tuple[str, str], ...]:
    """The last SSVC decision points, in the order given (https://certcc.github.io/SSVC/)."""
    found: tuple[tuple[str, str], ...] = ()
    for container in containers:
        for metric in container.metrics:
            if metric.other is not None and metric.other.type == "ssvc":
                try:
                    options = decode(_SSVC, metric.other.content, "ssvc").options
                except Unreadable:
                    continue
                found = tuple(pair for option in options for pair in option.items())
    return found


def _weaknesses(containers: Iterable[_Container]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for container in containers:
        for problem in container.problems:
            for weakness in problem.descriptions:
                text = weakness.cwe or weakness.description
                if "CWE-" in text:
                    found.update(dict.fromkeys(cwe_ids_in(text)))
    return tuple(found)


def _references(containers: Iterable[_Container]) -> tuple[Reference, ...]:
    """Each address once, with the most telling kind that any container gives it."""
    found: dict[str, str] = {}
    for container in containers:
        for link in container.references:
            kind = kind_of(link.tags)
            if link.url and found.get(link.url, "WEB") == "WEB":
                found[link.url] = kind
    return tuple(Reference(url, kind) for url, kind in found.items())


def kind_of(tags: Sequence[str]) -> str:
    """The kind of a reference from its tags, WEB when they say nothing."""
    return next((kind for tag, kind in KINDS.items() if tag in tags), "WEB") if tags else "WEB"
