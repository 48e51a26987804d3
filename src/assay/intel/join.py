"""Which flaws a record speaks of: publishers' ids of one flaw are joined under one canonical id.

A flaw is known by its CVE id; without one by GitHub's id, else by the first id in the alphabet. Records that name
several CVE ids speak of several flaws and join none of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from assay.intel.cve_id import cve_id


@dataclass(frozen=True, slots=True)
class Names:
    """The ids in a record: its own, its ``aliases`` (the same flaw), and the flaws it ``covers`` as a bulletin."""

    id: str
    aliases: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()


class Join:
    """The ids of all live records, joined. The order of the records does not matter."""

    def __init__(self, records: Iterable[Names]) -> None:
        self._parent: dict[str, str] = {}
        self._own: dict[str, frozenset[str]] = {}
        self._bulletins: list[Names] = []
        labels: list[tuple[str, str]] = []
        for names in records:
            if names.covers:
                self._bulletins.append(names)
            else:
                labels += self._unite(names)
        self._cves: dict[str, frozenset[str]] = {}
        for cve, other in labels:
            root = self._root(other)
            self._cves[root] = self._cves.get(root, frozenset()) | {cve}
        self._firsts = self._find_firsts()

    def flaws(self, names: Names) -> tuple[str, ...]:
        """The canonical ids of the flaws a record speaks of, sorted."""
        if names.covers:
            return tuple(sorted({flaw for covered in names.covers for flaw in self._flaws_of(covered)}))
        cves, _ = _split(names)
        return tuple(sorted(cves)) or self._flaws_of(names.id)

    def aliases(self) -> list[tuple[str, str]]:
        """(id, canonical id) of every id that stands for exactly one flaw known by another id; sorted."""
        found = {name: self._flaws_of(name) for name in self._parent}
        for names in self._bulletins:
            if cve_id(names.id) is None and names.id not in self._parent:
                found[names.id] = tuple(sorted({*found.get(names.id, ()), *self.flaws(names)}))
        return sorted((name, flaws[0]) for name, flaws in found.items() if len(flaws) == 1 and flaws[0] != name)

    def _unite(self, names: Names) -> list[tuple[str, str]]:
        """Join the ids of a record that names at most one CVE; (CVE, id) pairs that say what the ids stand for."""
        cves, others = _split(names)
        if cves and cve_id(names.id) is None:
            self._own[names.id] = self._own.get(names.id, frozenset()) | cves
        if len(cves) > 1:
            others = [names.id] if cve_id(names.id) is None else []
        for other in others:
            self._parent.setdefault(other, other)
        for other in others[1:]:
            self._parent[self._root(other)] = self._root(others[0])
        return [(cve, others[0]) for cve in sorted(cves) if others]

    def _root(self, name: str) -> str:
        path = []
        while (parent := self._parent.get(name, name)) != name:
            path.append(name)
            name = parent
        for passed in path:
            self._parent[passed] = name
        return name

    def _find_firsts(self) -> dict[str, str]:
        firsts: dict[str, str] = {}
        for name in self._parent:
            root = self._root(name)
            if root not in firsts or _rank(name) < _rank(firsts[root]):
                firsts[root] = name
        return firsts

    def _flaws_of(self, name: str) -> tuple[str, ...]:
        if name in self._own:
            return tuple(sorted(self._own[name]))
        if cve_id(name) is not None or name not in self._parent:
            return (cve_id(name) or name,)
        root = self._root(name)
        return tuple(sorted(self._cves.get(root, ()))) or (self._firsts[root],)


def _split(names: Names) -> tuple[set[str], list[str]]:
    """The CVE ids and the other ids of a record."""
    cves: set[str] = set()
    others: dict[str, None] = {}
    for name in (names.id, *names.aliases):
        cve = cve_id(name)
        if cve is None:
            others[name] = None
        else:
            cves.add(cve)
    return cves, list(others)


def _rank(name: str) -> tuple[bool, str]:
    return (not name.startswith("GHSA-"), name)
