"""Alpine versions, as apk-tools orders them (apk-package(5), apk-tools test/unit/version.data).

``digits{.digits}[letter]{_suffix[digits]}[~hash][-rN]``. A dotted number that starts with 0 is compared as text
and before all others (``1.06 < 1.1``). The suffixes alpha, beta, pre and rc sort before the end, cvs, svn, git, hg
and p after it. Where a version stops following the grammar it sorts just before the version that ended there, and
what comes after that place does not count; that is how apk-tools ranks an invalid token. An empty number
(``.5``, ``1..2``) sorts the same way, but the comparison goes on behind it.
"""

import re

from assay.versions.encoding import NUMBERS, TokenTable, ascii_version, encode_digits

_GRAMMAR = re.compile(
    r"([0-9]*+)((?:\.[0-9]*+)*+)([a-z]?+)([0-9]*+)"
    r"((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)(?![a-z])[0-9]*+)*+)((?:~[0-9a-f]++)?+)((?:-r(?![a-z])[0-9]*+)?+)"
).finditer
_SUFFIX_TOKENS = re.compile(r"[a-z]++|[0-9]++").findall
_EMPTY = b"\x05"
_END = b"\x06"
_REVISION = b"\x07"
_HASH = b"\x08"
_SUFFIX_NUMBER = b"\x09"
_SUFFIXES = {
    "alpha": b"\x01",
    "beta": b"\x02",
    "pre": b"\x03",
    "rc": b"\x04",
    "cvs": b"\x0a",
    "svn": b"\x0b",
    "git": b"\x0c",
    "hg": b"\x0d",
    "p": b"\x0e",
}
_LETTER = b"\x0f"


def _encode_number(digits: str) -> bytes:
    if not digits:
        return _EMPTY
    if digits[0] == "0":
        return b"\x10" + digits.encode("ascii") + b"\x01"
    return encode_digits(digits)


def _encode_suffix(token: str) -> bytes:
    return _SUFFIXES.get(token) or _SUFFIX_NUMBER + encode_digits(token)


_DOTTED = TokenTable(_encode_number)
_SUFFIX = TokenTable(_encode_suffix)


def tokens_key(version: str) -> tuple[bytes, bool]:
    """The code of the version's tokens without its end, and whether the whole version follows the grammar."""
    text = ascii_version("apk", version)
    found = next(_GRAMMAR(text))
    first, dotted, letter, number, suffixes, commit, revision = found.groups()
    codes = [NUMBERS[first] if first else _EMPTY]
    if dotted:
        codes.extend(map(_DOTTED.__getitem__, dotted[1:].split(".")))
    if letter:
        codes.append(_LETTER + letter.encode("ascii"))
    if number:
        codes.append(_SUFFIX_NUMBER + NUMBERS[number])
    if suffixes:
        codes.extend(map(_SUFFIX.__getitem__, _SUFFIX_TOKENS(suffixes)))
    if commit:
        codes.append(_HASH + commit[1:].encode("ascii") + b"\x00")
    if revision:
        codes.append(_REVISION + NUMBERS[revision[2:]])
    return b"".join(codes), found.end() == len(text)


def key(version: str) -> bytes:
    """The version's place in apk's order."""
    codes, whole = tokens_key(version)
    return codes + (_END if whole else _EMPTY)
