"""Builders: an index in memory, candidates from a few words, inventories from packages."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from assay.errors import InvalidVersion
from assay.model.advisory import AffectedPackage, AffectedRange, FixState, Vulnerability
from assay.model.candidate import Candidate, LookupKey
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem, normal_name
from assay.model.inventory import Inventory, OperatingSystem
from assay.versions.ranges import bounds_of

ECOSYSTEMS = {
    "debian": Ecosystem.DEB,
    "ubuntu": Ecosystem.DEB,
    "ubuntu-pro": Ecosystem.DEB,
    "alpine": Ecosystem.APK,
    "wolfi": Ecosystem.APK,
}


@dataclass
class MemoryIndex:
    """An AdvisoryIndex over a few candidates."""

    candidates: list[Candidate] = field(default_factory=list)
    uncovered: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Vulnerability] = field(default_factory=dict)
    asked: list[Collection[LookupKey]] = field(default_factory=list)

    def affecting(self, keys: Collection[LookupKey], /) -> Mapping[LookupKey, Sequence[Candidate]]:
        self.asked.append(keys)
        found: dict[LookupKey, list[Candidate]] = {}
        for candidate in self.candidates:
            key = (candidate.affected.scope, candidate.affected.name)
            if key in keys:
                found.setdefault(key, []).append(candidate)
        return found

    def covers(self, scope: str, /) -> bool:
        return scope not in self.uncovered

    def vulnerabilities(self, ids: Collection[str], /) -> Mapping[str, Vulnerability]:
        return {identifier: self.facts[identifier] for identifier in ids if identifier in self.facts}

    def canonical(self, identifier: str, /) -> str:
        return self.aliases.get(identifier, identifier)

    def end_of_life(self, scope: str, /) -> date | None:
        return None


def ranges_in(text: str) -> tuple[AffectedRange, ...]:
    """``< 2``, ``1..2`` (up to but not including 2), ``1..=2`` (including), ``1..`` (all later), ``all``."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if part == "all":
            found.append(AffectedRange())
        elif part.startswith("<"):
            found.append(AffectedRange(fixed=part[1:].strip()))
        else:
            low, _, high = part.partition("..")
            if high.startswith("="):
                found.append(AffectedRange(low, last_affected=high[1:]))
            else:
                found.append(AffectedRange(low, fixed=high or None))
    return tuple(found)


def ecosystem_of(scope: str) -> Ecosystem:
    family = scope.partition(":")[0]
    if family in ECOSYSTEMS:
        return ECOSYSTEMS[family]
    return Ecosystem(family) if family in set(Ecosystem) else Ecosystem.RPM


def statement(
    advisory: str,
    scope: str,
    name: str,
    ranges: str = "",
    *,
    cves: Iterable[str] = (),
    source: str = "",
    versions: Sequence[str] = (),
    state: FixState = FixState.FIXED,
    of_source: bool | None = None,
    **fields: object,
) -> Candidate:
    """One advisory's statement, as the index answers it."""
    ecosystem = ecosystem_of(scope)
    affected = AffectedPackage(
        ecosystem.value,
        scope,
        normal_name(ecosystem, name),
        ranges_in(ranges),
        tuple(versions),
        state,
        source=ecosystem in (Ecosystem.DEB, Ecosystem.APK) if of_source is None else of_source,
        **fields,  # type: ignore[arg-type]  # only fields of AffectedPackage are passed
    )
    bounds: list[tuple[bytes | None, bytes | None, bool] | None] = []
    for item in affected.ranges:
        try:
            bounds.append(bounds_of(ecosystem, item))
        except InvalidVersion:
            bounds.append(None)
    flaws = tuple(cves) or (advisory,)
    return Candidate(
        advisory,
        source or f"osv-{scope.partition(':')[0]}",
        flaws,
        affected,
        tuple(bounds),
        f"https://example.test/{advisory}",
    )


def deb(
    name: str, version: str, scope: str = "debian:12", source: str = "", source_version: str = "", **fields: str
) -> Component:
    return Component(
        Ecosystem.DEB,
        name,
        version,
        scope=scope,
        arch=fields.pop("arch", "amd64"),
        source_name=source or name,
        source_version=source_version or version,
        **fields,
    )


def rpm(name: str, version: str, scope: str = "almalinux:9", source: str = "", **fields: str) -> Component:
    own = {"arch": "x86_64", "source_name": source or name, "source_version": version} | fields
    return Component(Ecosystem.RPM, name, version, scope=scope, **own)


def apk(name: str, version: str, scope: str = "alpine:3.18", origin: str = "") -> Component:
    return Component(
        Ecosystem.APK, name, version, scope=scope, arch="x86_64", source_name=origin or name, source_version=version
    )


def pypi(name: str, version: str) -> Component:
    return Component(Ecosystem.PYPI, name, version)


def at(component: Component, path: str = "", owner: str = "", layer: str = "") -> Package:
    path = path or f"lib/{component.name}"
    return Package(component, path=path, layer=layer, owner=owner, extractor="test")


def inventory(*items: Component | Package, os: str = "debian:12", running: str = "") -> Inventory:
    packages = tuple(item if isinstance(item, Package) else at(item) for item in items)
    name, _, version = os.partition(":")
    system = OperatingSystem(name, version, scope=os) if os else None
    return Inventory(system, packages, running_kernel=running)
