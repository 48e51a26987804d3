"""SPDX 3.0 as JSON-LD in the compact form its schema asks for (https://spdx.github.io/spdx-spec/v3.0.1/)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.extract.sbom.entry import Described, Entry

_PURPOSES = {"operatingsystem": "operating-system", "devicedriver": "device-driver"}
_PACKAGE = "software_Package"
_ROOTED = frozenset({"SpdxDocument", "software_Sbom", "Bom"})
_AGENTS = frozenset({"Agent", "Organization", "Person"})
_LICENSED = frozenset({"hasDeclaredLicense", "hasConcludedLicense"})


class _Identifier(msgspec.Struct, rename="camel"):
    external_identifier_type: str = ""
    identifier: str = ""


class _Element(msgspec.Struct, rename="camel"):
    """Any element; each kind of element uses some of the fields."""

    type: str = ""
    spdx_id: str = ""
    name: str | None = None
    package_version: str | None = msgspec.field(default=None, name="software_packageVersion")
    package_url: str | None = msgspec.field(default=None, name="software_packageUrl")
    purpose: str | None = msgspec.field(default=None, name="software_primaryPurpose")
    source_info: str | None = msgspec.field(default=None, name="software_sourceInfo")
    supplied_by: msgspec.Raw = msgspec.Raw()
    external_identifier: list[_Identifier] | None = None
    root_element: list[str] | None = None
    license_expression: str | None = msgspec.field(default=None, name="simplelicensing_licenseExpression")
    relationship_type: str | None = None
    subject: str | None = msgspec.field(default=None, name="from")
    objects: list[str] | None = msgspec.field(default=None, name="to")


class _Graph(msgspec.Struct):
    graph: list[msgspec.Raw] | None = msgspec.field(default=None, name="@graph")


@dataclass(slots=True)
class _Collected:
    """What the elements say; they come in any order and name each other by their ids."""

    packages: list[_Element] = field(default_factory=list)
    agents: dict[str, str] = field(default_factory=dict)
    expressions: dict[str, str] = field(default_factory=dict)
    license_of: dict[str, str] = field(default_factory=dict)


_GRAPH = msgspec.json.Decoder(_Graph)
_ELEMENT = msgspec.json.Decoder(_Element)


def entries(data: bytes) -> Iterator[Entry | Described | Problem]:
    """Every package; an element that is not as the standard wants it is a Problem."""
    try:
        graph = _GRAPH.decode(data).graph
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable(f"SPDX document is broken: {error}") from error
    except RecursionError as error:
        raise Unreadable("SPDX document is nested too deeply") from error
    if graph is None:
        raise Unreadable("SPDX 3 document without @graph, the form that its schema asks for")
    collected = _Collected()
    for raw in graph:
        try:
            element = _ELEMENT.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            yield Problem(f"element is not as SPDX has it: {error}: {bytes(memoryview(raw)[:80])!r}")
            continue
        if element.type in _ROOTED:
            yield from (Described(ref) for ref in element.root_element or ())
        else:
            _collect(collected, element)
    for package in collected.packages:
        yield _entry(package, collected)


def _collect(collected: _Collected, element: _Element) -> None:
    if element.type == _PACKAGE:
        collected.packages.append(element)
    elif element.type in _AGENTS:
        collected.agents[element.spdx_id] = element.name or ""
    elif element.license_expression:
        collected.expressions[element.spdx_id] = element.license_expression
    elif element.relationship_type in _LICENSED and element.subject and element.objects:
        if element.relationship_type == "hasDeclaredLicense":
            collected.license_of[element.subject] = element.objects[0]
        else:
            collected.license_of.setdefault(element.subject, element.objects[0])


def _entry(package: _Element, collected: _Collected) -> Entry:
    license_ = collected.expressions.get(collected.license_of.get(package.spdx_id, ""), "")
    purpose = (package.purpose or "").lower()
    return Entry(
        package.name or "",
        package.package_version or "",
        (package.package_url or _identifier(package)).strip(),
        _PURPOSES.get(purpose, purpose),
        package.spdx_id,
        vendor=collected.agents.get(_text(package.supplied_by), ""),
        source_info=package.source_info or "",
        licenses=(license_,) if license_ else (),
    )


def _identifier(package: _Element) -> str:
    for identifier in package.external_identifier or ():
        if identifier.external_identifier_type == "packageUrl":
            return identifier.identifier
    return ""


def _text(raw: msgspec.Raw) -> str:
    """The id where an element is named by it; "" where it is written out in place."""
    text = bytes(raw)
    return msgspec.json.decode(text, type=str) if text.startswith(b'"') else ""
