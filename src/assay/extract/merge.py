"""Layers' analyses become one inventory: what newer layers hide is dropped, owners and scopes are filled in."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from assay.extract.dotnet.overlap import without_restated_assemblies
from assay.extract.walk import Analysis, OwnedFiles
from assay.model.component import Package
from assay.model.inventory import ExtractError, Inventory, OperatingSystem

_MAX_LINKS = 16
_SBOM = "sbom"


@dataclass(frozen=True, slots=True)
class LayerAnalysis:
    """An analysis with the name of its layer (the diff id; empty for a tree that is not an image's)."""

    layer: str
    analysis: Analysis


def merge(
    layers: Sequence[LayerAnalysis],
    extractors: Mapping[str, int],
    *,
    declared: frozenset[str],
    keep_declared: bool | None,
) -> Inventory:
    """Put the layers (oldest first) on top of each other.

    A package keeps the layer that first brought it as long as every newer layer that rewrites its file states the
    same component there. ``declared`` names the extractors that read manifests and lock files; their packages are
    dropped when ``keep_declared`` is False, or when it is None and the root holds an operating system: there only
    what is installed counts, and a manifest alone is no proof.
    """
    packages: list[Package] = []
    owned: list[OwnedFiles] = []
    releases: list[tuple[int, OperatingSystem]] = []
    errors: list[ExtractError] = []
    links: dict[str, str] = {}
    for position, (layer, analysis) in enumerate((item.layer, item.analysis) for item in layers):
        fresh = [replace(package, layer=layer) if layer else package for package in analysis.packages]
        if position and (packages or owned or releases):
            hidden = _Hidden(analysis)
            fresh = _keep_first_layer(fresh, packages)
            packages = [package for package in packages if not hidden.hides(package.path.partition("!/")[0])]
            owned = [item for item in owned if not hidden.hides(item.path)]
            releases = [item for item in releases if not hidden.hides(item[1].path)]
            links = {path: target for path, target in links.items() if not hidden.hides(path)}
        packages.extend(fresh)
        owned.extend(analysis.owned)
        releases.extend((release.rank, release.os) for release in analysis.releases)
        errors.extend(replace(error, layer=layer) for error in analysis.errors)
        links.update(analysis.links)
    os = min(releases, key=lambda item: (item[0], item[1].path))[1] if releases else None
    packages = without_restated_assemblies(_without_echoes(packages))
    system_root = os is not None or any(package.component.ecosystem.is_os for package in packages)
    if keep_declared is False or (keep_declared is None and system_root):
        packages = [package for package in packages if package.extractor not in declared]
    packages = _with_owners(packages, owned, links)
    packages = _with_scopes(packages, os)
    return _inventory(os, packages, errors, extractors)


def _without_echoes(packages: list[Package]) -> list[Package]:
    """Leave out OS packages that an SBOM inside the root repeats: the package database itself says more of them."""
    if not any(package.component.ecosystem.is_os and package.extractor != _SBOM for package in packages):
        return packages
    return [package for package in packages if package.extractor != _SBOM or not package.component.ecosystem.is_os]


def _inventory(
    os: OperatingSystem | None,
    packages: Sequence[Package],
    errors: Sequence[ExtractError],
    extractors: Mapping[str, int],
) -> Inventory:
    content = Inventory(os, tuple(sorted(set(packages), key=_order)), tuple(sorted(errors)), dict(extractors))
    digest = hashlib.sha256(msgspec.msgpack.encode(content, order="deterministic")).hexdigest()
    return replace(content, digest=f"sha256:{digest}")


def _order(package: Package) -> tuple[str, ...]:
    component = package.component
    return (
        component.ecosystem,
        component.name,
        component.version,
        component.arch,
        package.path,
        package.layer,
        package.extractor,
        component.scope,
        component.source_name,
        component.source_version,
        component.module,
        component.vendor,
        package.owner,
        "\0".join(package.licenses),
        f"{package.dev} {package.direct}",
    )


class _Hidden:
    """Which names of older layers a newer layer hides."""

    def __init__(self, analysis: Analysis) -> None:
        self._gone = frozenset(analysis.removed) | frozenset(analysis.names)
        self._opaque = frozenset(analysis.opaque)
        self._directories = frozenset(analysis.directories)  # hide a file of their name, not what is below it

    def hides(self, path: str) -> bool:
        if path in self._gone or path in self._directories or "" in self._opaque:
            return True
        cut = path.rfind("/")
        while cut > 0:
            parent = path[:cut]
            if parent in self._gone or parent in self._opaque:
                return True
            cut = path.rfind("/", 0, cut)
        return False


def _keep_first_layer(fresh: list[Package], older: list[Package]) -> list[Package]:
    first = {(package.path, package.component): package.layer for package in older}
    kept = []
    for package in fresh:
        layer = first.get((package.path, package.component))
        kept.append(package if layer is None else replace(package, layer=layer))
    return kept


def _with_owners(packages: list[Package], owned: Sequence[OwnedFiles], links: Mapping[str, str]) -> list[Package]:
    wanted = {
        package.path.partition("!/")[0]
        for package in packages
        if package.path and not package.component.ecosystem.is_os
    }
    if not wanted or not owned:
        return packages
    directories = {path: target for path, target in links.items() if path.count("/") < 2}
    owners: dict[str, str] = {}
    for item in owned:
        for path in item.files:
            if path in wanted:
                owners[path] = item.owner
            else:
                real = _real(path, directories)
                if real in wanted:
                    owners[real] = item.owner
    return [
        replace(package, owner=owner)
        if not package.component.ecosystem.is_os and (owner := owners.get(package.path.partition("!/")[0]))
        else package
        for package in packages
    ]


def _real(path: str, links: Mapping[str, str]) -> str:
    """The path with links among its first directories followed (``lib`` -> ``usr/lib``)."""
    for _ in range(_MAX_LINKS):
        head, _, rest = path.partition("/")
        second, _, tail = rest.partition("/")
        if rest and head in links:
            path = _join("", links[head], rest)
        elif tail and f"{head}/{second}" in links:
            path = _join(head, links[f"{head}/{second}"], tail)
        else:
            return path
    return path


def _join(parent: str, link: str, rest: str) -> str:
    parts = [] if link.startswith("/") or not parent else parent.split("/")
    for part in [*link.split("/"), *rest.split("/")]:
        if part == "..":
            if parts:
                parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _with_scopes(packages: list[Package], os: OperatingSystem | None) -> list[Package]:
    if os is None or not os.scope:
        return packages
    return [
        replace(package, component=replace(package.component, scope=os.scope))
        if package.component.ecosystem.is_os and not package.component.scope
        else package
        for package in packages
    ]
