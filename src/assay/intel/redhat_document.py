"""One Red Hat CSAF document, VEX or advisory, as one Advisory."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from assay.errors import Unreadable
from assay.intel.csaf import Products, Statement, statements_of
from assay.intel.csaf_schema import CSAF, Csaf, Note, Vulnerability
from assay.intel.cve_id import cve_id, cwe_ids_in
from assay.intel.reading import decode
from assay.intel.rhel_stream import stream_ranges
from assay.intel.times import instant
from assay.intel.vectors import scoring
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Cvss, FixState, Reference
from assay.model.ecosystem import Ecosystem, os_scope

_PRODUCT = re.compile(r"cpe:(?:/|2\.3:)[ao]:redhat:([a-z0-9_]+):(\d{1,2})(?:\.\d+)?(?::|\Z)")
_LAYERED = re.compile(r"cpe:(?:/|2\.3:)[ao]:redhat:([a-z0-9_]+):[^:]*:[^:]*:el(\d{1,2})(?::|\Z)")
_RELEASES = frozenset(
    "enterprise_linux enterprise_linux_eus rhel_eus rhel_eus_long_life rhel_aus rhel_tus rhel_e4s rhel_els "
    "rhel_mission_critical rhel_productivity rhel_extras rhel_extras_rt rhel_extras_sap rhel_extras_sap_hana "
    "rhel_extras_oracle_java rhel_extras_sap_els".split()
)
_COLLECTIONS = frozenset({"rhel_software_collections", "devtools", "rhel_dotnet"})
_ERRATUM = re.compile(r"/errata/(RH[SBE]A-\d{4}:\d{4,6})\Z", re.ASCII)
_NO_CODE = re.compile(r"-debug(?:info|source)(?:-|\Z)")


@dataclass(frozen=True, slots=True)
class _Key:
    scope: str
    name: str
    module: str
    source: bool


@dataclass(slots=True)
class _Group:
    """Everything a document says about one package of one release."""

    fixes: dict[str, None] = field(default_factory=dict)
    states: dict[FixState, Statement] = field(default_factory=dict)
    severity: str = ""


def read_document(data: bytes, place: str, source: str) -> Advisory:
    """Read one document. Raises Unreadable for anything but a CSAF document with an id."""
    document = decode(CSAF, data, place)
    identifier = document.document.tracking.id.strip()
    if not identifier or not document.vulnerabilities:
        raise Unreadable(f"{place}: no id or no vulnerability")
    products = Products(document.tree)
    groups: dict[_Key, _Group] = {}
    for vulnerability in document.vulnerabilities:
        _gather(groups, list(statements_of(document, vulnerability, products)))
    own = cve_id(identifier)
    if own is None:
        _as_bulletin(groups, document.document.severity.text)
    affected = tuple(package for key, group in groups.items() for package in _packages(key, group))
    only = document.vulnerabilities[0] if len(document.vulnerabilities) == 1 else Vulnerability()
    named = (cve_id(one.cve) for one in document.vulnerabilities)
    return Advisory(
        id=f"REDHAT-{own}" if own else identifier,
        source=source,
        affected=affected,
        cves=tuple(dict.fromkeys(cve for cve in named if cve)) or ((own,) if own else ()),
        related=_errata(document.vulnerabilities) if own else (),
        summary=_note(only.notes, "summary") or document.document.title,
        details=_note(only.notes, "description") or _note(document.document.notes, "general"),
        severity=document.document.severity.text,
        cvss=tuple(dict.fromkeys(_scorings(only))),
        cwes=cwe_ids_in(only.cwe.id) if only.cwe else (),
        references=_references(document, only),
        published=instant(only.released) or instant(document.document.tracking.initial),
        modified=instant(document.document.tracking.current),
    )


def release_of(cpe: str) -> str | None:
    """The scope of a platform's CPE: ``rhel:9`` for RHEL 9, its extended-support streams and its add-ons.

    Streams (EUS, AUS, ELS ...) are told apart by the fixed versions, not by the scope. Products that bring their own
    builds of the distribution's packages (Satellite, OpenShift, JBoss ...) have no scope.
    """
    layered = _LAYERED.match(cpe)
    if layered is not None and layered[1] in _COLLECTIONS:
        return os_scope("rhel", layered[2])
    found = _PRODUCT.match(cpe)
    return os_scope("rhel", found[2]) if found is not None and found[1] in _RELEASES else None


def _gather(groups: dict[_Key, _Group], statements: Sequence[Statement]) -> None:
    """Sort statements by package. Where a release's open packages are named without any source package, the names
    may be those of sources, and both are recorded.
    """
    with_sources = {(s.cpe, s.state is FixState.FIXED) for s in statements if s.build.arch == "src"}
    for statement in statements:
        scope = release_of(statement.cpe)
        build = statement.build
        if scope is None or _NO_CODE.search(build.name):
            continue
        sources = [build.arch == "src"]
        if not build.arch and not build.version and (statement.cpe, False) not in with_sources:
            sources = [False, True]
        for source in sources:
            group = groups.setdefault(_Key(scope, build.name, build.module, source), _Group())
            group.severity = group.severity or statement.severity
            if statement.state is FixState.FIXED and build.version:
                group.fixes[build.version] = None
            else:
                group.states.setdefault(statement.state, statement)


def _as_bulletin(groups: dict[_Key, _Group], severity: str) -> None:
    """An erratum has one rating, and what is not affected by one of its flaws may be by another."""
    for group in groups.values():
        group.severity = severity or group.severity
        group.states.pop(FixState.NOT_AFFECTED, None)


_OPEN = (
    FixState.UNFIXED, FixState.FIX_DEFERRED, FixState.WILL_NOT_FIX, FixState.END_OF_LIFE, FixState.UNDETERMINED
)  # fmt: skip


def _packages(key: _Key, group: _Group) -> Iterator[AffectedPackage]:
    """Fixed ranges, then what stays open in later streams; NOT_AFFECTED only where nothing else is said."""
    ranges, following = stream_ranges(group.fixes)
    if ranges:
        yield _package(key, group, FixState.FIXED, ranges)
    still_open = next((group.states[state] for state in _OPEN if state in group.states), None)
    if still_open is not None and (not ranges or following):
        start = following if ranges else "0"
        yield _package(key, group, still_open.state, (AffectedRange(start),), still_open.words)
    elif not ranges and FixState.NOT_AFFECTED in group.states:
        yield _package(key, group, FixState.NOT_AFFECTED, ())


def _package(
    key: _Key, group: _Group, state: FixState, ranges: tuple[AffectedRange, ...], words: str = ""
) -> AffectedPackage:
    return AffectedPackage(
        ecosystem=Ecosystem.RPM.value,
        scope=key.scope,
        name=key.name,
        ranges=ranges,
        state=state,
        module=key.module,
        severity=group.severity,
        status_text=words,
        source=key.source,
    )


def _errata(vulnerabilities: Iterable[Vulnerability]) -> tuple[str, ...]:
    found = (_ERRATUM.search(fix.url) for one in vulnerabilities for fix in one.remediations)
    return tuple(dict.fromkeys(match[1] for match in found if match))


def _note(notes: Iterable[Note], category: str) -> str:
    return next((note.text for note in notes if note.category == category), "")


def _scorings(vulnerability: Vulnerability) -> Iterator[Cvss]:
    for score in vulnerability.scores:
        for given in (score.v4, score.v3, score.v2):
            if given is not None and (found := scoring(given.vector, "redhat", given.score)):
                yield found


def _references(document: Csaf, only: Vulnerability) -> tuple[Reference, ...]:
    """The page for people first: of the flaw, or of the erratum."""
    found: dict[str, str] = {}
    for link in (*only.references, *document.document.references):
        page = "access.redhat.com/security/cve/" in link.url or "access.redhat.com/errata/" in link.url
        if link.url.startswith(("http://", "https://")):
            found.setdefault(link.url, "ADVISORY" if page else "WEB")
    ordered = sorted(found.items(), key=lambda item: item[1] != "ADVISORY")
    return tuple(Reference(url, kind) for url, kind in ordered)
