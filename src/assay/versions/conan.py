"""Conan versions, after Conan 2's Version (https://docs.conan.io/2/tutorial/versioning/version_ranges.html).

Dotted items, trailing zeros aside, then an optional ``-pre-release`` (sorts before) and ``+build`` (sorts after).
Conan compares an item such as ``10`` with ``9a`` as text, which is no order (10 < 1a < 2 < 10); here an item is its
leading number and the rest, so that ``1.1.1`` < ``1.1.1k`` < ``1.1.2`` and ``9a`` < ``10``. An item that starts with
a letter sorts after numbers, as Conan has it (``cci.20200203``).
"""

import re

from assay.versions.encoding import TokenTable, ascii_version, encode_digits, refuse

_RUNS = re.compile(r"[0-9]++|[^0-9]++").findall
_ITEM_END = b"\x05"
_LIST_END = b"\x04"
_PRE = b"\x01"
_NO_PRE = b"\x02"
_NO_BUILD = b"\x01"
_BUILD = b"\x02"


def _encode_run(run: str) -> bytes:
    if run[0].isdigit():
        return encode_digits(run)
    return b"\x40" + run.encode("ascii") + b"\x01"


_CODES = TokenTable(_encode_run)


def _encode_item(item: str) -> bytes:
    return b"".join(map(_CODES.__getitem__, _RUNS(item))) + _ITEM_END


_ITEMS = TokenTable(_encode_item)
_ZERO_ITEM = _encode_item("0")


def _list_key(text: str) -> bytes:
    codes = list(map(_ITEMS.__getitem__, text.split(".")))
    while len(codes) > 1 and codes[-1] == _ZERO_ITEM:
        codes.pop()
    return b"".join(codes) + _LIST_END


def key(version: str) -> bytes:
    """The version's place in Conan's order."""
    text = ascii_version("conan", version)
    rest, plus, build = text.rpartition("+")
    main, dash, pre = (rest if plus else text).partition("-")
    if not main:
        refuse("conan", version)
    return (
        _list_key(main)
        + (_PRE + _list_key(pre) if dash else _NO_PRE)
        + (_BUILD + _list_key(build) if plus else _NO_BUILD)
    )
