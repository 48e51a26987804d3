"""What a VEX product or an ignore rule names, and whether a component is that.

Package URLs are compared by what they mean, not letter by letter: ``distro=debian-12``, ``debian-12.13`` and
``bookworm`` are one release, an epoch may be missing, and qualifiers that identify nothing are passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from assay.errors import Invalid
from assay.match.statement import key_of
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem, normal_name
from assay.model.purl import component_of, parse_purl, scope_of

_SOURCE_ARCHES = frozenset({"source", "src", "nosrc"})
_ANY_ARCH = frozenset({"", "all", "any", "noarch", "*"})


@dataclass(frozen=True, slots=True)
class PackageName:
    """A package URL as a pattern: empty parts fit everything, ``*`` and ``?`` are wildcards in name and version.

    ``vendor`` is the distribution that the URL's namespace names, ``of_source`` whether it names a source package.
    ``versions`` narrow it to certain versions or ``vers:`` ranges besides the URL's own.
    """

    text: str
    stated: Component
    vendor: str = ""
    of_source: bool = False
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Closeness:
    """How far a component is from what was named: ``score`` counts what agrees, ``differences`` say what does not."""

    score: int
    differences: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the component is what was named."""
        return not self.differences


def package_name(purl: str, versions: Sequence[str] = ()) -> PackageName:
    """Read a package URL as a pattern; raises Invalid when it is none."""
    parts = parse_purl(purl)
    stated = component_of(purl)
    vendor = ""
    if stated.ecosystem.is_os and parts.namespace:
        vendor = scope_of(parts.namespace, "1").partition(":")[0] or parts.namespace.lower()
    return PackageName(purl, stated, vendor, stated.arch in _SOURCE_ARCHES, tuple(versions))


def compare_package(named: PackageName, component: Component) -> Closeness:
    """Compare a component with what was named, most telling part first."""
    stated, score = named.stated, 0
    differences: list[str] = []
    name, version = component.name, component.version
    if named.of_source:
        name, version = component.source_name or name, component.source_version or version
    agrees = stated.ecosystem is component.ecosystem and _name_fits(stated, name)
    if agrees:
        score += 8
    else:
        kind = "source package" if named.of_source else "package"
        differences.append(f"{kind} {stated.ecosystem}/{stated.name} is not {component.ecosystem}/{name}")
    if component.ecosystem.is_os:
        release = _release_difference(named, component)
        if release:
            differences.append(release)
        else:
            score += 2
        if stated.arch not in _SOURCE_ARCHES | _ANY_ARCH and component.arch not in _ANY_ARCH | {stated.arch}:
            differences.append(f"architecture {stated.arch} is not {component.arch}")
    wanted = [item for item in (stated.version, *named.versions) if item]
    if not wanted or any(_version_fits(item, component.ecosystem, version) for item in wanted):
        score += 1
    else:
        differences.append(f"version {' or '.join(wanted[:3])} is not {version}")
    return Closeness(score, tuple(differences))


def _name_fits(stated: Component, name: str) -> bool:
    wanted, found = stated.lookup_name, normal_name(stated.ecosystem, name)
    return wanted == found or ("*" in wanted and fnmatchcase(found, wanted))


def _release_difference(named: PackageName, component: Component) -> str:
    """In which release they differ; "" when they do not or one of them names none."""
    ours, theirs = component.scope, named.stated.scope
    if not ours or theirs == ours:
        return ""
    if theirs:
        return f"release {theirs} is not {ours}"
    family = ours.partition(":")[0]
    if not named.vendor or named.vendor == family or (family + named.vendor).count("suse"):
        return ""
    return f"distribution {named.vendor} is not {family}"


def _version_fits(wanted: str, ecosystem: Ecosystem, version: str) -> bool:
    if wanted == version:
        return True
    if wanted.startswith("vers:"):
        return _in_vers(wanted, version)
    if "*" in wanted:
        return fnmatchcase(version, wanted)
    if ":" not in wanted and ecosystem in (Ecosystem.RPM, Ecosystem.DEB):
        version = version.partition(":")[2] if ":" in version else version
    key = key_of(ecosystem, wanted)
    return key is not None and key == key_of(ecosystem, version)


def _in_vers(wanted: str, version: str) -> bool:
    from assay.versions.vers import satisfies

    try:
        return satisfies(wanted, version)
    except Invalid:
        return False
