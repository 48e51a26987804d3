"""A declaration that matched nothing, explained by what comes nearest to it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from assay.match.identity import Closeness, PackageName
from assay.match.ignore import IgnoreRule, compare_rule
from assay.match.product import Fit, Surroundings, compare_product
from assay.match.vex import VexStatement
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem
from assay.model.match import Match
from assay.model.purl import purl_of

_MOST = 2_000
Compared = tuple[int, Component, tuple[str, ...]]
"""Score, component, differences."""


class Neighbourhood:
    """What there is to come near to: the matches by vulnerability, and the installed components by name."""

    def __init__(self, matches: Iterable[Match], installed: Iterable[Component]) -> None:
        self._matches: dict[str, list[Match]] = defaultdict(list)
        for match in matches:
            self._matches[match.vulnerability.casefold()].append(match)
        self._vulnerable = {match.component: match.vulnerability for found in self._matches.values() for match in found}
        self._named: dict[tuple[Ecosystem, str], list[Component]] = defaultdict(list)
        for component in installed:
            self._named[component.ecosystem, component.lookup_name].append(component)
            if component.source_name not in ("", component.name):
                self._named[component.ecosystem, component.source_name].append(component)

    def of_statement(self, statement: VexStatement, ids: Iterable[str], around: Surroundings) -> str:
        """What comes nearest to a VEX statement that matched nothing, in words; "" when nothing does."""
        if not statement.products:
            return "it names no product"
        components = [match.component for match in self._with(ids)]
        pairs = ((product, component) for product in statement.products for component in components)
        best = _best((component, compare_product(product, component, around)) for product, component in pairs)
        names = [product.package for product in statement.products if product.package is not None]
        return _nearest(best) or self._installed(names)

    def of_rule(self, rule: IgnoreRule, ids: Iterable[str]) -> str:
        """What comes nearest to an ignore entry that matched nothing, in words; "" when nothing does."""
        places = ((match.component, package) for match in self._with(ids) for package in match.packages)
        best = _best((component, compare_rule(rule, component, package)) for component, package in places)
        names = [item for item in rule.packages if isinstance(item, PackageName)]
        return _nearest(best) or self._installed(names)

    def _with(self, ids: Iterable[str]) -> list[Match]:
        return [match for name in dict.fromkeys(ids) for match in self._matches.get(name, ())]

    def _installed(self, names: Sequence[PackageName]) -> str:
        for name in names[:_MOST]:
            for component in self._named.get((name.stated.ecosystem, name.stated.lookup_name), ()):
                return f"{purl_of(component)} is installed, but is not known to have that vulnerability"
        return ""

    def similar(self, ids: Iterable[str]) -> str:
        """A vulnerability that was found and whose id differs in one letter or digit; "" when there is none."""
        for name in ids:
            for other, matches in self._matches.items():
                if len(other) == len(name) and sum(a != b for a, b in zip(name, other, strict=True)) == 1:
                    return f"{matches[0].vulnerability} is found here and differs in one character"
        return ""


def _best(compared: Iterable[tuple[Component, Fit | Closeness]]) -> Compared | None:
    ranked = ((close.score, component, close.differences) for component, close in islice(compared, _MOST))
    return min(ranked, key=lambda item: (-item[0], len(item[2]), item[1]), default=None)


def _nearest(best: Compared | None) -> str:
    if best is None:
        return ""
    return f"the nearest is {purl_of(best[1])}: {'; '.join(best[2])}"
