"""XML from strangers as a tree whose size is bounded, and whose names have no namespace."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from assay.errors import LimitExceeded, Unreadable

_MAX_MARKS = 600_000
"""Most ``<`` in a document; an element takes some 150 bytes of memory."""


def read_xml(data: bytes) -> Element:
    """The root element; raises Unreadable when it is no XML or declares entities, LimitExceeded when too large."""
    if data.count(b"<") > _MAX_MARKS:
        raise LimitExceeded(f"XML with more than {_MAX_MARKS} tags")
    try:
        root: Element = fromstring(data)
    except DefusedXmlException as error:
        raise Unreadable(f"XML that declares entities: {error}") from error
    except (ParseError, LookupError, ValueError) as error:
        raise Unreadable(f"not XML: {error}") from error
    return root


def local(element: Element) -> str:
    """The element's name without its namespace; "" for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element | None, name: str) -> Iterator[Element]:
    """The direct children of that name, none of no element."""
    if element is not None:
        for item in element:
            if local(item) == name:
                yield item


def child(element: Element | None, *names: str) -> Element | None:
    """The first element along a path of names."""
    for name in names:
        element = next(children(element, name), None)
    return element


def child_text(element: Element | None, *names: str) -> str:
    """The text of the first element along a path of names, without surrounding blanks; "" when there is none."""
    found = child(element, *names)
    return (found.text or "").strip() if found is not None else ""


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without namespace, whatever its case (MSBuild's readers do not mind); "" when absent."""
    value = element.get(name)
    if value is None:
        wanted = name.lower()
        value = next((text for key, text in element.items() if key.rpartition("}")[2].lower() == wanted), "")
    return value.strip()
