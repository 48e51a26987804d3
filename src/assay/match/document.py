"""How a document with statements is decoded: bounded, typed, with the place of what is wrong."""

from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from assay.errors import LimitExceeded, Unreadable

LIMIT = 256 << 20
"""Largest document that is read, in bytes."""
_BOM = b"\xef\xbb\xbf"

T = TypeVar("T")


def checked_size(data: bytes, name: str) -> bytes:
    """The document without a byte order mark; raises LimitExceeded when it is too large."""
    if len(data) > LIMIT:
        raise LimitExceeded(f"{name}: more than {LIMIT} bytes")
    return data.removeprefix(_BOM)


def decode(kind: type[T], data: bytes, name: str) -> T:
    """JSON as a struct; raises Unreadable with the document and the place in it."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"{name}: {error}") from error


def instant(text: str | None) -> datetime | None:
    """A time with its zone (UTC where none is stated); None for no or no readable time."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
