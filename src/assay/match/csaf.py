"""CSAF 2.0 and 2.1 VEX documents (https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html#45-profile-5-vex)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec

from assay.match.document import decode, instant
from assay.match.product import Product, products_of
from assay.match.vex import Status, VexStatement
from assay.model.ecosystem import os_scope

_STATUS: Mapping[str, Status] = {
    "known_not_affected": Status.NOT_AFFECTED,
    "fixed": Status.FIXED,
    "first_fixed": Status.FIXED,
    "recommended": Status.FIXED,
    "known_affected": Status.AFFECTED,
    "first_affected": Status.AFFECTED,
    "last_affected": Status.AFFECTED,
    "under_investigation": Status.UNDER_INVESTIGATION,
}
_CPE_OS = re.compile(r"cpe:(?:/|2\.3:)[oa]:([a-z0-9_]+):([a-z0-9_.-]+):(\d+(?:\.\d+)*)", re.IGNORECASE)
_OS_PRODUCTS = {
    "enterprise_linux": "rhel",
    "debian_linux": "debian",
    "ubuntu_linux": "ubuntu",
    "alpine_linux": "alpine",
    "suse_linux_enterprise_server": "sles",
    "sles": "sles",
    "leap": "opensuse-leap",
    "linux": "ol",
    "amazon_linux": "amzn",
    "rocky_linux": "rocky",
    "almalinux": "almalinux",
}


class _Hash(msgspec.Struct, frozen=True):
    algorithm: str
    value: str


class _FileHashes(msgspec.Struct, frozen=True):
    file_hashes: tuple[_Hash, ...] = ()


class _Helper(msgspec.Struct, frozen=True):
    purl: str = ""
    purls: tuple[str, ...] = ()
    cpe: str = ""
    hashes: tuple[_FileHashes, ...] = ()


class _Product(msgspec.Struct, frozen=True):
    product_id: str
    name: str = ""
    product_identification_helper: _Helper | None = None


class _Branch(msgspec.Struct, frozen=True):
    branches: "tuple[_Branch, ...]" = ()
    product: _Product | None = None


class _Relationship(msgspec.Struct, frozen=True):
    product_reference: str
    relates_to_product_reference: str
    full_product_name: _Product


class _Tree(msgspec.Struct, frozen=True):
    branches: tuple[_Branch, ...] = ()
    full_product_names: tuple[_Product, ...] = ()
    relationships: tuple[_Relationship, ...] = ()


class _Named(msgspec.Struct, frozen=True):
    text: str = ""


class _Flag(msgspec.Struct, frozen=True):
    label: str
    product_ids: tuple[str, ...] = ()


class _Threat(msgspec.Struct, frozen=True):
    details: str
    category: str = ""
    product_ids: tuple[str, ...] = ()


class _Vulnerability(msgspec.Struct, frozen=True):
    cve: str = ""
    ids: tuple[_Named, ...] = ()
    product_status: dict[str, tuple[str, ...]] = {}
    flags: tuple[_Flag, ...] = ()
    threats: tuple[_Threat, ...] = ()


class _Tracking(msgspec.Struct, frozen=True):
    current_release_date: str | None = None


class _Meta(msgspec.Struct, frozen=True):
    tracking: _Tracking = _Tracking()


class _Document(msgspec.Struct, frozen=True):
    document: _Meta
    product_tree: _Tree = _Tree()
    vulnerabilities: tuple[_Vulnerability, ...] = ()


def read_csaf(data: bytes, name: str) -> tuple[VexStatement, ...]:
    """The statements of a CSAF document: one per vulnerability, status and justification."""
    document = decode(_Document, data, name)
    products = _products(document.product_tree)
    when = instant(document.document.tracking.current_release_date)
    found = []
    for number, item in enumerate(document.vulnerabilities):
        names = tuple(dict.fromkeys(text for text in (item.cve, *(one.text for one in item.ids)) if text))
        for status, label, text, ids in _groups(item):
            stated = tuple(product for key in ids for product in products.get(key, ()))
            place = f"vulnerabilities[{number}]"
            found.append(VexStatement(name, place, names, status, stated, label, text, when))
    return tuple(found)


def _groups(item: _Vulnerability) -> Iterator[tuple[Status, str, str, list[str]]]:
    """Product ids that share a status, a justification and an impact text."""
    labels = {key: flag.label for flag in item.flags for key in flag.product_ids}
    impact = {
        key: threat.details for threat in item.threats if threat.category == "impact" for key in threat.product_ids
    }
    groups: dict[tuple[Status, str, str], list[str]] = {}
    for word, ids in item.product_status.items():
        status = _STATUS.get(word)
        if status is not None:
            for key in ids:
                groups.setdefault((status, labels.get(key, ""), impact.get(key, "")), []).append(key)
    for (status, label, text), keys in groups.items():
        yield status, label, text, keys


def _products(tree: _Tree) -> Mapping[str, tuple[Product, ...]]:
    """Every product id of the tree; one that relates two others is the first inside the second."""
    found = {item.product_id: _identified(item) for item in (*_in_branches(tree.branches), *tree.full_product_names)}
    for relation in tree.relationships:
        inner = found.get(relation.product_reference, ())
        outer = found.get(relation.relates_to_product_reference, ())
        own = _identified(relation.full_product_name)
        parts = own if any(item.package for item in own) else inner
        found[relation.full_product_name.product_id] = tuple(
            replace(part, inside=whole) for part in parts for whole in outer
        )
    return found


def _in_branches(branches: tuple[_Branch, ...]) -> Iterator[_Product]:
    stack = list(reversed(branches))
    while stack:
        branch = stack.pop()
        if branch.product is not None:
            yield branch.product
        stack.extend(reversed(branch.branches))


def _identified(item: _Product) -> tuple[Product, ...]:
    helper = item.product_identification_helper or _Helper()
    digests = frozenset(
        f"{one.algorithm.lower().replace('-', '')}:{one.value.lower()}"
        for group in helper.hashes
        for one in group.file_hashes
    )
    purls = tuple(text for text in (helper.purl, *helper.purls) if text)
    if purls or digests:
        return products_of(purls, digests, item.name or item.product_id)
    scope = scope_of_cpe(helper.cpe)
    if scope or helper.cpe:
        return (Product(item.name or item.product_id, scope=scope),)
    return (Product(item.name or item.product_id, name=_bare_name(item.product_id)),)


def _bare_name(product_id: str) -> str:
    """Products without a package URL are often called by the package's name alone (``openssl``)."""
    return product_id if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9+._-]*", product_id) else ""


def scope_of_cpe(cpe: str) -> str:
    """The operating system release that a CPE names, "" when it names none (``cpe:/o:redhat:enterprise_linux:8``)."""
    found = _CPE_OS.match(cpe)
    if found is None or found[2].lower() not in _OS_PRODUCTS:
        return ""
    return os_scope(_OS_PRODUCTS[found[2].lower()], found[3])
