"""Under which names a component is looked up, and which of its versions a statement is compared with."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assay.match.kernel import unsigned_source
from assay.model.candidate import Candidate, LookupKey
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a component: the key it is looked up under and the version to compare.

    ``of`` says what the key names (``source package``, ``package``). ``sources`` limits the view to statements that
    name source packages (True) or binary packages (False); None takes both. ``rank`` orders the views of a component
    by whose statements decide, 0 first; one that ``yields`` leaves it to the others where it only has "end of life".
    """

    key: LookupKey
    version: str
    of: str = "package"
    sources: bool | None = None
    rank: int = 0
    yields: bool = False

    def takes(self, candidate: Candidate) -> bool:
        """Whether the statement speaks of what this view names."""
        return self.sources is None or candidate.affected.source is self.sources


Lookup = Callable[[Component], tuple[View, ...]]


def by_name(component: Component) -> tuple[View, ...]:
    """Language packages: the ecosystem's feeds name what is installed."""
    return (View((component.ecosystem.value, component.lookup_name), component.version),)


def by_source(component: Component) -> tuple[View, ...]:
    """Debian, Ubuntu, Alpine, Wolfi and their kind track source packages and source versions only."""
    name = component.source_name or component.name
    version = component.source_version or component.version
    unsigned = unsigned_source(component)
    if unsigned is not None:
        name, version = unsigned
    scopes = _scopes(component.scope, version)
    return tuple(
        View((scope, name), version, "source package", rank=rank, yields=len(scopes) > rank + 1)
        for rank, scope in enumerate(scopes)
    )


def by_binary_and_source(component: Component) -> tuple[View, ...]:
    """The rpm family: Red Hat, AlmaLinux, Amazon and Oracle name binary packages, SUSE and Rocky sources; some both."""
    binary = View((component.scope, component.name), component.version, sources=False)
    if not component.scope:
        return ()
    name = component.source_name or component.name
    version = component.source_version or component.version
    return (binary, View((component.scope, name), version, "source package", sources=True))


LOOKUPS: Mapping[Ecosystem, Lookup] = {
    Ecosystem.DEB: by_source,
    Ecosystem.OPKG: by_source,
    Ecosystem.APK: by_source,
    Ecosystem.RPM: by_binary_and_source,
    Ecosystem.PYPI: by_name,
    Ecosystem.NPM: by_name,
    Ecosystem.MAVEN: by_name,
    Ecosystem.GEM: by_name,
    Ecosystem.NUGET: by_name,
    Ecosystem.COMPOSER: by_name,
    Ecosystem.GOLANG: by_name,
    Ecosystem.CARGO: by_name,
    Ecosystem.HEX: by_name,
    Ecosystem.PUB: by_name,
    Ecosystem.CONAN: by_name,
    Ecosystem.SWIFT: by_name,
    Ecosystem.GENERIC: by_name,
}
"""How each package world is looked up: one row per ecosystem."""


def views_of(component: Component) -> tuple[View, ...]:
    """All views of a component; none for a package of an operating system whose release is not known."""
    return LOOKUPS[component.ecosystem](component)


def coverage_scope(component: Component) -> str:
    """The scope that must have a source for the component to be judged; "" when its release is not known."""
    return component.scope if component.ecosystem.is_os else component.ecosystem.value


_ESM = re.compile(r"[+~.]esm\d")
_EXTENDED = "ubuntu-pro:"


def _scopes(scope: str, version: str) -> tuple[str, ...]:
    """The releases whose statements count, those that decide first.

    Ubuntu's extended maintenance (https://ubuntu.com/security/esm) is the only one to speak of most flaws in packages
    that Ubuntu itself does not maintain (universe) or no longer does: its statements count for every host of the
    release. A build of it (``1.2-3ubuntu4+esm1``) is judged by them first, any other by the release's own first.
    """
    if not scope:
        return ()
    name, _, release = scope.partition(":")
    if name != "ubuntu":
        return (scope,)
    extended = f"{_EXTENDED}{release}"
    return (extended, scope) if _ESM.search(version) else (scope, extended)
