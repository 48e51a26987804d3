"""TOML lock files from strangers: the tables of one array, each checked before it is used."""

import re
from collections.abc import Iterator, Mapping

from assay.errors import LimitExceeded, Unreadable
from assay.extract.listing import Listing

Table = Mapping[str, object]

MAX_TOML = 16 << 20
"""``max_size`` of TOML lock files: the parser takes about 0.2 s per million bytes."""

# The parser's time grows with the square of a dotted key's parts; no lock file has keys of more than a few.
_MAX_PARTS = 64
_PART = re.compile(
    rb"""(?:(?:\"{3}(?:[^"\\]++|\\.|"(?!""))*+(?:\"{3,5})?"""
    rb"""|'{3}(?:[^']++|'(?!''))*+(?:'{3,5})?"""
    rb"""|"(?:[^"\\\n]++|\\[^\n])*+"?|'[^'\n]*+'?|[A-Za-z0-9_-]++)[ \t]*+(\.)?[ \t]*+|\#[^\n]*+|.)""",
    re.DOTALL,
)


def read_toml(data: bytes) -> Table:
    """The whole document (https://toml.io/en/v1.0.0); raises Unreadable when it is not TOML."""
    import tomllib

    _refuse_long_keys(data)
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise Unreadable("TOML nested too deeply") from error
    except ValueError as error:
        raise Unreadable(f"not TOML: {error}") from error


def _refuse_long_keys(data: bytes) -> None:
    if all(line.count(b".") < _MAX_PARTS for line in data.split(b"\n")):
        return
    parts = 0
    for part in _PART.finditer(data):
        parts = parts + 1 if part[1] else 0
        if parts > _MAX_PARTS:
            raise LimitExceeded(f"TOML with a dotted key of more than {_MAX_PARTS} parts")


def tables(document: Table, key: str, listing: Listing) -> Iterator[tuple[str, str, Table]]:
    """Name, version ("" when absent) and table of each member of the array ``key``; others are rejected."""
    members = document.get(key, [])
    if not isinstance(members, list):
        raise Unreadable(f"{key!r} is not an array of tables")
    for member in members:
        name = member.get("name") if isinstance(member, dict) else None
        version = member.get("version", "") if isinstance(member, dict) else None
        if isinstance(name, str) and name and isinstance(version, str):
            yield name, version, member
        else:
            listing.reject(f"{key} {str(name)[:80]}")


def table(value: object) -> Table:
    """The value when it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def strings(value: object) -> list[str]:
    """The strings of an array, or nothing."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
