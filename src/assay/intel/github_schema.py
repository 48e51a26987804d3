"""GitHub's two forms of an advisory, GraphQL and REST, brought into one.

GraphQL: https://docs.github.com/en/graphql/reference/objects#securityadvisory. REST:
https://docs.github.com/en/rest/security-advisories/global-advisories.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from assay.intel.vectors import scoring
from assay.model.advisory import Cvss, Reference
from assay.model.ecosystem import Ecosystem

ECOSYSTEMS = {
    "composer": Ecosystem.COMPOSER,
    "erlang": Ecosystem.HEX,
    "go": Ecosystem.GOLANG,
    "maven": Ecosystem.MAVEN,
    "npm": Ecosystem.NPM,
    "nuget": Ecosystem.NUGET,
    "pip": Ecosystem.PYPI,
    "pub": Ecosystem.PUB,
    "rubygems": Ecosystem.GEM,
    "rust": Ecosystem.CARGO,
    "swift": Ecosystem.SWIFT,
}
"""GitHub's names, in lower case, for package worlds that we know."""


class _Identifier(msgspec.Struct):
    type: str = ""
    value: str = ""


class _Url(msgspec.Struct):
    url: str = ""


class _Score(msgspec.Struct):
    vector: str | None = msgspec.field(name="vectorString", default=None)
    score: float | None = None


class _Severities(msgspec.Struct):
    v3: _Score | None = msgspec.field(name="cvssV3", default=None)
    v4: _Score | None = msgspec.field(name="cvssV4", default=None)


class _Cwe(msgspec.Struct):
    id: str = msgspec.field(name="cweId", default="")


class _Cwes(msgspec.Struct):
    nodes: list[_Cwe] = []


class _GraphAdvisory(msgspec.Struct, rename="camel"):
    identifiers: list[_Identifier] = []
    ghsa_id: str = ""
    summary: str = ""
    description: str = ""
    references: list[_Url] = []
    severity: str = ""
    cwes: _Cwes | None = None
    cvss: _Score | None = None
    cvss_severities: _Severities | None = None
    published_at: str | None = None
    updated_at: str | None = None
    withdrawn_at: str | None = None


class _Version(msgspec.Struct):
    identifier: str = ""


class _Package(msgspec.Struct):
    name: str = ""
    ecosystem: str = ""


class _GraphNode(msgspec.Struct, rename="camel"):
    advisory: _GraphAdvisory
    package: _Package
    vulnerable_version_range: str = ""
    first_patched_version: _Version | None = None


class _RestScore(msgspec.Struct):
    vector: str | None = msgspec.field(name="vector_string", default=None)
    score: float | None = None


class _RestSeverities(msgspec.Struct):
    v3: _RestScore | None = msgspec.field(name="cvss_v3", default=None)
    v4: _RestScore | None = msgspec.field(name="cvss_v4", default=None)


class _RestCwe(msgspec.Struct):
    id: str = msgspec.field(name="cwe_id", default="")


class _RestVulnerability(msgspec.Struct):
    package: _Package | None = None
    vulnerable_version_range: str | None = None
    first_patched_version: str | _Version | None = None


class _RestAdvisory(msgspec.Struct):
    ghsa_id: str
    cve_id: str | None = None
    summary: str = ""
    description: str | None = None
    severity: str = ""
    identifiers: list[_Identifier] = []
    references: list[str | _Url] | None = None
    published_at: str | None = None
    updated_at: str | None = None
    withdrawn_at: str | None = None
    vulnerabilities: list[_RestVulnerability] | None = None
    cvss: _RestScore | None = None
    cvss_severities: _RestSeverities | None = None
    cwes: list[_RestCwe] | None = None


class _Edge(msgspec.Struct):
    node: msgspec.Raw


class _Connection(msgspec.Struct):
    edges: list[_Edge] = []
    nodes: list[msgspec.Raw] = []


class _Data(msgspec.Struct):
    vulnerabilities: _Connection = msgspec.field(name="securityVulnerabilities")


class _GraphAnswer(msgspec.Struct):
    data: _Data


GRAPH_ANSWER = msgspec.json.Decoder(_GraphAnswer)
GRAPH_NODE = msgspec.json.Decoder(_GraphNode)
REST_ANSWER = msgspec.json.Decoder(list[msgspec.Raw])
REST_ADVISORY = msgspec.json.Decoder(_RestAdvisory)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one advisory says about one package; ``patched`` is "" when no version is."""

    ecosystem: str
    name: str
    versions: str
    patched: str


@dataclass(frozen=True, slots=True)
class Bulletin:
    """An advisory of either form; times are text."""

    ghsa: str
    aliases: tuple[str, ...]
    summary: str
    details: str
    severity: str
    cvss: tuple[Cvss, ...]
    cwes: tuple[str, ...]
    references: tuple[Reference, ...]
    published: str
    modified: str
    withdrawn: str
    statements: tuple[Statement, ...]


def from_graph(node: _GraphNode) -> Bulletin:
    """One vulnerability of a GraphQL answer: an advisory with one statement."""
    given = node.advisory
    ids = [identifier.value for identifier in given.identifiers] + [given.ghsa_id]
    scores = [given.cvss_severities.v4, given.cvss_severities.v3] if given.cvss_severities else []
    patched = node.first_patched_version.identifier if node.first_patched_version else ""
    return Bulletin(
        ghsa=_ghsa(ids),
        aliases=_aliases(ids),
        summary=given.summary,
        details=given.description,
        severity=given.severity,
        cvss=_scorings([(s.vector, s.score) for s in (*scores, given.cvss) if s]),
        cwes=tuple(cwe.id for cwe in given.cwes.nodes if cwe.id) if given.cwes else (),
        references=_references([link.url for link in given.references]),
        published=given.published_at or "",
        modified=given.updated_at or "",
        withdrawn=given.withdrawn_at or "",
        statements=(Statement(node.package.ecosystem, node.package.name, node.vulnerable_version_range, patched),),
    )


def from_rest(given: _RestAdvisory) -> Bulletin:
    """One advisory of a REST answer."""
    ids = [given.ghsa_id, given.cve_id or "", *(identifier.value for identifier in given.identifiers)]
    scores = [given.cvss_severities.v4, given.cvss_severities.v3] if given.cvss_severities else []
    return Bulletin(
        ghsa=_ghsa(ids),
        aliases=_aliases(ids),
        summary=given.summary,
        details=given.description or "",
        severity=given.severity,
        cvss=_scorings([(s.vector, s.score) for s in (*scores, given.cvss) if s]),
        cwes=tuple(cwe.id for cwe in given.cwes or () if cwe.id),
        references=_references([link if isinstance(link, str) else link.url for link in given.references or ()]),
        published=given.published_at or "",
        modified=given.updated_at or "",
        withdrawn=given.withdrawn_at or "",
        statements=tuple(_statements(given.vulnerabilities or ())),
    )


def _statements(given: Sequence[_RestVulnerability]) -> list[Statement]:
    found = []
    for one in given:
        patched = one.first_patched_version
        version = patched.identifier if isinstance(patched, _Version) else patched or ""
        if one.package is not None and one.package.name:
            found.append(
                Statement(one.package.ecosystem, one.package.name, one.vulnerable_version_range or "", version)
            )
    return found


def _ghsa(ids: Sequence[str]) -> str:
    return next((text for text in ids if text.startswith("GHSA-")), "")


def _aliases(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in ids if text and not text.startswith("GHSA-")))


def _scorings(given: Sequence[tuple[str | None, float | None]]) -> tuple[Cvss, ...]:
    found = (scoring(vector, "GITHUB", score or None) for vector, score in given if vector)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _references(urls: Sequence[str]) -> tuple[Reference, ...]:
    return tuple(Reference(url) for url in dict.fromkeys(urls) if url)
