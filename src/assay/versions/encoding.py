"""Pieces of order-preserving keys: digit runs, memoised tokens, and the refusal of text that is no version.

Every scheme builds its keys from the same three byte ranges, so that one comparison of bytes decides:

* ``0x00-0x0f`` markers of the scheme (end of a list, a pre-release, a tilde), in the scheme's own order;
* ``0x10-0x3f`` the first byte of a number: how many significant digits follow (``0x10`` is zero);
* ``0x40-0xff`` letters and words.

Numbers are never converted with ``int``: digit runs of a megabyte are ordered in linear time.
"""

import re
from collections.abc import Callable
from typing import NoReturn

from assay.errors import InvalidVersion

ZERO = b"\x10"
"""The code of the number zero, the lowest number."""

_SHORT = 40
_LEADS = [bytes((0x10 + size,)) for size in range(_SHORT)]
_MEMO_TOKEN = 32
_MEMO_SIZE = 1 << 16
_ASCII = re.compile(r"[!-~]+").fullmatch


def encode_digits(digits: str) -> bytes:
    """ASCII digits (possibly none: zero) as bytes in numeric order; leading zeros do not count."""
    significant = digits.lstrip("0")
    size = len(significant)
    if size < _SHORT:
        return _LEADS[size] + significant.encode("ascii")
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x37 + len(length),)) + length + significant.encode("ascii")


class TokenTable(dict[str, bytes]):
    """Codes of tokens, computed once by ``encode``; bounded in entries and in the length of what it keeps."""

    __slots__ = ("_encode",)

    def __init__(self, encode: Callable[[str], bytes]) -> None:
        super().__init__()
        self._encode = encode

    def __missing__(self, token: str) -> bytes:
        code = self._encode(token)
        if len(token) <= _MEMO_TOKEN:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[token] = code
        return code


NUMBERS = TokenTable(encode_digits)
"""Digit runs by their text."""


def refuse(scheme: str, version: str) -> NoReturn:
    """Raise InvalidVersion, naming the scheme and the beginning of the version."""
    shown = repr(version[:60]) + ("..." if len(version) > 60 else "")
    raise InvalidVersion(f"{shown} is not a version that {scheme} can order")


def ascii_version(scheme: str, version: str) -> str:
    """The version without surrounding white space; InvalidVersion unless the rest is printable ASCII without spaces."""
    text = version.strip()
    if not _ASCII(text):
        refuse(scheme, version)
    return text
