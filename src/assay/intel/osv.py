"""One OSV record as one Advisory: who is affected, which flaws it speaks of, what the publisher says of them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assay.errors import Invalid, Unreadable
from assay.intel import osv_schema
from assay.intel.cve_id import cve_id
from assay.intel.osv_ecosystem import World, world_of
from assay.intel.osv_range import ranges_of
from assay.intel.osv_schema import OsvAffected, OsvRecord, OsvSeverity
from assay.intel.reading import decode
from assay.intel.times import instant
from assay.intel.vectors import scoring
from assay.intel.vendor import scorer_of
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Cvss, FixState, Reference
from assay.model.ecosystem import Ecosystem
from assay.versions.registry import version_key

_ID = re.compile(r"[!-~]{1,200}\Z")
_ERRATUM = re.compile(
    r"(?:ALSA|ALBA|ALEA|RLSA|RLBA|RLEA|RXSA|RHSA|RHBA|RHEA|ELSA|USN|DSA|DLA|DTSA|ELA|MGASA|OESA|PHSA|AZL|(?:open)?SUSE-\w\w)[-:]"
)
_NO_SECURITY = re.compile(r"(?:[A-Z]{2}[BE]A|SUSE-[RFO]U)[-:]")
_DERIVED = re.compile(r"[A-Z]+-(CVE-\d{4}-\d{4,19})\Z")


@dataclass(frozen=True, slots=True)
class Reading:
    """An advisory, and how many of its commit ranges were left out (they need the repository's history).

    ``mends_flaws`` is False for bug fix and enhancement errata of distributions that name no flaw. ``scopes`` are those
    it speaks of, each after OSV's name of its ecosystem without the release: (``Debian``, ``debian:12``).
    """

    advisory: Advisory
    git_ranges: int = 0
    mends_flaws: bool = True
    scopes: frozenset[tuple[str, str]] = frozenset()


def read_record(data: bytes, place: str, source: str) -> Reading:
    """Read one record of the feed ``source``. Raises Unreadable, naming ``place``."""
    record = decode(osv_schema.RECORD, data, place)
    if not _ID.match(record.id):
        raise Unreadable(f"{place}: {record.id[:80]!r} is not an id")
    own = osv_schema.specific(record.database_specific)
    scorer = scorer_of(record.id)
    worlds = [(entry, world_of(entry.package.ecosystem)) for entry in record.affected or () if entry.package]
    cves = _covered(record, os=any(world.os for _, world in worlds))
    affected = [package for entry, world in worlds for package in _affected(entry, world, record)]
    entries = [entry for entry, _ in worlds]
    advisory = Advisory(
        id=record.id,
        source=source,
        affected=_without_rebuilds(affected),
        aliases=_clean(record.aliases, record.id),
        cves=cves,
        related=tuple(x for x in _clean(record.related, record.id) if x not in cves),
        summary=record.summary or "",
        details=record.details or "",
        severity=_severity(record.severity or (), own),
        cvss=_scorings([record.severity or (), *(entry.severity or () for entry in entries)], scorer),
        cwes=osv_schema.texts(own.cwe_ids),
        references=tuple(dict.fromkeys(Reference(x.url, x.type or "WEB") for x in record.references or () if x.url)),
        published=instant(record.published),
        modified=instant(record.modified),
        withdrawn=instant(record.withdrawn),
    )
    git_ranges = sum(r.type == "GIT" for entry in entries for r in entry.ranges or ())
    scopes = frozenset(
        (entry.package.ecosystem.partition(":")[0], world.scope) for entry, world in worlds if entry.package
    )
    return Reading(advisory, git_ranges, bool(cves) or not _NO_SECURITY.match(record.id), scopes)


def _clean(ids: Sequence[str] | None, own: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(x for x in map(str.strip, ids or ()) if x and x != own))


def _covered(record: OsvRecord, *, os: bool) -> tuple[str, ...]:
    """The flaws a bulletin covers: ``upstream`` says so; older errata of distributions only have ``related`` ones.

    A record whose own id is a CVE id with a prefix (UBUNTU-CVE-2024-1) covers that one. Records about the flaw
    itself (not ``os``; with a CVE id or without ``upstream``) cover nothing but themselves and their aliases.
    """
    upstream = [_upstream_id(x) for x in record.upstream or ()]
    own = [x for x in map(cve_id, (*(record.aliases or ()), record.id)) if x]
    if not os:
        return () if own else tuple(dict.fromkeys(x for x in upstream if x))
    named = [x for x in (*upstream, *own) if x]
    derived = _DERIVED.match(record.id)
    if derived:
        named.append(derived[1])
    if not named and _ERRATUM.match(record.id):
        named = [x for x in map(cve_id, record.related or ()) if x]
    return tuple(dict.fromkeys(named))


def _upstream_id(text: str) -> str:
    derived = _DERIVED.match(text.strip())
    return derived[1] if derived else cve_id(text) or text.strip()


def _affected(entry: OsvAffected, world: World, record: OsvRecord) -> Iterator[AffectedPackage]:
    if entry.package is None or not entry.package.name:
        return
    ranges = tuple(
        found for r in entry.ranges or () if r.type != "GIT" for found in ranges_of(r.events or (), world.ecosystem)
    )
    versions = tuple(dict.fromkeys(entry.versions or ()))
    if not ranges and not versions:
        return
    eco = osv_schema.specific(entry.ecosystem_specific)
    own = osv_schema.specific(entry.database_specific)
    word = osv_schema.text(eco.urgency) or osv_schema.text(eco.ubuntu_priority) or _severity(entry.severity or (), own)
    informational = osv_schema.text(own.informational)
    state = FixState.FIXED if any(r.fixed is not None for r in ranges) else FixState.UNFIXED
    if word == "end-of-life":
        state = FixState.END_OF_LIFE
    source = world.source if "arch=src" not in (entry.package.purl or "") else True
    package = AffectedPackage(
        ecosystem=world.ecosystem.value,
        scope=world.scope,
        name=world.name(entry.package.name.strip()),
        ranges=ranges,
        versions=versions,
        state=state,
        module=_module(record.summary or "", ranges) if world.ecosystem is Ecosystem.RPM else "",
        severity="informational" if informational else word,
        status_text=informational,
        source=source,
    )
    binaries = osv_schema.binaries(eco.binaries) if world.os else ()
    if binaries:
        yield from (_binary(package, world.name(name), fixed) for name, fixed in binaries)
    else:
        yield package


def _binary(package: AffectedPackage, name: str, fixed: str) -> AffectedPackage:
    """SUSE names the source package and lists the binaries with the versions that fix them."""
    return AffectedPackage(
        ecosystem=package.ecosystem,
        scope=package.scope,
        name=name,
        ranges=(AffectedRange(fixed=fixed),) if package.state is FixState.FIXED else package.ranges,
        state=package.state,
        module=package.module,
        severity=package.severity,
        status_text=package.status_text,
    )


_MODULE_NAME = re.compile(r"(?:\A|: |module: | and )([a-z0-9][\w.+-]*:[a-z0-9][\w.+-]*)(?= |\Z)")


def _module(summary: str, ranges: Iterable[AffectedRange]) -> str:
    """The module stream an erratum is for, from its title (``Moderate: nodejs:16 security update``).

    Only for builds that carry the mark of a module (``.module_el8``); an erratum that names several streams
    (``python39:3.9 and python39-devel:3.9``) cannot be told apart.
    """
    if not any(".module" in (r.fixed or r.last_affected or "") for r in ranges):
        return ""
    named = _MODULE_NAME.findall(summary)
    return named[0] if len(named) == 1 else ""


_DIST_TAG = re.compile(r"\.(?:module[_+]|el\d).*\Z")


def _without_rebuilds(affected: Sequence[AffectedPackage]) -> tuple[AffectedPackage, ...]:
    """Keep the lowest of several fixed builds of one version that an erratum lists for one package.

    AlmaLinux lists each build of a module for each minor release (``1.2-3.module_el8.4.0+5``, ``...el8.5.0+7``);
    who has any of them has the fix, although the builds are ordered.
    """
    chosen: dict[tuple[str, str, str, str, str], AffectedPackage] = {}
    for number, package in enumerate(affected):
        fixed = _only_fix(package)
        key = (package.scope, package.name, package.module, _DIST_TAG.sub("", fixed), "" if fixed else str(number))
        known = chosen.get(key)
        if known is None or _is_lower(fixed, _only_fix(known)):
            chosen[key] = package
    return tuple(chosen.values())


def _only_fix(package: AffectedPackage) -> str:
    """The fixed version of an rpm whose only range starts at the beginning, else nothing."""
    if package.ecosystem != "rpm" or len(package.ranges) != 1 or package.ranges[0].introduced != "0":
        return ""
    return package.ranges[0].fixed or ""


def _is_lower(left: str, right: str) -> bool:
    try:
        return version_key(Ecosystem.RPM, left) < version_key(Ecosystem.RPM, right)
    except Invalid:
        return left < right


def _severity(entries: Iterable[OsvSeverity], own: osv_schema.Specific) -> str:
    """The publisher's word: GitHub's ``severity``, or a rating that is not a CVSS vector (Ubuntu's priority)."""
    words = (x.score for x in entries if x.type and not x.type.startswith("CVSS"))
    return osv_schema.text(own.severity) or next(words, "")


def _scorings(groups: Iterable[Iterable[OsvSeverity]], scorer: str) -> tuple[Cvss, ...]:
    found = (_scoring(x.score, scorer) for entries in groups for x in entries if x.type.startswith("CVSS"))
    return tuple(dict.fromkeys(x for x in found if x is not None))


@lru_cache(maxsize=1 << 14)
def _scoring(vector: str, scorer: str) -> Cvss | None:
    return scoring(vector, scorer)
