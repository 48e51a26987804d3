"""CycloneDX in XML, all versions of 1.x, read as a stream: finished components leave memory at once."""

import io
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from assay.errors import LimitExceeded, Unreadable
from assay.extract.contract import Problem
from assay.extract.sbom.entry import Entry
from assay.extract.xmltree import child, child_text, children, local

_DEEPEST = 400
_SUBJECT = ["bom", "metadata", "component"]
_LISTED = frozenset({"components", "component"})
_MOST_ELEMENTS = 200_000


def entries(data: bytes) -> Iterator[Entry | Problem]:
    """Every component of the document and its subject, inner ones before the outer; tools and recipes are none."""
    try:
        yield from _stream(data)
    except DefusedXmlException as error:
        raise Unreadable(f"CycloneDX document declares entities: {error}") from error
    except (ParseError, LookupError, ValueError) as error:
        raise Unreadable(f"CycloneDX document is broken: {error}") from error


def _stream(data: bytes) -> Iterator[Entry]:
    stack: list[Element] = []
    names: list[str] = []
    open_components = held = 0
    for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
        if event == "start":
            stack.append(element)
            names.append(local(element))
            open_components += names[-1] == "component"
            held += 1
            _check(len(names), held, names[0])
            continue
        if names[-1] == "component":
            if names == _SUBJECT or _LISTED.issuperset(names[1:]):
                yield _entry(element, subject=names == _SUBJECT)
            open_components -= 1
        finished = names.pop() == "component" or not open_components
        stack.pop()
        if finished and stack:
            stack[-1].remove(element)
        if not open_components:
            held = 0


def _check(depth: int, held: int, root: str) -> None:
    if root != "bom":
        raise Unreadable(f"XML document is no CycloneDX: its root is {root[:80]!r}")
    if depth > _DEEPEST:
        raise Unreadable(f"CycloneDX document is nested more than {_DEEPEST} deep")
    if held > _MOST_ELEMENTS:
        raise LimitExceeded(f"one component of the CycloneDX document has more than {_MOST_ELEMENTS} elements")


def _entry(component: Element, *, subject: bool) -> Entry:
    licenses = (
        child_text(choice, "id") or child_text(choice, "name") if local(choice) == "license" else (choice.text or "")
        for choice in child(component, "licenses") or ()
    )
    properties: dict[str, str] = {}
    for item in children(child(component, "properties"), "property"):
        properties.setdefault(item.get("name", ""), (item.text or "").strip())
    occurrences = children(child(component, "evidence", "occurrences"), "occurrence")
    return Entry(
        child_text(component, "name"),
        child_text(component, "version"),
        child_text(component, "purl"),
        component.get("type", ""),
        component.get("bom-ref", ""),
        subject=subject,
        dev=child_text(component, "scope") == "excluded",
        vendor=child_text(component, "publisher") or child_text(component, "supplier", "name"),
        licenses=tuple(text.strip() for text in licenses if text.strip()),
        paths=tuple(path for item in occurrences if (path := child_text(item, "location"))),
        properties=properties,
    )
