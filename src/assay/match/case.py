"""One inventory with everything the knowledge says about it: what finding and explaining both start from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assay.match.index import AdvisoryIndex
from assay.match.kernel import idle_kernels
from assay.match.lookup import View, coverage_scope, views_of
from assay.match.ruling import Ruling, Verdict, rule
from assay.match.statement import Tested, is_silent, key_of, try_statement
from assay.match.vendor import carries_release_mark, foreign_builder
from assay.model.candidate import Candidate, LookupKey
from assay.model.component import Component, Package
from assay.model.inventory import Inventory
from assay.model.match import NotCompared

Rulings = Mapping[str, Ruling]
"""By vulnerability; those that are simply NOT_AFFECTED are left out."""


class Statements:
    """All statements on the packages of one inventory, also by the vulnerability that they speak of."""

    def __init__(self, found: Mapping[LookupKey, Sequence[Candidate]]) -> None:
        self._found = found
        self._by_vulnerability: dict[LookupKey, Mapping[str, Sequence[Candidate]]] = {}

    def under(self, view: View) -> Sequence[Candidate]:
        """The statements that a view of a component finds."""
        found = self._found.get(view.key, ())
        return found if view.sources is None else [item for item in found if view.takes(item)]

    def on(self, view: View, vulnerability: str) -> Sequence[Candidate]:
        """Those of them that speak of one vulnerability, in an order of their own."""
        if view.key not in self._by_vulnerability:
            groups = defaultdict(list)
            for candidate in self._found.get(view.key, ()):
                for identifier in candidate.vulnerabilities:
                    groups[identifier].append(candidate)
            self._by_vulnerability[view.key] = groups
        found = [item for item in self._by_vulnerability[view.key].get(vulnerability, ()) if view.takes(item)]
        return found if len(found) == 1 else sorted(found, key=_candidate_order)


@dataclass(frozen=True, slots=True)
class Case:
    """``places`` are the packages of each distinct component, ``views`` the ways in which it is looked up (none when
    it cannot be judged), ``owners`` the operating system's components by name, ``idle`` the kernels that do not run.
    ``gaps`` are the components that cannot be judged, with the reason; ``notices`` warnings about the whole inventory.
    """

    inventory: Inventory
    places: Mapping[Component, tuple[Package, ...]]
    views: Mapping[Component, tuple[View, ...]]
    statements: Statements
    owners: Mapping[str, tuple[Component, ...]]
    idle: frozenset[Component]
    gaps: Mapping[Component, NotCompared]
    notices: tuple[str, ...] = ()
    _known: dict[object, Rulings] = field(default_factory=dict)

    def rulings(self, component: Component) -> Rulings:
        """The verdicts on a component. Components that only differ in their names are ruled once."""
        views = self.views[component]
        alike = (component.ecosystem, views, component.arch, component.module)
        known = self._known.get(alike)
        if known is None:
            known = self._known[alike] = self._rulings(component, views)
        return known

    def _rulings(self, component: Component, views: Sequence[View]) -> Rulings:
        ecosystem = component.ecosystem
        open_ones: dict[str, None] = {}
        for view in views:
            key = key_of(ecosystem, view.version)
            for candidate in self.statements.under(view):
                if not is_silent(candidate, ecosystem, view.version, key):
                    open_ones.update(dict.fromkeys(candidate.vulnerabilities))
        ruled = {identifier: rule(ecosystem, self.tested(component, identifier)) for identifier in open_ones}
        return {identifier: item for identifier, item in ruled.items() if item.verdict is not Verdict.NOT_AFFECTED}

    def tested(self, component: Component, vulnerability: str) -> list[Tested]:
        """Every statement on one vulnerability, tested on the component."""
        return [
            try_statement(component, view, candidate)
            for view in self.views[component]
            for candidate in self.statements.on(view, vulnerability)
        ]

    def ruling(self, component: Component, vulnerability: str) -> Ruling:
        """The verdict on one vulnerability of a component."""
        return self.rulings(component).get(vulnerability) or Ruling(Verdict.NOT_AFFECTED)


def _candidate_order(
    candidate: Candidate,
) -> tuple[str, str, tuple[object, ...], list[tuple[str, str, str]], tuple[str, ...]]:
    affected = candidate.affected
    ranges = [(item.introduced, item.fixed or "", item.last_affected or "") for item in affected.ranges]
    words = (affected.state, affected.module, affected.arches, affected.severity, affected.status_text)
    return (candidate.advisory, candidate.source, words, ranges, affected.versions)


def open_case(inventory: Inventory, index: AdvisoryIndex) -> Case:
    """Look up all components of an inventory, with one question to the index."""
    places = _places(inventory)
    gaps: dict[Component, NotCompared] = {}
    views: dict[Component, tuple[View, ...]] = {}
    for component in places:
        views[component] = () if _is_foreign(component) else views_of(component)
    found = index.affecting({view.key for item in views.values() for view in item})
    covered = {scope: bool(scope) and index.covers(scope) for scope in {coverage_scope(item) for item in places}}
    for component, looked_up in views.items():
        reason = _gap(component, looked_up, found, covered=covered[coverage_scope(component)])
        if reason:
            gaps[component] = NotCompared(component, "", reason)
    owners = defaultdict(list)
    for component in places:
        if component.ecosystem.is_os:
            owners[component.name].append(component)
    idle, notices = _kernels(inventory, places)
    owned = {name: tuple(items) for name, items in owners.items()}
    return Case(inventory, places, views, Statements(found), owned, idle, gaps, notices)


def _places(inventory: Inventory) -> dict[Component, tuple[Package, ...]]:
    found: dict[Component, list[Package]] = defaultdict(list)
    for package in inventory.packages:
        found[package.component].append(package)
    return {item: tuple(same) if len(same) == 1 else _in_order(same) for item, same in found.items()}


def _in_order(packages: Sequence[Package]) -> tuple[Package, ...]:
    return tuple(sorted(set(packages), key=lambda item: (item.path, item.layer, item.extractor, repr(item))))


def _is_foreign(component: Component) -> bool:
    return bool(foreign_builder(component)) and not carries_release_mark(component)


def _gap(
    component: Component,
    views: Sequence[View],
    found: Mapping[LookupKey, Sequence[Candidate]],
    *,
    covered: bool,
) -> str:
    """Why a component cannot be judged, or not completely; "" when it can."""
    scope, builder = coverage_scope(component), foreign_builder(component)
    if not scope:
        return "the operating system's release is not known, so no vendor's statements apply"
    if builder and not any(view.key in found for view in views):
        return f"built by {builder}: the statements of {scope} speak of the distribution's own packages only"
    if not covered:
        return f"the intelligence has no complete source for {scope}"
    return ""


def _kernels(inventory: Inventory, components: Iterable[Component]) -> tuple[frozenset[Component], tuple[str, ...]]:
    running = inventory.running_kernel
    if not running:
        return frozenset(), ()
    idle, seen = idle_kernels(components, running)
    notice = f"the running kernel {running} is none of the installed ones: all of them are judged"
    return idle, () if seen else (notice,)
