"""CycloneDX documents in XML, read into the same form as those in JSON."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from assay.errors import Unreadable
from assay.match.cyclonedx import Bom, statements_of
from assay.match.vex import VexStatement

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Json = dict[str, object]


def read_cyclonedx_xml(data: bytes, name: str) -> tuple[VexStatement, ...]:
    """The statements of a CycloneDX XML document; raises Unreadable for other or broken XML."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable(f"{name}: {error}") from error
    if _tag(root) != "bom":
        raise Unreadable(f"{name}: the XML is no CycloneDX document but <{_tag(root)}>")
    return statements_of(msgspec.convert(_bom(root), Bom), name)


def _bom(root: "Element") -> Json:
    components = [_component(item) for item in root.iter() if _tag(item) == "component"]
    metadata = _child(root, "metadata")
    return {
        "metadata": _metadata(metadata) if metadata is not None else None,
        "components": components,
        "vulnerabilities": [_vulnerability(item) for item in _children(root, "vulnerabilities", "vulnerability")],
    }


def _metadata(metadata: "Element") -> Json:
    component = _child(metadata, "component")
    return {
        "timestamp": _text(metadata, "timestamp") or None,
        "component": _component(component) if component is not None else None,
    }


def _component(item: "Element") -> Json:
    hashes = [{"alg": one.get("alg", ""), "content": _own(one)} for one in _children(item, "hashes", "hash")]
    return {
        "bom-ref": item.get("bom-ref", ""),
        "name": _text(item, "name"),
        "purl": _text(item, "purl"),
        "hashes": hashes,
    }


def _vulnerability(item: "Element") -> Json:
    analysis = _child(item, "analysis")
    return {
        "id": _text(item, "id"),
        "references": [{"id": _text(one, "id")} for one in _children(item, "references", "reference")],
        "analysis": _analysis(analysis) if analysis is not None else None,
        "affects": [_affects(one) for one in _children(item, "affects", "target")],
        "updated": _text(item, "updated") or None,
    }


def _analysis(item: "Element") -> Json:
    plain: Json = {name: _text(item, name) for name in ("state", "justification", "detail")}
    return plain | {"lastUpdated": _text(item, "lastUpdated") or None}


def _affects(item: "Element") -> Json:
    versions = [
        {"version": _text(one, "version"), "range": _text(one, "range"), "status": _text(one, "status") or "affected"}
        for one in _children(item, "versions", "version")
    ]
    return {"ref": _text(item, "ref"), "versions": versions}


def _tag(item: "Element") -> str:
    return str(item.tag).rpartition("}")[2]


def _child(item: "Element", name: str) -> "Element | None":
    return next((one for one in item if _tag(one) == name), None)


def _children(item: "Element", group: str, name: str) -> Iterator["Element"]:
    holder = _child(item, group)
    return (one for one in (holder if holder is not None else ()) if _tag(one) == name)


def _text(item: "Element", name: str) -> str:
    child = _child(item, name)
    return _own(child) if child is not None else ""


def _own(item: "Element") -> str:
    return (item.text or "").strip()
