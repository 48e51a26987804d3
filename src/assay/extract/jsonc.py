"""JSON from strangers into typed structs: strict JSON, and JSON with comments and trailing commas."""

import re
from typing import TypeVar

import msgspec

from assay.errors import Unreadable

T = TypeVar("T")

NOTHING = msgspec.Raw()
"""Default of struct fields that are decoded only when they are there: their type does not matter to the rest."""

_BOM = b"\xef\xbb\xbf"
_TEXT = msgspec.json.Decoder(str)
_TEXTS = msgspec.json.Decoder(list[str])
OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
"""Decodes any JSON object; its values are decoded when they are needed."""
ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
"""Decodes any JSON array."""

# A line break cannot be inside a JSON string, so a comma before a line break and a bracket is outside of one.
_COMMA_AT_LINE_END = re.compile(rb",(?=[ \t\r]*+\n\s*+[}\]])")
_STRING_OR_COMMENT = re.compile(rb'("(?:[^"\\]++|\\.)*+"?)|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?', re.DOTALL)
_STRING_OR_COMMA = re.compile(rb'("(?:[^"\\]++|\\.)*+"?)|,(?=\s*+[}\]])', re.DOTALL)


def read_json(data: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode a whole document (RFC 8259; a byte order mark is skipped).

    Raises Unreadable when it is not JSON, not of the decoder's type, or nested deeper than the interpreter allows.
    """
    try:
        return decoder.decode(data.removeprefix(_BOM))
    except RecursionError as error:
        raise Unreadable("JSON nested too deeply") from error
    except ValueError as error:
        raise Unreadable(f"not the JSON that was expected: {error}") from error


def read_jsonc(data: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode a document that may hold comments and trailing commas; raises Unreadable like ``read_json``."""
    try:
        return read_json(_COMMA_AT_LINE_END.sub(b"", data), decoder)
    except Unreadable:
        bare = _STRING_OR_COMMENT.sub(rb"\1", data)
        return read_json(_STRING_OR_COMMA.sub(rb"\1", bare), decoder)


def part(raw: msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T | None:
    """One field of a document that was read before, or None when it is absent or of another type."""
    if not raw:
        return None
    try:
        return decoder.decode(raw)
    except (ValueError, RecursionError):
        return None


def text(raw: msgspec.Raw) -> str:
    """The value when it is a JSON string, else the empty string."""
    return part(raw, _TEXT) or ""


def texts(raw: msgspec.Raw) -> tuple[str, ...]:
    """The values when it is a JSON array of strings, the value alone when it is a string, else nothing."""
    single = text(raw)
    return (single,) if single else tuple(filter(None, part(raw, _TEXTS) or ()))


def keys(raw: msgspec.Raw) -> list[str]:
    """The keys when it is a JSON object, else nothing."""
    return list(part(raw, OBJECT) or ())
