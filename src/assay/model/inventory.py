"""What one look at a root yields: the operating system, its packages, and what could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.model.component import Package


@dataclass(frozen=True, slots=True)
class OperatingSystem:
    """The distribution as its release file names it; ``scope`` is the key of its vendor's feed (``debian:12``)."""

    id: str
    version: str
    name: str = ""
    scope: str = ""
    codename: str = ""
    path: str = ""
    cpe: str = ""
    like: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class ExtractError:
    """Something in the root that could not be read; the rest of the inventory stands.

    ``kind`` is ``unreadable`` (not what it claims to be), ``limit`` (reading stopped at a safety limit), ``unstated``
    (whole, but silent on something an inventory needs, such as a version) or ``defect`` (a mistake of ours).
    """

    extractor: str
    path: str
    message: str
    layer: str = ""
    kind: str = "unreadable"


@dataclass(frozen=True, slots=True)
class Inventory:
    """Content-addressed: ``digest`` covers everything but itself; ``extractors`` are the versions that produced it."""

    os: OperatingSystem | None
    packages: tuple[Package, ...]
    errors: tuple[ExtractError, ...] = ()
    extractors: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""
    running_kernel: str = ""

    @property
    def partial(self) -> bool:
        """Whether something was there that could not be read."""
        return any(map(leaves_a_gap, self.errors))


def leaves_a_gap(error: ExtractError) -> bool:
    """Whether something was there to be read and was not; what a file does not state is no such gap."""
    return error.kind != "unstated"
