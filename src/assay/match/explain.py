"""Why a component has a vulnerability, why not, or why nobody can tell: the whole derivation, replayed."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from assay.match.case import Case, open_case
from assay.match.declared import Declarations
from assay.match.derivation import Step, statement_steps
from assay.match.find import declarations_of, gaps_of, settle
from assay.match.identity import compare_package, package_name
from assay.match.index import AdvisoryIndex
from assay.match.options import MatchOptions
from assay.match.ruling import Verdict
from assay.model.candidate import LookupKey
from assay.model.component import Component, Package
from assay.model.inventory import Inventory
from assay.model.match import Match, NotCompared, SetAside
from assay.model.purl import purl_of

_MANY = 8
_SIMILAR = 3


@dataclass(frozen=True, slots=True)
class ComponentExplanation:
    """The derivation for one component, in order, and what ``find_matches`` says about it.

    ``verdict`` is AFFECTED as soon as the match counts at one of its places; ``set_aside`` may then hold others.
    ``not_compared`` are gaps: of single statements (NOT_COMPARED) or of the whole component (with any verdict).
    """

    component: Component
    packages: tuple[Package, ...]
    verdict: Verdict
    steps: tuple[Step, ...]
    match: Match | None = None
    set_aside: tuple[SetAside, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer about one vulnerability: per component, and in general.

    ``asked`` is the identifier as given, ``vulnerability`` its canonical id, ``notes`` what holds for the inventory
    as a whole (nothing of that name is installed, the vulnerability is not known, parts could not be judged).
    """

    asked: str
    vulnerability: str
    components: tuple[ComponentExplanation, ...]
    notes: tuple[str, ...] = ()


def explain(
    inventory: Inventory,
    index: AdvisoryIndex,
    vulnerability: str,
    package: str = "",
    options: MatchOptions | None = None,
    elsewhere: Collection[LookupKey] = (),
) -> Explanation:
    """Explain one vulnerability for the components called ``package``, or for all that a statement on it names.

    ``package`` is a name (of a binary or source package) or a package URL; raises Invalid when it is a broken URL.
    ``elsewhere`` are the keys of all statements on the vulnerability that the knowledge has, so that what is only
    stated for other releases or packages can be named.
    """
    case = open_case(inventory, index)
    declarations = declarations_of(options, case, index)
    canonical = index.canonical(vulnerability)
    chosen = _called(case, package) if package else _named(case, canonical)
    components = tuple(_explained(case, declarations, component, canonical, elsewhere) for component in sorted(chosen))
    bare = Explanation(vulnerability, canonical, components)
    return replace(bare, notes=tuple(_notes(case, index, bare, package, elsewhere)))


def _called(case: Case, package: str) -> list[Component]:
    if package.startswith("pkg:"):
        named = package_name(package)
        return [component for component in case.places if compare_package(named, component).fits]
    return [
        component
        for component in case.places
        if package in (component.name, component.lookup_name, component.source_name)
    ]


def _named(case: Case, vulnerability: str) -> list[Component]:
    return [
        component
        for component, views in case.views.items()
        if any(case.statements.on(view, vulnerability) for view in views)
    ]


def _explained(
    case: Case,
    declarations: Declarations | None,
    component: Component,
    vulnerability: str,
    elsewhere: Collection[LookupKey],
) -> ComponentExplanation:
    tested = case.tested(component, vulnerability)
    steps = [*_found(case, component), *statement_steps(component, tested)]
    if case.views[component] and not tested:
        steps.append(_unnamed(component, vulnerability, case, elsewhere))
    ruling, packages = case.ruling(component, vulnerability), case.places[component]
    whole = case.gaps.get(component)
    gaps = (*((whole,) if whole else ()), *gaps_of(component, ruling))
    if ruling.verdict in (Verdict.AFFECTED, Verdict.SET_ASIDE):
        settled = settle(case, declarations, component, vulnerability, ruling)
        verdict = Verdict.AFFECTED if settled.match else Verdict.SET_ASIDE
        steps.extend(_set_aside(item) for item in settled.set_aside)
        steps.append(Step("verdict", verdict, tuple(_conclusion(settled.match))))
        return ComponentExplanation(component, packages, verdict, tuple(steps), settled.match, settled.set_aside, gaps)
    verdict = Verdict.NOT_COMPARED if whole and not tested else ruling.verdict
    steps.append(Step("verdict", verdict))
    return ComponentExplanation(component, packages, verdict, tuple(steps), not_compared=gaps)


def _found(case: Case, component: Component) -> Iterator[Step]:
    """Where the component was found, and under which names it is looked up."""
    yield Step("package", purl_of(component), tuple(_places(case.places[component])))
    for view in case.views[component]:
        yield Step("looked up", f"{view.of} {view.key[1]} in {view.key[0]}", (f"version {view.version}",))
    if component in case.gaps:
        yield Step("gap", case.gaps[component].reason)


def _places(packages: Sequence[Package]) -> Iterator[str]:
    for package in packages:
        words = [package.path or "no path", f"read by {package.extractor}" if package.extractor else ""]
        words.append(f"layer {package.layer}" if package.layer else "")
        words.append(f"belongs to {package.owner}" if package.owner else "")
        yield ", ".join(word for word in words if word)


def _unnamed(component: Component, vulnerability: str, case: Case, elsewhere: Collection[LookupKey]) -> Step:
    """That no statement found under the component's keys speaks of the vulnerability; for whom there is one."""
    names = {view.key[1] for view in case.views[component]}
    others = sorted(scope for scope, name in elsewhere if name in names)
    text = f"no statement found there speaks of {vulnerability}"
    return Step("statement", text, (f"there are statements on it in {_few(others)}",) if others else ())


def _set_aside(item: SetAside) -> Step:
    until = (f"until {item.expires}",) if item.expires else ()
    places = tuple(package.path for package in item.match.packages if package.path)
    return Step("set aside", f"{item.reason}: {item.detail}", (*until, *places))


def _conclusion(match: Match | None) -> Iterator[str]:
    if match is not None:
        yield f"fixed in {match.fixed_in}" if match.fixed_in else f"no fix: {match.state}"
        yield from (package.path for package in match.packages if package.path)


def _notes(
    case: Case,
    index: AdvisoryIndex,
    explanation: Explanation,
    package: str,
    elsewhere: Collection[LookupKey],
) -> Iterator[str]:
    asked, vulnerability = explanation.asked, explanation.vulnerability
    if asked != vulnerability:
        yield f"{asked} is known as {vulnerability}"
    if not (index.vulnerabilities([vulnerability]) or elsewhere or explanation.components):
        yield f"{vulnerability} is not known to this intelligence"
    if not explanation.components:
        yield from _nothing_to_explain(case, vulnerability, package, elsewhere)
    if not package:
        for reason, count in sorted(Counter(gap.reason for gap in case.gaps.values()).items()):
            yield f"{count} package{'s' if count > 1 else ''} could not be judged: {reason}"
    yield from case.notices


def _nothing_to_explain(
    case: Case, vulnerability: str, package: str, elsewhere: Collection[LookupKey]
) -> Iterator[str]:
    if package:
        names = {component.name for component in case.places}
        similar = ", ".join(get_close_matches(package, sorted(names), _SIMILAR))
        yield f"no package called {package} is installed{f'; similar: {similar}' if similar else ''}"
    else:
        yield f"no statement on {vulnerability} names an installed package of its release"
    if elsewhere:
        yield f"there are statements on {_few(sorted(f'{name} in {scope}' for scope, name in elsewhere))}"


def _few(words: Sequence[str]) -> str:
    more = len(words) - _MANY
    return ", ".join(words[:_MANY]) + (f" and {more} more" if more > 0 else "")


def explanation_lines(explanation: Explanation) -> Iterator[str]:
    """The explanation as text for a terminal, one line at a time."""
    yield explanation.vulnerability
    for item in explanation.components:
        for step in item.steps:
            indent = "  " if step.kind == "package" else "    "
            yield f"{indent}{step.text}" if step.kind == "package" else f"{indent}{step.kind}: {step.text}"
            yield from (f"{indent}  {detail}" for detail in step.details)
    yield from explanation.notes
