"""Maven versions, as ComparableVersion of Maven 3.8 orders them (https://maven.apache.org/pom.html#version-order-specification).

A version is a chain of lists: ``-``, a change from digits to letters or back, and a word at the end open a new list
inside the current one. Zeros and release words (``ga``, ``final``, ``release``) at the end of each list do not
count. In a list: alpha < beta < milestone < rc < snapshot < the end < sp < other words < a list < a number.

ComparableVersion is not transitive, because it ranks the end of a list by what the other side still has:
``1.sp.1`` is above ``1``, ``1`` above ``1-rc``, and ``1-rc`` above ``1.sp.1``. Here what remains of a version is
first put below or above the end by its first part that counts, and only then ranked by kind, which keeps every
comparison with a version that ends earlier and gives ``1-rc < 1 < 1.sp.1``. Two more things follow the published
order tests rather than 3.8: ``1-ga-1`` equals ``1-1``, and zeros in front of a last unknown word count
(``2-1 < 2.0.a < 2.0.0.a``).
"""

import re

from assay.versions.encoding import TokenTable, ascii_version, encode_digits

_PLAIN = re.compile(r"[0-9]++(?:\.[0-9]++)*+").fullmatch
_TOKENS = re.compile(r"[0-9]++|[^0-9.-]++|[.-]").findall

_ZERO_BEFORE_LAST_WORD = re.compile(r"\.0++\.[^0-9.-]++\Z").search
_RELEASE_BETWEEN_HYPHENS = re.compile(r"-(?:ga|final|release)-(?=[0-9])").sub

_WORDS = {
    "alpha": b"\x01",
    "beta": b"\x02",
    "milestone": b"\x03",
    "rc": b"\x04",
    "cr": b"\x04",
    "snapshot": b"\x05",
    "ga": b"\x06",
    "final": b"\x06",
    "release": b"\x06",
    "sp": b"\x0b",
}
_SHORT = {"a": b"\x01", "b": b"\x02", "m": b"\x03"}
_RELEASE_BELOW = b"\x06"
_LIST_BELOW = b"\x07"
_ZERO_BELOW = b"\x08"
_END = b"\x09"
_RELEASE_ABOVE = b"\x0a"
_LIST_ABOVE = b"\x0d"
_ZERO_ABOVE = b"\x0e"
_BELOW = {_RELEASE_ABOVE: _RELEASE_BELOW, _LIST_ABOVE: _LIST_BELOW, _ZERO_ABOVE: _ZERO_BELOW}
_UNKNOWN = 0x0C
_NULLS = (_ZERO_ABOVE, _RELEASE_ABOVE)


def _encode_number(digits: str) -> bytes:
    code = encode_digits(digits)
    return code if len(code) > 1 else _ZERO_ABOVE


def _encode_word(word: str) -> bytes:
    code = _WORDS.get(word)
    if code is None:
        return bytes((_UNKNOWN,)) + word.encode("ascii") + b"\x01"
    return _RELEASE_ABOVE if code == _RELEASE_BELOW else code


_NUMBERS = TokenTable(_encode_number)
_WORD_CODES = TokenTable(_encode_word)


def _parse(text: str) -> list[list[bytes]]:
    """The chain of lists, each with the codes of its own items."""
    chain: list[list[bytes]] = [[]]
    pending = ""
    for part in _TOKENS(text):
        if part in ".-":
            chain[-1].append(_item(pending))
            pending = ""
            if part == "-":
                chain.append([])
        elif not pending:
            pending = part
        elif pending.isdigit():
            chain[-1].append(_NUMBERS[pending])
            chain.append([])
            pending = part
        else:
            if chain[-1]:
                chain.append([])
            chain[-1].append(_SHORT.get(pending) or _WORD_CODES[pending])
            chain.append([])
            pending = part
    if pending:
        if chain[-1] and not pending.isdigit() and not _counts_zeros(text, pending):
            chain.append([])
        chain[-1].append(_item(pending))
    return chain


def _counts_zeros(text: str, word: str) -> bool:
    return _WORD_CODES[word][0] == _UNKNOWN and _ZERO_BEFORE_LAST_WORD(text) is not None


def _item(text: str) -> bytes:
    if not text:
        return _ZERO_ABOVE
    return _NUMBERS[text] if text.isdigit() else _WORD_CODES[text]


def _flatten(chain: list[list[bytes]]) -> list[bytes]:
    """The codes that count, with a marker before each list but the first."""
    codes: list[bytes] = []
    for depth, items in enumerate(chain):
        while items and items[-1] in _NULLS:
            items.pop()
        if depth:
            codes.append(_LIST_ABOVE)
        codes.extend(items)
    while codes and codes[-1] in (_LIST_ABOVE, *_NULLS):
        codes.pop()
    return codes


def key(version: str) -> bytes:
    """The version's place in Maven's order."""
    if _PLAIN(version):
        codes = list(map(_NUMBERS.__getitem__, version.split(".")))
        while codes and codes[-1] == _ZERO_ABOVE:
            codes.pop()
        return b"".join(codes) + _END
    text = _RELEASE_BETWEEN_HYPHENS("-", ascii_version("maven", version).lower())
    codes = _flatten(_parse(text))
    below = False
    for index in range(len(codes) - 1, -1, -1):
        code = codes[index]
        if code not in _BELOW:
            below = code < _RELEASE_BELOW
        elif below:
            codes[index] = _BELOW[code]
    return b"".join(codes) + _END
