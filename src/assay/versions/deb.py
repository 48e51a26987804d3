"""Debian versions, as ``dpkg --compare-versions`` orders them (Debian policy 5.6.12, deb-version(7)).

``[epoch:]upstream[-revision]``; a missing epoch is 0 and a missing revision equals ``-0``. Text alternates between
non-digits and numbers. In non-digits ``~`` sorts before the end, the end before letters, letters before the rest.
What dpkg refuses is refused (blanks, an empty part, an epoch that is no number or above 2147483647), and so is an
upstream version that does not start with a digit, about which dpkg only warns.
"""

import re

from assay.versions.encoding import NUMBERS, ZERO, TokenTable, encode_digits, refuse

_SHAPE = re.compile(r"([0-9]++):([0-9][!-~]*+)|([0-9][!-9;-~]*+)").fullmatch
_RUNS = re.compile(r"[0-9]++|[^0-9]++").findall
_LARGEST_EPOCH = encode_digits("2147483647")


def _order(code: int) -> int:
    if code == ord("~"):
        return 0x01
    if chr(code).isalpha():
        return code
    return code + 0x80


_CHARACTERS = bytes(_order(code) if code < 0x7F else 0xFF for code in range(256))


def _encode(run: str) -> bytes:
    if run[0].isdigit():
        return encode_digits(run)
    return run.encode("ascii").translate(_CHARACTERS)


_TOKENS = TokenTable(_encode)
_code_of = _TOKENS.__getitem__


def _part(text: str) -> bytes:
    # A number follows every run of non-digits, 0 where none is written; the closing ZERO is the end of the text.
    closing = ZERO if text[-1:].isdigit() else ZERO + ZERO
    return b"".join(map(_code_of, _RUNS(text))) + closing


def key(version: str) -> bytes:
    """The version's place in dpkg's order."""
    found = _SHAPE(version.strip())
    if found is None:
        refuse("deb", version)
    digits, rest, bare = found.groups()
    upstream, dash, revision = (rest or bare).rpartition("-")
    if not dash:
        upstream = revision
        revision = "0"
    elif not revision:
        refuse("deb", version)
    if digits is None:
        return ZERO + _part(upstream) + _part(revision)
    epoch = NUMBERS[digits]
    if epoch > _LARGEST_EPOCH:
        refuse("deb", version)
    return epoch + _part(upstream) + _part(revision)
