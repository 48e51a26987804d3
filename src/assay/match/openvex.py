"""OpenVEX documents, 0.0.1 to 0.2.0 (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md)."""

import re
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from assay.match.document import decode, instant
from assay.match.product import Product, products_of
from assay.match.vex import Status, VexStatement

_ID_AT_END = re.compile(r"[^/?#=]+\Z")


class _Vulnerability(msgspec.Struct):
    id: str = msgspec.field(name="@id", default="")
    name: str = ""
    aliases: tuple[str, ...] = ()


class _Part(msgspec.Struct):
    id: str = msgspec.field(name="@id", default="")
    identifiers: dict[str, str] = {}
    hashes: dict[str, str] = {}


class _Product(_Part):
    subcomponents: tuple[_Part | str, ...] | None = None


class _Statement(msgspec.Struct):
    vulnerability: _Vulnerability | str
    status: Status
    products: tuple[_Product | str, ...] = ()
    subcomponents: tuple[_Part | str, ...] | None = None
    timestamp: str | None = None
    last_updated: str | None = None
    justification: str = ""
    impact_statement: str = ""
    status_notes: str = ""
    action_statement: str = ""


class _Document(msgspec.Struct):
    statements: tuple[_Statement, ...]
    timestamp: str | None = None
    last_updated: str | None = None


def read_openvex(data: bytes, name: str) -> tuple[VexStatement, ...]:
    """The statements of an OpenVEX document. A statement without a time has that of the document."""
    document = decode(_Document, data, name)
    when = instant(document.last_updated) or instant(document.timestamp)
    return tuple(
        VexStatement(
            document=name,
            place=f"statements[{number}]",
            vulnerabilities=_names(item.vulnerability),
            status=item.status,
            products=tuple(_products(item)),
            justification=item.justification,
            text=item.impact_statement or item.status_notes or item.action_statement,
            timestamp=instant(item.last_updated) or instant(item.timestamp) or when,
        )
        for number, item in enumerate(document.statements)
    )


def _names(vulnerability: _Vulnerability | str) -> tuple[str, ...]:
    """The name and its aliases; of those that are addresses the last part (``.../detail/CVE-2023-38545``)."""
    if isinstance(vulnerability, str):
        stated: tuple[str, ...] = (vulnerability,)
    else:
        stated = (vulnerability.name or vulnerability.id, *vulnerability.aliases)
    found = (_ID_AT_END.search(text) for text in stated)
    return tuple(dict.fromkeys(match[0] for match in found if match))


def _products(statement: _Statement) -> Iterator[Product]:
    for product in statement.products:
        wholes = _identified(product)
        parts = product.subcomponents if isinstance(product, _Product) else None
        parts = parts or statement.subcomponents
        if not parts:
            yield from wholes
            continue
        for part in parts:
            for inner in _identified(part):
                yield from (replace(inner, inside=whole) for whole in wholes)


def _identified(part: _Part | str) -> tuple[Product, ...]:
    if isinstance(part, str):
        return products_of((part,))
    digests = frozenset(f"{name.lower().replace('-', '')}:{value.lower()}" for name, value in part.hashes.items())
    purl = part.identifiers.get("purl", "")
    texts = (purl, part.id) if purl else (part.id, *part.identifiers.values())
    return products_of(texts, digests, part.id)
