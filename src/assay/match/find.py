"""Find what is vulnerable in an inventory, with the evidence, and what of it does not count and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.match.case import Case, open_case
from assay.match.facts import set_aside_by_facts
from assay.match.index import AdvisoryIndex
from assay.match.options import MatchOptions
from assay.match.ruling import Ruling, Verdict
from assay.match.setting import Setting
from assay.model.component import Component, Package
from assay.model.inventory import Inventory
from assay.model.match import Match, Matches, NotCompared, SetAside

if TYPE_CHECKING:
    from assay.match.declared import Declarations


def find_matches(inventory: Inventory, index: AdvisoryIndex, options: MatchOptions | None = None) -> Matches:
    """Match every component of an inventory against the knowledge.

    Every pair of component and vulnerability ends as exactly one of: a match, a match that is set aside with the
    reason, not compared with the reason, or not affected (not listed). One match may be split by its places, when
    only some of them are set aside. The result has one order, whatever the order of packages and advisories.
    """
    case = open_case(inventory, index)
    declarations = declarations_of(options, case, index)
    matches: list[Match] = []
    aside: list[SetAside] = []
    gaps = set(case.gaps.values())
    considered: list[Match] = []
    for component in case.places:
        for vulnerability, ruling in case.rulings(component).items():
            if ruling.verdict is Verdict.NOT_COMPARED:
                gaps.update(gaps_of(component, ruling))
                continue
            settled = settle(case, declarations, component, vulnerability, ruling)
            considered.append(settled.whole)
            if settled.match is not None:
                matches.append(settled.match)
            aside.extend(settled.set_aside)
    notices = declarations.notices(considered) if declarations else ()
    return Matches(
        tuple(sorted(matches, key=_match_order)),
        tuple(sorted(aside, key=_aside_order)),
        tuple(sorted(gaps)),
        (*case.notices, *notices),
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """A match with all its places, what counts of it (None: nothing does), and what is set aside."""

    whole: Match
    match: Match | None
    set_aside: tuple[SetAside, ...]


def declarations_of(options: MatchOptions | None, case: Case, index: AdvisoryIndex) -> "Declarations | None":
    """What was declared about the case; None when nothing was."""
    if options is None or not (options.statements or options.ignores):
        return None
    from assay.match.declared import Declarations

    return Declarations(options, case, index.canonical)


def settle(
    case: Case, declarations: "Declarations | None", component: Component, vulnerability: str, ruling: Ruling
) -> Settled:
    """Sort the places of a match by whether it counts there, and if not, why."""
    places = case.places[component]
    whole = ruling.as_match(vulnerability, component, places)
    groups: dict[Setting | None, list[Package]] = {}
    for package in places:
        declared = declarations.setting(whole, package) if declarations else None
        setting = _by_ruling(ruling) or set_aside_by_facts(case, vulnerability, component, package) or declared
        groups.setdefault(setting, []).append(package)
    match: Match | None = None
    aside: list[SetAside] = []
    for setting, packages in groups.items():
        part = whole if len(groups) == 1 else replace(whole, packages=tuple(packages))
        if setting is None:
            match = part
        else:
            aside.append(SetAside(part, setting.reason, setting.detail, setting.expires))
    return Settled(whole, match, tuple(aside))


def gaps_of(component: Component, ruling: Ruling) -> Iterator[NotCompared]:
    """What could not be compared, by advisory."""
    for tested in ruling.gaps:
        yield NotCompared(component, tested.candidate.advisory, tested.why)


def _by_ruling(ruling: Ruling) -> Setting | None:
    return Setting(ruling.reason, ruling.detail) if ruling.reason else None


def _match_order(match: Match) -> tuple[Component, str]:
    return match.component, match.vulnerability


def _aside_order(item: SetAside) -> tuple[Component, str, str, str]:
    return item.match.component, item.match.vulnerability, item.reason, item.detail
