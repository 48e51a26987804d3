"""Large XML files of publishers, read element by element."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element  # only the type; reading is defusedxml's

from assay.errors import LimitExceeded, Unreadable

_DEPTH = 100


def elements(file: BinaryIO, place: str, wanted: frozenset[str]) -> Iterator[Element]:
    """Each element whose local name is in ``wanted``, complete, in the file's order; its memory is freed after use.

    Elements inside a wanted one belong to it. Raises Unreadable for what is no XML, for entities and external
    references, and LimitExceeded below a hundred levels.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    open_elements: list[Element] = []
    inside = 0
    try:
        for event, element in ElementTree.iterparse(file, events=("start", "end")):
            name = local_name(element)
            if event == "start":
                open_elements.append(element)
                inside += name in wanted
                if len(open_elements) > _DEPTH:
                    raise LimitExceeded(f"{place}: more than {_DEPTH} levels of elements")
                continue
            open_elements.pop()
            inside -= name in wanted
            if not inside:
                if name in wanted:
                    yield element
                if open_elements:
                    open_elements[-1].remove(element)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable(f"{place}: {error}") from error


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> Iterator[Element]:
    """The direct children of a local name."""
    return (child for child in element if local_name(child) == name)


def descendants(element: Element, name: str) -> Iterator[Element]:
    """All elements below of a local name, in document order."""
    return (child for child in element.iter() if local_name(child) == name and child is not element)


def text_of(element: Element, name: str) -> str:
    """The text of the first direct child of a local name, stripped; empty when there is none."""
    found = next(children(element, name), None)
    return "" if found is None else (found.text or "").strip()
