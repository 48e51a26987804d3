"""What the user hands to matching besides the inventory: VEX documents, ignore lists, the day, what was scanned."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from assay.model.report import Target

if TYPE_CHECKING:  # most scans have neither, and start faster without their readers
    from assay.match.ignore import IgnoreRule
    from assay.match.vex import VexStatement


@dataclass(frozen=True, slots=True)
class MatchOptions:
    """``today`` decides which ignore entries have expired. ``target`` is what VEX documents may name as product."""

    today: date
    statements: "tuple[VexStatement, ...]" = ()
    ignores: "tuple[IgnoreRule, ...]" = ()
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """The content of one file: VEX statements or ignore entries."""

    statements: "tuple[VexStatement, ...]" = ()
    ignores: "tuple[IgnoreRule, ...]" = ()


def read_declared(data: bytes, name: str) -> Declared:
    """Read a VEX document (OpenVEX, CSAF, CycloneDX) or an ignore list, whichever the content is.

    Raises Unreadable for bytes that are neither and Invalid for a wrong entry; both name ``name`` and the place.
    """
    from assay.match.document import checked_size
    from assay.match.ignore import read_ignores
    from assay.match.vex import vex_reader

    data = checked_size(data, name)
    reader = vex_reader(data, name)
    if reader is not None:
        return Declared(statements=reader(data, name))
    return Declared(ignores=read_ignores(data, name))
