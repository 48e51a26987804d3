"""VEX statements and ignore entries applied to matches, and those that had no effect named."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from assay.match.case import Case
from assay.match.identity import PackageName, compare_package
from assay.match.ignore import IgnoreRule, compare_rule
from assay.match.nearest import Neighbourhood
from assay.match.options import MatchOptions
from assay.match.product import Surroundings, compare_product
from assay.match.setting import Setting
from assay.match.vex import Status, VexStatement
from assay.model.component import Component, Package
from assay.model.match import Match, Reason

_REASONS = {Status.NOT_AFFECTED: Reason.VEX_NOT_AFFECTED, Status.FIXED: Reason.VEX_FIXED}
_WORST_LAST = (Status.NOT_AFFECTED, Status.FIXED, Status.UNDER_INVESTIGATION, Status.AFFECTED)
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_NAMED_SINGLY = 20


class Declarations:
    """Everything that was declared about one case. Remembers which statements and entries have matched something."""

    def __init__(self, options: MatchOptions, case: Case, canonical: Callable[[str], str]) -> None:
        self._options = options
        self._case = case
        self._canonical = canonical
        self._used_statements: set[int] = set()
        self._used_ignores: set[int] = set()
        self._by_vex: dict[tuple[str, Component], Setting | None] = {}
        self._present: dict[PackageName, bool] = {}
        system = case.inventory.os
        self._around = Surroundings(options.target, system.scope if system else "", self._contains)
        self._statements = _numbers_by_id(self._ids(item.vulnerabilities) for item in options.statements)
        self._ignores = _numbers_by_id(self._ids(item.ids) for item in options.ignores)
        self._patterns = [number for number, item in enumerate(options.ignores) if _has_wildcard(item)]

    def setting(self, match: Match, package: Package) -> Setting | None:
        """Why a match at one place is set aside by declaration; VEX goes before ignore lists."""
        key = (match.vulnerability, match.component)
        if key not in self._by_vex:
            self._by_vex[key] = self._vex_setting(match)
        return self._by_vex[key] or self._ignore_setting(match, package)

    def _vex_setting(self, match: Match) -> Setting | None:
        """The latest statement on the match decides, of equally late ones the surest, of those the worst."""
        applying = []
        for number in self._statements.get(match.vulnerability.casefold(), ()):
            statement = self._options.statements[number]
            fits = [compare_product(product, match.component, self._around) for product in statement.products]
            certain = max((fit.certain for fit in fits if fit.fits), default=None)
            if certain is not None:
                self._used_statements.add(number)
                when = statement.timestamp or _LONG_AGO
                applying.append(((when, certain, _WORST_LAST.index(statement.status)), statement))
        if not applying:
            return None
        statement = max(applying, key=lambda item: item[0])[1]
        reason = _REASONS.get(statement.status)
        return Setting(reason, f"{_place(statement)}: {statement.words}") if reason else None

    def _ignore_setting(self, match: Match, package: Package) -> Setting | None:
        names = {match.vulnerability.casefold(), *(item.advisory.casefold() for item in match.evidence)}
        numbers = {number for name in names for number in self._ignores.get(name, ())}
        numbers.update(number for number in self._patterns if self._pattern_fits(number, names))
        first: Setting | None = None
        for number in sorted(numbers):
            entry = self._options.ignores[number]
            if not self._has_expired(entry) and compare_rule(entry, match.component, package).fits:
                self._used_ignores.add(number)
                first = first or Setting(Reason.IGNORED, entry.words, entry.expires)
        return first

    def _pattern_fits(self, number: int, names: Iterable[str]) -> bool:
        patterns = [text.casefold() for text in self._options.ignores[number].ids]
        return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)

    def _has_expired(self, entry: IgnoreRule) -> bool:
        return entry.expires is not None and entry.expires < self._options.today

    def _contains(self, named: PackageName) -> bool:
        if named not in self._present:
            self._present[named] = any(compare_package(named, component).fits for component in self._case.places)
        return self._present[named]

    def _ids(self, stated: Sequence[str]) -> tuple[str, ...]:
        """All names in one spelling, the canonical ones of aliases included."""
        return tuple(dict.fromkeys(name.casefold() for text in stated for name in (text, self._canonical(text))))

    def notices(self, matches: Sequence[Match]) -> tuple[str, ...]:
        """What has expired and what matched nothing, with what comes nearest, once all ``matches`` were asked for."""
        found = [
            f"{item.words}: {', '.join(item.ids)} expired on {item.expires}, so it no longer applies"
            for item in self._options.ignores
            if self._has_expired(item)
        ]
        around: Neighbourhood | None = None
        for document, unused in self._unused().items():
            around = around or Neighbourhood(matches, self._case.places)
            found.extend(self._unused_notices(document, unused, around))
        return tuple(found)

    def _unused(self) -> dict[str, list[VexStatement | IgnoreRule]]:
        found: dict[str, list[VexStatement | IgnoreRule]] = defaultdict(list)
        for number, statement in enumerate(self._options.statements):
            if number not in self._used_statements:
                found[statement.document].append(statement)
        for number, entry in enumerate(self._options.ignores):
            if number not in self._used_ignores and not self._has_expired(entry):
                found[entry.document].append(entry)
        return found

    def _unused_notices(
        self, document: str, unused: Sequence[VexStatement | IgnoreRule], around: Neighbourhood
    ) -> Iterator[str]:
        """One notice for each of a few; of many for those that something comes near to, and a count of the rest."""
        few, named = len(unused) <= _NAMED_SINGLY, 0
        for item in unused:
            nearest = self._nearest(item, around, guess=few) if named < _NAMED_SINGLY else ""
            if nearest or few:
                named += 1
                yield f"{_title(item)} matched nothing: {nearest or 'nothing here comes near it'}"
        if named < len(unused):
            yield f"{document}: {len(unused) - named} more statements matched nothing"

    def _nearest(self, item: VexStatement | IgnoreRule, around: Neighbourhood, *, guess: bool) -> str:
        ids = self._ids(item.vulnerabilities if isinstance(item, VexStatement) else item.ids)
        if isinstance(item, VexStatement):
            nearest = around.of_statement(item, ids, self._around)
        else:
            nearest = around.of_rule(item, ids)
        return nearest or (around.similar(ids) if guess else "")


def _numbers_by_id(names: Iterable[Sequence[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, ids in enumerate(names):
        for identifier in ids:
            found[identifier].append(number)
    return found


def _has_wildcard(entry: IgnoreRule) -> bool:
    return any("*" in text or "?" in text for text in entry.ids)


def _place(statement: VexStatement) -> str:
    return f"{statement.document} {statement.place}"


def _title(item: VexStatement | IgnoreRule) -> str:
    if isinstance(item, VexStatement):
        return f"{_place(item)} ({', '.join(item.vulnerabilities[:1])} {item.status})"
    return f"{item.document} {item.place} ({', '.join(item.ids)})"
