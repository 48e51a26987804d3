"""Composer versions, in the order of PHP's version_compare (https://www.php.net/version_compare).

Text is cut into numbers and words; anything else separates (right after a number, signs other than ``.-_+`` begin
a word). Unknown words < dev < alpha < beta < RC < the end < numbers < p, where only the beginning of a word counts
(``patch`` is a ``p``), and all unknown words are equal. A leading ``v`` does not count. ``1.0`` sorts before
``1.0.0``; Composer itself pads versions to four numbers before it compares them, which is what the composer
notation does with constraints.
"""

import re

from assay.versions.encoding import TokenTable, ascii_version, encode_digits, refuse

_TOKENS = re.compile(r"[0-9]++|[A-Za-z]++|#|(?<=[0-9])[^0-9A-Za-z.+_-][A-Za-z]*+").findall
_LEADING_V = re.compile(r"[vV](?=[0-9])").match
_ALNUM = re.compile(r"[0-9A-Za-z]").search
_SEPARATED_END = b"\x00"
_END = b"\x06"
_FORMS = (("dev", b"\x02"), ("a", b"\x03"), ("b", b"\x04"), ("RC", b"\x05"), ("rc", b"\x05"), ("p", b"\x41"))
_UNKNOWN = b"\x01"
_PLACEHOLDER = "#"


def _encode(token: str) -> bytes:
    if token[0].isdigit():
        return encode_digits(token)
    return next((code for form, code in _FORMS if token.startswith(form)), _UNKNOWN)


_CODES = TokenTable(_encode)
_code_of = _CODES.__getitem__


def _tokens(version: str) -> tuple[str, list[str]]:
    text = ascii_version("composer", version)
    if _LEADING_V(text):
        text = text[1:]
    if not _ALNUM(text):
        refuse("composer", version)
    return text, _TOKENS(text)


def key(version: str) -> bytes:
    """The version's place in version_compare's order.

    ``#`` stands for any number in PHP's own tables; a version with it has no place in an order and is refused.
    """
    text, tokens = _tokens(version)
    if _PLACEHOLDER in text:
        refuse("composer", version)
    return b"".join(map(_code_of, tokens)) + (_END if text[-1].isalnum() else _SEPARATED_END + _END)


def compare(left: str, right: str) -> int:
    """-1, 0 or 1, token by token; unlike ``key`` this also answers for ``#``, which equals any number and none."""
    ours, theirs = _tokens(left)[1], _tokens(right)[1]
    for index in range(max(len(ours), len(theirs))):
        here = ours[index] if index < len(ours) else ""
        there = theirs[index] if index < len(theirs) else ""
        order = _compare_tokens(here, there)
        if order:
            return order
    return 0


def _compare_tokens(here: str, there: str) -> int:
    if _PLACEHOLDER in (here, there):
        here, there = (token if token and not token[0].isdigit() else _PLACEHOLDER for token in (here, there))
    a, b = (_END if token in ("", _PLACEHOLDER) else _CODES[token] for token in (here, there))
    return (a > b) - (a < b)
