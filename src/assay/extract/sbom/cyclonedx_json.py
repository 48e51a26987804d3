"""CycloneDX in JSON, all versions of 1.x (ECMA-424, https://cyclonedx.org/specification/overview/).

Components are decoded one at a time out of the undecoded document, so memory holds only what is wanted of them.
"""

from collections.abc import Iterator

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.extract.sbom.entry import Entry

_DEEPEST = 64
Text = str | int | float | bool | None


class _Property(msgspec.Struct):
    name: str = ""
    value: Text = None


class _License(msgspec.Struct):
    id: str | None = None
    name: str | None = None


class _LicenseChoice(msgspec.Struct):
    license: _License | None = None
    expression: str | None = None


class _Supplier(msgspec.Struct):
    name: str | None = None


class _Occurrence(msgspec.Struct):
    location: str = ""


class _Evidence(msgspec.Struct):
    occurrences: list[_Occurrence] | None = None


class _Component(msgspec.Struct):
    """The fields that are read; all others may hold anything."""

    type: str = ""
    name: str = ""
    ref: str = msgspec.field(default="", name="bom-ref")
    version: str | None = None
    purl: str | None = None
    publisher: str | None = None
    scope: str | None = None
    supplier: _Supplier | None = None
    licenses: list[_LicenseChoice] | None = None
    properties: list[_Property] | None = None
    evidence: _Evidence | None = None
    components: list[msgspec.Raw] | None = None


class _Metadata(msgspec.Struct):
    component: msgspec.Raw = msgspec.Raw()


class _Bom(msgspec.Struct):
    metadata: _Metadata | None = None
    components: list[msgspec.Raw] | None = None


_BOM = msgspec.json.Decoder(_Bom)
_COMPONENT = msgspec.json.Decoder(_Component)


def entries(data: bytes) -> Iterator[Entry | Problem]:
    """Every component, nested ones too; one that is not as the standard wants it is a Problem."""
    try:
        bom = _BOM.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable(f"CycloneDX document is broken: {error}") from error
    except RecursionError as error:
        raise Unreadable("CycloneDX document is nested too deeply") from error
    if bom.metadata and bytes(bom.metadata.component) not in (b"", b"null"):
        yield from _walk(bom.metadata.component, subject=True)
    for raw in bom.components or ():
        yield from _walk(raw)


def _walk(raw: msgspec.Raw, depth: int = 0, *, subject: bool = False) -> Iterator[Entry | Problem]:
    try:
        component = _COMPONENT.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        yield Problem(f"component is not as CycloneDX has it: {error}: {bytes(memoryview(raw)[:80])!r}")
        return
    yield _entry(component, subject=subject)
    if component.components and depth >= _DEEPEST:
        yield Problem(f"components inside {component.name[:80]!r} are nested more than {_DEEPEST} deep", "limit")
        return
    for nested in component.components or ():
        yield from _walk(nested, depth + 1)


def _entry(component: _Component, *, subject: bool) -> Entry:
    occurrences = component.evidence.occurrences if component.evidence else None
    return Entry(
        component.name,
        component.version or "",
        (component.purl or "").strip(),
        component.type,
        component.ref,
        subject=subject,
        dev=component.scope == "excluded",
        vendor=component.publisher or (component.supplier and component.supplier.name) or "",
        licenses=tuple(filter(None, map(_license, component.licenses or ()))),
        paths=tuple(occurrence.location for occurrence in occurrences or () if occurrence.location),
        properties=_properties(component.properties),
    )


def _license(choice: _LicenseChoice) -> str:
    license_ = choice.license
    return choice.expression or (license_ and (license_.id or license_.name)) or ""


def _properties(pairs: list[_Property] | None) -> dict[str, str] | None:
    """The first value of each name; there are several of one name only where none of them is read."""
    if not pairs:
        return None
    found: dict[str, str] = {}
    for pair in pairs:
        if pair.value is not None:
            found.setdefault(pair.name, pair.value if isinstance(pair.value, str) else str(pair.value))
    return found
