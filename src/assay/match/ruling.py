"""All statements on one vulnerability of one component become one verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assay.match.fix import fix_of
from assay.match.statement import Outcome, Tested
from assay.match.vendor import is_vendors_own
from assay.model.advisory import FixState
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.match import Evidence, Match, Reason


class Verdict(StrEnum):
    """What matching says about one vulnerability of one component."""

    AFFECTED = "affected"
    SET_ASIDE = "set aside"
    NOT_AFFECTED = "not affected"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict with the statements behind it.

    ``holding`` are those whose ranges contain the version, the deciding ones first: the evidence of AFFECTED and of
    SET_ASIDE. ``reason`` and ``detail`` say why it is set aside, ``gaps`` are the statements that could not be decided
    (NOT_COMPARED). ``fact`` is in words what decided.
    """

    verdict: Verdict
    holding: tuple[Tested, ...] = ()
    state: FixState = FixState.UNFIXED
    fixed_in: str = ""
    reason: Reason | None = None
    detail: str = ""
    gaps: tuple[Tested, ...] = ()

    def as_match(self, vulnerability: str, component: Component, packages: tuple[Package, ...]) -> Match:
        """The match of an AFFECTED or SET_ASIDE ruling at the given places."""
        first = self.holding[0].candidate
        word = next((item.candidate.affected.severity for item in self.holding if item.candidate.affected.severity), "")
        evidence = tuple(dict.fromkeys(_evidence(item) for item in self.holding))
        return Match(vulnerability, component, packages, self.state, self.fixed_in, evidence, word, first.source)


_DECIDED = frozenset({Outcome.HOLDS, Outcome.DENIES, Outcome.OUTSIDE})


def rule(ecosystem: Ecosystem, tested: Sequence[Tested]) -> Ruling:
    """Weigh the statements on one vulnerability.

    On an operating system the vendor's own statements decide where there are any, of these the ones about the flaw
    itself: what other records add is then set aside. Between statements of equal standing "not affected" wins over a
    range, any range over none, and a range over a statement that could not be decided. A statement on another module
    stream decides nothing.
    """
    deciding = _deciding(tested)
    holding = [item for item in tested if item.outcome is Outcome.HOLDS]
    own = [item for item in holding if item in deciding]
    denial = next((item for item in deciding if item.outcome is Outcome.DENIES), None)
    if holding and (denial is not None or not own):
        state, fixed_in = fix_of(ecosystem, holding)
        reason, detail = Reason.VENDOR_NOT_AFFECTED, _said(denial or deciding[0])
        return Ruling(Verdict.SET_ASIDE, tuple(holding), state, fixed_in, reason, detail)
    if own:
        state, fixed_in = fix_of(ecosystem, deciding)
        others = [item for item in holding if item not in own]
        return Ruling(Verdict.AFFECTED, (*own, *others), state, fixed_in)
    gaps = () if denial is not None else _gaps(tested, deciding)
    if gaps:
        return Ruling(Verdict.NOT_COMPARED, gaps=gaps)
    strangers = tuple(item for item in tested if item.outcome is Outcome.OTHER_MODULE and item.inside)
    if strangers:
        return Ruling(Verdict.SET_ASIDE, strangers, reason=Reason.MODULE_STREAM, detail=_said(strangers[0]))
    return Ruling(Verdict.NOT_AFFECTED)


def _gaps(tested: Sequence[Tested], deciding: Sequence[Tested]) -> tuple[Tested, ...]:
    """Statements that could not be decided and whose publisher has at least the standing of those that decide."""
    open_ones = [item for item in tested if item.outcome is Outcome.UNDECIDED]
    return tuple(item for item in open_ones if not deciding or _standing(item) <= _standing(deciding[0]))


def is_assessed(tested: Sequence[Tested]) -> bool:
    """Whether a publisher has said for the component itself whether it is affected."""
    return any(item.outcome in _DECIDED for item in tested)


def fact_of(tested: Sequence[Tested]) -> str:
    """What the deciding statements say, in words: ``DSA-5532-1 (debian, debian:12) has >= 0, < 3.0.11 affected``."""
    return "; ".join(dict.fromkeys(_said(item) for item in _deciding(tested)))


def _deciding(tested: Sequence[Tested]) -> list[Tested]:
    """The decided statements of the best standing."""
    decided = [item for item in tested if item.outcome in _DECIDED]
    best = min(map(_standing, decided), default=None)
    return [item for item in decided if _standing(item) == best]


_LAST_RANK = 9


def _standing(item: Tested) -> tuple[int, bool, bool]:
    """How much a statement counts, the smaller the more: in the view that decides, in the vendor's own feed, about
    the flaw itself (``DEBIAN-CVE-2024-1``) rather than in a bulletin, which says what was true on its day.

    "End of life" says least where somebody still looks after the release: who does knows more.
    """
    candidate, scope = item.candidate, item.view.key[0]
    bulletin = candidate.affected.ecosystem != scope and not candidate.advisory.endswith(candidate.vulnerabilities)
    abandoned = item.view.yields and candidate.affected.state is FixState.END_OF_LIFE
    return (_LAST_RANK if abandoned else item.view.rank, not is_vendors_own(scope, candidate.source), bulletin)


def _said(item: Tested) -> str:
    candidate, (scope, name) = item.candidate, item.view.key
    if item.outcome is Outcome.DENIES:
        said = f"states that {name} is not affected"
    elif item.outcome is Outcome.OUTSIDE:
        said = f"has {item.span} affected, which {item.view.version} is not"
    else:
        said = f"has {item.span} affected"
    notes = "; ".join(part for part in (candidate.affected.status_text, item.why) if part)
    return f"{candidate.advisory} ({candidate.source}, {scope}) {said}{f' ({notes})' if notes else ''}"


def _evidence(item: Tested) -> Evidence:
    candidate, (scope, name) = item.candidate, item.view.key
    return Evidence(candidate.advisory, candidate.source, scope, name, item.view.version, item.span, candidate.url)
