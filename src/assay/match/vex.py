"""VEX: what a supplier or the user states about vulnerabilities of products.

``read_vex`` takes OpenVEX, CSAF VEX and CycloneDX documents; which it is is told by the content. What VEX is:
https://www.cisa.gov/resources-tools/resources/minimum-requirements-vulnerability-exploitability-exchange-vex
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from assay.errors import Unreadable
from assay.match.document import checked_size, decode
from assay.match.product import Product


class Status(StrEnum):
    """The status of a product with regard to a vulnerability, in the words of OpenVEX."""

    NOT_AFFECTED = "not_affected"
    FIXED = "fixed"
    AFFECTED = "affected"
    UNDER_INVESTIGATION = "under_investigation"


@dataclass(frozen=True, slots=True)
class VexStatement:
    """One statement. ``vulnerabilities`` are all names of one flaw, ``document`` and ``place`` where it stands.

    ``justification`` and ``text`` are the author's reason, as a standard label and in words.
    """

    document: str
    place: str
    vulnerabilities: tuple[str, ...]
    status: Status
    products: tuple[Product, ...]
    justification: str = ""
    text: str = ""
    timestamp: datetime | None = None

    @property
    def words(self) -> str:
        """``not_affected: vulnerable_code_not_present (the parser is not built in)``."""
        head = f"{self.status}: {self.justification}" if self.justification else str(self.status)
        return f"{head} ({self.text})" if self.text else head


Reader = Callable[[bytes, str], tuple[VexStatement, ...]]


_ABSENT = msgspec.Raw(b"")


class _Header(msgspec.Struct):
    """The members that tell the formats apart."""

    context: msgspec.Raw = msgspec.field(name="@context", default=_ABSENT)
    statements: msgspec.Raw = _ABSENT
    document: msgspec.Raw = _ABSENT
    bom_format: msgspec.Raw = msgspec.field(name="bomFormat", default=_ABSENT)


def read_vex(data: bytes, name: str) -> tuple[VexStatement, ...]:
    """The statements of a VEX document in their order; raises Unreadable, naming ``name`` and the place."""
    data = checked_size(data, name)
    reader = vex_reader(data, name)
    if reader is None:
        raise Unreadable(f"{name}: neither OpenVEX nor CSAF nor CycloneDX")
    return reader(data, name)


def vex_reader(data: bytes, name: str) -> Reader | None:
    """The reader for a document without byte order mark; None when it is no VEX document.

    OpenVEX is told by ``@context`` or ``statements``, CSAF by ``document``, CycloneDX by ``bomFormat`` or by being XML.
    """
    start = data[:4096].lstrip()[:1]
    if start == b"<":
        from assay.match.cyclonedx_xml import read_cyclonedx_xml

        return read_cyclonedx_xml
    if start != b"{":
        return None
    header = decode(_Header, data, name)
    if header.bom_format:
        from assay.match.cyclonedx import read_cyclonedx

        return read_cyclonedx
    if header.document:
        from assay.match.csaf import read_csaf

        return read_csaf
    if header.context or header.statements:
        from assay.match.openvex import read_openvex

        return read_openvex
    return None
