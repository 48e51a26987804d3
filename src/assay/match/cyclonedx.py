"""CycloneDX documents that carry VEX (https://cyclonedx.org/capabilities/vex/)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import unquote

import msgspec

from assay.errors import Unreadable
from assay.match.document import decode, instant
from assay.match.product import Product, products_of
from assay.match.vex import Status, VexStatement

_STATUS: Mapping[str, Status] = {
    "not_affected": Status.NOT_AFFECTED,
    "false_positive": Status.NOT_AFFECTED,
    "resolved": Status.FIXED,
    "resolved_with_pedigree": Status.FIXED,
    "exploitable": Status.AFFECTED,
    "in_triage": Status.UNDER_INVESTIGATION,
}
_BOM_LINK = "urn:cdx:"


class _Hash(msgspec.Struct):
    alg: str
    content: str


class _Component(msgspec.Struct):
    bom_ref: str = msgspec.field(name="bom-ref", default="")
    name: str = ""
    purl: str = ""
    hashes: tuple[_Hash, ...] = ()
    components: "tuple[_Component, ...]" = ()


class _Metadata(msgspec.Struct):
    timestamp: str | None = None
    component: _Component | None = None


class _Version(msgspec.Struct):
    version: str = ""
    range: str = ""
    status: str = "affected"


class _Affects(msgspec.Struct):
    ref: str
    versions: tuple[_Version, ...] = ()


class _Named(msgspec.Struct):
    id: str = ""


class _Analysis(msgspec.Struct):
    state: str = ""
    justification: str = ""
    detail: str = ""
    last_updated: str | None = msgspec.field(name="lastUpdated", default=None)


class _Vulnerability(msgspec.Struct):
    id: str = ""
    references: tuple[_Named, ...] = ()
    analysis: _Analysis | None = None
    affects: tuple[_Affects, ...] = ()
    updated: str | None = None


class Bom(msgspec.Struct):
    """The members of a document that VEX needs."""

    metadata: _Metadata | None = None
    components: tuple[_Component, ...] = ()
    vulnerabilities: tuple[_Vulnerability, ...] = ()


def read_cyclonedx(data: bytes, name: str) -> tuple[VexStatement, ...]:
    """The statements of a CycloneDX JSON document: its vulnerabilities that carry an analysis."""
    return statements_of(decode(Bom, data, name), name)


def statements_of(document: Bom, name: str) -> tuple[VexStatement, ...]:
    """The statements of a decoded document; raises Unreadable for a state that the standard does not know."""
    metadata = document.metadata or _Metadata()
    root = (metadata.component,) if metadata.component else ()
    known = {item.bom_ref: item for item in _all((*root, *document.components)) if item.bom_ref}
    whole = metadata.component.bom_ref if metadata.component else ""
    found = []
    for number, item in enumerate(document.vulnerabilities):
        if item.analysis is None or not item.analysis.state:
            continue
        state = _STATUS.get(item.analysis.state)
        place = f"vulnerabilities[{number}]"
        if state is None:
            raise Unreadable(f"{name}: {place}.analysis.state is {item.analysis.state!r}")
        names = tuple(dict.fromkeys(text for text in (item.id, *(one.id for one in item.references)) if text))
        when = instant(item.analysis.last_updated) or instant(item.updated) or instant(metadata.timestamp)
        for status, products in _by_status(item, state, known, whole):
            note, reason = item.analysis.detail, item.analysis.justification
            found.append(VexStatement(name, place, names, status, products, reason, note, when))
    return tuple(found)


def _by_status(
    item: _Vulnerability, state: Status, known: Mapping[str, _Component], whole: str
) -> Iterator[tuple[Status, tuple[Product, ...]]]:
    """The affected products with the status of the analysis; versions marked ``unaffected`` are not affected."""
    groups: dict[Status, list[Product]] = {}
    for affects in item.affects:
        products = _products(affects.ref, known, whole)
        if not affects.versions:
            groups.setdefault(state, []).extend(products)
        for version in affects.versions:
            status = Status.NOT_AFFECTED if version.status == "unaffected" else state
            groups.setdefault(status, []).extend(_of_version(product, version) for product in products)
    if not item.affects:
        groups[state] = [Product(whole, whole=True)]
    for status, stated in groups.items():
        yield status, tuple(stated)


def _of_version(product: Product, version: _Version) -> Product:
    """The product narrowed to a version, which then counts instead of the one in its package URL."""
    stated = version.version or version.range
    if product.package is None or not stated:
        return product
    bare = replace(product.package.stated, version="")
    return replace(product, package=replace(product.package, stated=bare, versions=(stated,)))


def _products(ref: str, known: Mapping[str, _Component], whole: str) -> tuple[Product, ...]:
    """What a reference names: a component of the document, one of another document (BOM-Link), or a package URL."""
    target = unquote(ref.rpartition("#")[2]) if ref.startswith(_BOM_LINK) else ref
    component = known.get(target) or known.get(ref)
    if component is None:
        return products_of((target,)) or (Product(ref),)
    digests = frozenset(f"{one.alg.lower().replace('-', '')}:{one.content.lower()}" for one in component.hashes)
    if ref == whole:
        found = products_of((component.purl,), digests, component.name) if component.purl or digests else ()
        recognisable = [item for item in found if item.image is not None]
        return tuple(recognisable) or (Product(component.name or ref, whole=True),)
    return products_of((component.purl or component.name,), frozenset() if component.purl else digests, component.name)


def _all(components: tuple[_Component, ...]) -> Iterator[_Component]:
    stack = list(reversed(components))
    while stack:
        item = stack.pop()
        yield item
        stack.extend(reversed(item.components))
