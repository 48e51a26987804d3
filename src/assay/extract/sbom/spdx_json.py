"""SPDX 2.x in JSON (ISO/IEC 5962, https://spdx.github.io/spdx-spec/v2.3/).

Packages are decoded one at a time out of the undecoded document; files and snippets are skipped.
"""

from collections.abc import Iterator

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.extract.sbom.entry import Described, Entry, stated_licenses, vendor_name


class _ExternalRef(msgspec.Struct):
    kind: str = msgspec.field(default="", name="referenceType")
    locator: str = msgspec.field(default="", name="referenceLocator")


class _Package(msgspec.Struct, rename="camel"):
    """The fields that are read; all others may hold anything."""

    name: str = ""
    ref: str = msgspec.field(default="", name="SPDXID")
    version_info: str | None = None
    supplier: str | None = None
    source_info: str | None = None
    license_declared: str | None = None
    license_concluded: str | None = None
    primary_package_purpose: str | None = None
    external_refs: list[_ExternalRef] | None = None


class _Relationship(msgspec.Struct, rename="camel"):
    spdx_element_id: str = ""
    relationship_type: str = ""
    related_spdx_element: str = ""


class _Document(msgspec.Struct, rename="camel"):
    packages: list[msgspec.Raw] | None = None
    relationships: list[msgspec.Raw] | None = None
    document_describes: list[str] | None = None


_DOCUMENT = msgspec.json.Decoder(_Document)
_PACKAGE = msgspec.json.Decoder(_Package)
_RELATIONSHIP = msgspec.json.Decoder(_Relationship)


def entries(data: bytes) -> Iterator[Entry | Described | Problem]:
    """Every package; one that is not as the standard wants it is a Problem."""
    try:
        document = _DOCUMENT.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable(f"SPDX document is broken: {error}") from error
    except RecursionError as error:
        raise Unreadable("SPDX document is nested too deeply") from error
    for ref in document.document_describes or ():
        yield Described(ref)
    for raw in document.relationships or ():
        yield from _described(raw)
    for raw in document.packages or ():
        try:
            package = _PACKAGE.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            yield Problem(f"package is not as SPDX has it: {error}: {bytes(memoryview(raw)[:80])!r}")
        else:
            yield _entry(package)


def _described(raw: msgspec.Raw) -> Iterator[Described]:
    if b"DESCRIBE" not in bytes(raw):
        return
    try:
        relationship = _RELATIONSHIP.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return  # only tells which packages need no package URL
    if relationship.relationship_type == "DESCRIBES":
        yield Described(relationship.related_spdx_element)
    elif relationship.relationship_type == "DESCRIBED_BY":
        yield Described(relationship.spdx_element_id)


def _entry(package: _Package) -> Entry:
    purl = next((ref.locator for ref in package.external_refs or () if ref.kind.rpartition("/")[2] == "purl"), "")
    return Entry(
        package.name,
        package.version_info or "",
        purl.strip(),
        (package.primary_package_purpose or "").lower().replace("_", "-"),
        package.ref,
        vendor=vendor_name(package.supplier or ""),
        source_info=package.source_info or "",
        licenses=stated_licenses((package.license_declared or "", package.license_concluded or "")),
    )
