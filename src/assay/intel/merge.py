"""What several publishers know about one flaw, as one Vulnerability."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from assay.intel.cve_id import cve_id
from assay.intel.schema import AdvisoryBody
from assay.intel.times import instant
from assay.model.advisory import Reference, Vulnerability

T = TypeVar("T")
_RANKS = {name: rank for rank, name in enumerate(("nvd", "cve", "GHSA", "github", "PYSEC", "GO", "RUSTSEC"))}
_LAST = len(_RANKS)
_FURTHER = 100
_MANY_LINKS = 100


def text_rank(source: str, *, bulletin: bool = False, flaws: int = 1) -> int:
    """Whose words describe a flaw best, lowest first: the NVD, the CVE's own record, GitHub, the ecosystem, others.

    Bulletins of distributions on one flaw come after these, those on several last.
    """
    return _RANKS.get(source, _LAST) + bulletin * _FURTHER + (flaws > 1) * _FURTHER


def fact_of(advisory: str, about: str, body: AdvisoryBody, *, url: str, scorer: str, flaws: int) -> Vulnerability:
    """What an advisory tells about ``about``, one of the ``flaws`` it speaks of.

    Of a bulletin on several flaws only its title and its page are told of each of them.
    """
    if flaws > 1:
        links = (Reference(url, "ADVISORY"),) if url else ()
        return Vulnerability(id=about, summary=body.summary, references=links)
    ids = (advisory, *body.aliases)
    return Vulnerability(
        id=about,
        aliases=tuple(sorted({x for x in ids if x != about and cve_id(x) is None})),
        summary=body.summary,
        details=body.details,
        cvss=body.cvss,
        severities=((scorer, body.severity),) if body.severity else (),
        cwes=body.cwes,
        references=body.references,
        published=instant(body.published),
        modified=instant(body.modified),
    )


def merged(identifier: str, facts: Sequence[Vulnerability]) -> Vulnerability:
    """Join facts on one flaw, given best text first. Scalars are the first known, sequences are united in order.

    ``published`` is the earliest and ``modified`` the latest date anybody gives.
    """
    if len(facts) == 1 and facts[0].id == identifier:
        return facts[0]
    return Vulnerability(
        id=identifier,
        aliases=tuple(sorted({alias for fact in facts for alias in fact.aliases} - {identifier})),
        summary=next((fact.summary for fact in facts if fact.summary), ""),
        details=next((fact.details for fact in facts if fact.details), ""),
        cvss=_united(fact.cvss for fact in facts),
        severities=_united(fact.severities for fact in facts),
        cwes=_united(fact.cwes for fact in facts),
        references=_united(fact.references for fact in facts)[:_MANY_LINKS],
        published=min((fact.published for fact in facts if fact.published), default=None),
        modified=max((fact.modified for fact in facts if fact.modified), default=None),
        epss=next((fact.epss for fact in facts if fact.epss), None),
        kev=next((fact.kev for fact in facts if fact.kev), None),
        exploits=_united(fact.exploits for fact in facts),
        attention=next((fact.attention for fact in facts if fact.attention is not None), None),
        ssvc=next((fact.ssvc for fact in facts if fact.ssvc), ()),
        rejected=any(fact.rejected for fact in facts),
    )


def _united(groups: Iterable[Iterable[T]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))
