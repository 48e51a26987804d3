"""Versions of software outside any package world: the order that most projects mean.

Numbers and words alternate, other characters separate, trailing zeros do not count (``1.0`` equals ``1.0.0``), case
does not matter. Words that announce a release (alpha, beta, pre, rc, dev, snapshot, ...) and ``~`` sort before the
end; other words, such as the patch letters of OpenSSL, after it; numbers after words.
"""

import re

from assay.versions.encoding import ZERO, TokenTable, ascii_version, encode_digits, refuse

_TOKENS = re.compile(r"[0-9]++|[a-z]++|~").findall
_LEADING_V = re.compile(r"v(?=[0-9])").match
_BEFORE = {
    "~": b"\x01",
    "dev": b"\x02",
    "nightly": b"\x02",
    "canary": b"\x02",
    "snapshot": b"\x02",
    "alpha": b"\x03",
    "beta": b"\x04",
    "milestone": b"\x05",
    "pre": b"\x06",
    "preview": b"\x06",
    "rc": b"\x07",
    "cr": b"\x07",
}
_LAST_BEFORE = b"\x07"
_END = b"\x08"


def _encode(token: str) -> bytes:
    if token[0].isdigit():
        return encode_digits(token)
    return _BEFORE.get(token) or b"\x09" + token.encode("ascii")


_CODES = TokenTable(_encode)


def key(version: str) -> bytes:
    """The version's place in this order."""
    text = ascii_version("generic", version).lower()
    if _LEADING_V(text):
        text = text[1:]
    codes: list[bytes] = []
    for token in _TOKENS(text):
        code = _CODES[token]
        if code <= _LAST_BEFORE:
            _drop_zeros(codes)
        codes.append(code)
    if not codes:
        refuse("generic", version)
    _drop_zeros(codes)
    return b"".join(codes) + _END


def _drop_zeros(codes: list[bytes]) -> None:
    while len(codes) > 1 and codes[-1] == ZERO:
        codes.pop()
