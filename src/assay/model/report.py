"""The answer of one scan: what the doors and exporters are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from assay.model.advisory import FixState, Vulnerability
from assay.model.component import Component, Package
from assay.model.inventory import ExtractError, Inventory, leaves_a_gap
from assay.model.match import Evidence, NotCompared, SetAside


class Severity(StrEnum):
    """The finding severities of the inspector2 API."""

    INFORMATIONAL = "INFORMATIONAL"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"
    UNTRIAGED = "UNTRIAGED"

    @property
    def rank(self) -> int:
        """Order for sorting and thresholds: UNTRIAGED 0, INFORMATIONAL 1 ... CRITICAL 5."""
        return _RANK[self]


_RANK = {
    Severity.UNTRIAGED: 0,
    Severity.INFORMATIONAL: 1,
    Severity.LOW: 2,
    Severity.MEDIUM: 3,
    Severity.HIGH: 4,
    Severity.CRITICAL: 5,
}


@dataclass(frozen=True, slots=True)
class Score:
    """``severity`` and ``value`` (0.0 to 10.0; None when nobody scored) with the vector and who gave it.

    ``parts`` explain the derivation in order, as (name, text) pairs.
    """

    severity: Severity
    value: float | None = None
    vector: str = ""
    version: str = ""
    source: str = ""
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One vulnerability of one component of the scanned artifact, scored."""

    id: str
    component: Component
    packages: tuple[Package, ...]
    state: FixState
    fixed_in: str
    score: Score
    evidence: tuple[Evidence, ...]
    vulnerability: Vulnerability
    vendor_severity: str = ""
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What was scanned. ``kind`` is the prefix of the command line (image, oci-dir, dir, sbom ...)."""

    kind: str
    name: str
    digest: str = ""
    tags: tuple[str, ...] = ()
    platform: str = ""
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntelSource:
    """The freshness of one source inside a snapshot; ``status`` is ok, stale (last good data kept) or missing."""

    name: str
    status: str
    data_at: datetime | None = None
    fetched_at: datetime | None = None
    records: int = 0
    message: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntelStatus:
    """Which snapshot answered."""

    digest: str
    built_at: datetime | None
    sources: tuple[IntelSource, ...] = ()


@dataclass(frozen=True, slots=True)
class EndOfLife:
    """The operating system no longer gets fixes."""

    scope: str
    on: date


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a scan found out."""

    target: Target
    inventory: Inventory
    findings: Sequence[Finding] = ()
    set_aside: Sequence[SetAside] = ()
    not_compared: Sequence[NotCompared] = ()
    errors: Sequence[ExtractError] = ()
    notices: Sequence[str] = ()
    intel: IntelStatus | None = None
    generated_at: datetime | None = None

    @property
    def partial(self) -> bool:
        """Whether something could not be read, or whole components could not be judged."""
        return any(map(leaves_a_gap, self.errors)) or any(not gap.advisory for gap in self.not_compared)
