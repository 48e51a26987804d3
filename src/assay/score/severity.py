"""How bad is it: one score and one severity out of what several publishers say."""

from collections.abc import Sequence

from assay.errors import Invalid
from assay.model.advisory import Cvss, Vulnerability
from assay.model.match import Match
from assay.model.report import Score, Severity
from assay.score.cvss3 import base_score, parse_vector
from assay.score.scorer import Scorer, scorer_of, vendor_of
from assay.score.word import rating_of_word

_NOTHING = ("severity", "UNTRIAGED: nobody has scored or rated it")


def rating(score: float) -> Severity:
    """The qualitative rating of a CVSS 3 or 4 score (section 5 of the specification); 0 is INFORMATIONAL."""
    if score <= 0:
        return Severity.INFORMATIONAL
    if score < 4:
        return Severity.LOW
    if score < 7:
        return Severity.MEDIUM
    return Severity.HIGH if score < 9 else Severity.CRITICAL


def score_finding(match: Match, vulnerability: Vulnerability, scope: str) -> Score:
    """Score one match.

    The base score is a CVSS 3.1 score (3.0 where nobody gave a 3.1 one): the vendor's own in the scopes of Amazon
    Linux, Debian and the Red Hat family, else the NVD's, else that of the CVE's issuer, GitHub or CISA, in this
    order. Without one there is no ``value``, and the severity is what the vendor's word stands for, else another
    publisher's word, else the rating of a CVSS 4.0 or 2.0 score, else UNTRIAGED.
    """
    usable = [item for item in vulnerability.cvss if item.version in ("3.1", "3.0") and 0 <= item.score <= 10]
    if usable:
        return _by_score(usable, match, vulnerability, scope)
    return _by_word(match, vulnerability)


def _by_score(usable: Sequence[Cvss], match: Match, vulnerability: Vulnerability, scope: str) -> Score:
    best = min(usable, key=lambda item: _rank(item, scope))
    severity = rating(best.score)
    parts = [("base score", f"CVSS {best.version} {best.score:.1f} by {best.source}: {_why(best, scope)}")]
    if best.vector:
        parts.append(("vector", _vector_words(best.vector, best.score)))
    parts.append(("severity", f"{severity} is the rating of {best.score:.1f}"))
    others = sorted((item for item in set(vulnerability.cvss) if item != best), key=lambda item: _rank(item, scope))
    parts.extend(("also scored", f"CVSS {item.version} {item.score:.1f} by {item.source}") for item in others)
    if match.vendor_severity:
        parts.append(("vendor word", f"{match.vendor_severity!r} does not win over a score"))
    return Score(severity, best.score, best.vector, best.version, best.source, tuple(parts))


def _rank(item: Cvss, scope: str) -> tuple[int, str, float, str, str]:
    newest_first = {"3.1": "0", "3.0": "1", "4.0": "2"}.get(item.version, "3")
    return (scorer_of(item.source, scope).rank, newest_first, -item.score, item.source, item.vector)


def _why(best: Cvss, scope: str) -> str:
    scorer = scorer_of(best.source, scope)
    choices = [item for item in Scorer if item is not Scorer.VENDOR or vendor_of(scope)]
    missing = choices[: choices.index(scorer)]
    if not missing:
        return f"the first choice for {scope or 'language packages'}"
    return f"no CVSS 3 score by {', '.join(missing)}"


def _vector_words(vector: str, score: float) -> str:
    try:
        own = base_score(parse_vector(vector))
    except Invalid as error:
        return f"{vector} (not recomputed: {error})"
    return vector if own == score else f"{vector} (computes to {own:.1f}; the publisher states {score:.1f})"


def _by_word(match: Match, vulnerability: Vulnerability) -> Score:
    parts = [("base score", "none: nobody gave a CVSS 3 score")]
    for who, word in [(match.vendor or "the vendor", match.vendor_severity), *vulnerability.severities]:
        severity = rating_of_word(word)
        if severity is not Severity.UNTRIAGED:
            parts.append(("severity", f"{severity} is what {who} calls {word!r}"))
            return Score(severity, parts=tuple(parts))
        if word:
            parts.append(("word", f"{who} says {word!r}, which is no rating"))
    for version in ("4.0", "2.0"):
        scored = [item for item in vulnerability.cvss if item.version == version and 0 <= item.score <= 10]
        if scored:
            best = min(scored, key=lambda item: _rank(item, match.component.scope))
            severity = _rating_of_other(best)
            parts.append(("severity", f"{severity} is the rating of CVSS {version} {best.score:.1f} by {best.source}"))
            return Score(severity, parts=tuple(parts))
    return Score(Severity.UNTRIAGED, parts=(*parts, _NOTHING))


def _rating_of_other(item: Cvss) -> Severity:
    """CVSS 2.0 has no "critical": the NVD rates 7.0 to 10.0 as high (https://nvd.nist.gov/vuln-metrics/cvss)."""
    severity = rating(item.score)
    return Severity.HIGH if item.version == "2.0" and severity is Severity.CRITICAL else severity
