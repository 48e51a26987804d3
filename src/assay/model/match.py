"""What matching says about components: matches, what was set aside, and what could not be compared."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assay.model.advisory import FixState
from assay.model.component import Component, Package


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an advisory holds for a component: the key it was found under and the range that contains the version.

    ``compared`` is the version that was compared (the source version where sources are tracked). ``affected`` is the
    range in words (``>= 0, < 1.2.3`` or ``= 1.2.3 (listed)``).
    """

    advisory: str
    source: str
    scope: str
    name: str
    compared: str
    affected: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A component carries a vulnerability. ``vulnerability`` is the canonical id, ``fixed_in`` the lowest version
    that closes it ("" when none is known), ``packages`` the places where the component was found.
    """

    vulnerability: str
    component: Component
    packages: tuple[Package, ...]
    state: FixState
    fixed_in: str
    evidence: tuple[Evidence, ...]
    vendor_severity: str = ""
    vendor: str = ""


class Reason(StrEnum):
    """Why a match was set aside."""

    OWNED = "owned_by_os_package"
    NOT_RUNNING_KERNEL = "not_running_kernel"
    KERNEL_COMPANION = "kernel_companion"
    MODULE_STREAM = "module_stream"
    VENDOR_NOT_AFFECTED = "vendor_not_affected"
    VEX_NOT_AFFECTED = "vex_not_affected"
    VEX_FIXED = "vex_fixed"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class SetAside:
    """A match that does not count, kept with the reason; ``detail`` names the fact, statement or rule."""

    match: Match
    reason: Reason
    detail: str
    expires: date | None = None


@dataclass(frozen=True, slots=True, order=True)
class NotCompared:
    """A pair that could not be decided (an unparsable version, a scope without data): a gap, never "not affected".

    ``advisory`` is empty when the whole component could not be judged.
    """

    component: Component
    advisory: str
    reason: str


@dataclass(frozen=True, slots=True)
class Matches:
    """All that matching an inventory yields. ``notices`` are warnings for the user (a VEX statement without effect)."""

    matches: tuple[Match, ...]
    set_aside: tuple[SetAside, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()
    notices: tuple[str, ...] = ()
