"""Foreign text as Unicode that every document can hold.

Names in foreign trees are bytes, and documents may spell lone surrogates: what is no Unicode text becomes U+FFFD.
"""

from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from assay.model.component import Package

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    _Fact = TypeVar("_Fact", bound=DataclassInstance)


def utf8(text: str) -> str:
    """The text, with U+FFFD for what is no Unicode."""
    if text.isascii():
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:  # a lone surrogate out of some document
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


@cache
def _names(kind: "type[DataclassInstance]") -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def readable(fact: "_Fact") -> "_Fact":
    """The fact with all its texts readable; it is the same object when they were."""
    changed: dict[str, object] = {}
    for name in _names(type(fact)):
        value = getattr(fact, name)
        if isinstance(value, str):
            fresh: object = utf8(value)
        elif isinstance(value, tuple):
            fresh = value if all(map(str.isascii, value)) else tuple(map(utf8, value))
        elif is_dataclass(value) and not isinstance(value, type):
            fresh = readable(value)
        else:
            continue
        if fresh is not value:
            changed[name] = fresh
    return replace(fact, **changed) if changed else fact


def is_plain(package: Package) -> bool:
    """Whether all texts of the package are ASCII, found out quickly: nearly all are, and there are many packages."""
    c = package.component
    texts = (c.name, c.version, c.scope, c.arch, c.source_name, c.source_version, c.module, c.vendor)
    return "".join((*texts, package.path, package.owner, package.extractor, *package.licenses)).isascii()
