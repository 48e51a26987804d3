"""Advisories: what a publisher says about packages; vulnerabilities: what is known about a flaw."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class FixState(StrEnum):
    """What the publisher says about a fix, for one package of one release."""

    FIXED = "fixed"
    UNFIXED = "unfixed"
    WILL_NOT_FIX = "will_not_fix"
    FIX_DEFERRED = "fix_deferred"
    END_OF_LIFE = "end_of_life"
    UNDETERMINED = "undetermined"
    NOT_AFFECTED = "not_affected"


@dataclass(frozen=True, slots=True)
class AffectedRange:
    """Versions from ``introduced`` (inclusive, ``"0"`` = from the first) up to ``fixed`` (exclusive) or
    ``last_affected`` (inclusive); neither = all later versions.
    """

    introduced: str = "0"
    fixed: str | None = None
    last_affected: str | None = None


@dataclass(frozen=True, slots=True)
class AffectedPackage:
    """One package of one scope that an advisory speaks of.

    ``scope`` is ``debian:12`` and its kind for an operating system release and the ecosystem's purl type (``pypi``)
    for language packages; ``name`` is normalised (``normal_name``). A version is affected when it is in ``versions``
    or in one of ``ranges``. ``state`` NOT_AFFECTED is the vendor's word that the package is not affected.
    ``ecosystem`` (a purl type) chooses the version order. ``module`` limits the statement to an rpm module stream;
    ``arches`` to architectures (empty = all). ``severity`` and ``status_text`` are the vendor's own words, verbatim.
    ``source`` is whether ``name`` is a source package's name.
    """

    ecosystem: str
    scope: str
    name: str
    ranges: tuple[AffectedRange, ...] = ()
    versions: tuple[str, ...] = ()
    state: FixState = FixState.FIXED
    module: str = ""
    arches: tuple[str, ...] = ()
    severity: str = ""
    status_text: str = ""
    source: bool = False


@dataclass(frozen=True, slots=True)
class Cvss:
    """One scoring of a flaw; ``version`` is 2.0, 3.0, 3.1 or 4.0, ``source`` who scored (NVD, GITHUB, redhat ...)."""

    version: str
    vector: str
    score: float
    source: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A link, with the kind its publisher gives it (ADVISORY, FIX, WEB, EXPLOIT ...)."""

    url: str
    kind: str = "WEB"


@dataclass(frozen=True, slots=True)
class Advisory:
    """One publisher's record. ``source`` is the feed's name. ``aliases`` name the same flaw, ``related`` others.

    ``cves`` are the flaws that the record covers when it is a bulletin (DSA, RHSA, USN, ALAS: one bulletin, several
    CVEs). A withdrawn record has ``withdrawn`` set and closes what it opened.
    """

    id: str
    source: str
    affected: tuple[AffectedPackage, ...] = ()
    aliases: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    severity: str = ""
    cvss: tuple[Cvss, ...] = ()
    cwes: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    withdrawn: datetime | None = None


@dataclass(frozen=True, slots=True)
class Epss:
    """Exploit prediction: ``score`` and ``percentile`` are 0 to 1, on that ``day``."""

    score: float
    percentile: float
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Kev:
    """An entry of CISA's catalogue of known exploited vulnerabilities."""

    added: date
    due: date | None = None
    action: str = ""
    name: str = ""
    ransomware: bool = False


@dataclass(frozen=True, slots=True)
class Exploit:
    """A public exploit or proof of concept; ``source`` names the list (exploit-db, poc ...)."""

    source: str
    url: str
    kind: str = ""
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """Everything known about one flaw, under its canonical id (the CVE id where there is one).

    ``severities`` are verbatim words by source. ``attention`` is the number of public mentions in the latest window
    the signal covers, None when unknown. ``rejected`` marks CVE ids that were withdrawn by their issuer.
    """

    id: str
    aliases: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    cvss: tuple[Cvss, ...] = ()
    severities: tuple[tuple[str, str], ...] = ()
    cwes: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    epss: Epss | None = None
    kev: Kev | None = None
    exploits: tuple[Exploit, ...] = ()
    attention: int | None = None
    ssvc: tuple[tuple[str, str], ...] = field(default=())
    rejected: bool = False
