"""Semantic versions (https://semver.org 2.0.0, section 11): the order shared by npm, Cargo, Hex, Swift and others.

Read generously, as advisories write them: a leading ``v``, missing minor and patch numbers (they are 0), further
dotted numbers (they count after the patch number), leading zeros. Build metadata does not count.
"""

import re

from assay.versions.encoding import NUMBERS, ZERO, TokenTable, encode_digits, refuse

_PLAIN = re.compile(r"[0-9]++(?:\.[0-9]++)*+").fullmatch
SHAPE = re.compile(
    r"[vV=]?+(?P<numbers>[0-9]++(?:\.[0-9]++)*+)"
    r"(?:-(?P<pre>[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+))?+"
    r"(?:\+(?P<build>[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+))?+"
).fullmatch
_PRE = b"\x02"
_RELEASE = b"\x03"
END = b"\x01"


def _encode_identifier(identifier: str) -> bytes:
    if identifier.isdigit():
        return encode_digits(identifier)
    return b"\x40" + identifier.encode("ascii") + b"\x02"


_IDENTIFIERS = TokenTable(_encode_identifier)


def numbers_key(numbers: str) -> bytes:
    """Dotted numbers without trailing zeros; the caller appends something below 0x10."""
    codes = list(map(NUMBERS.__getitem__, numbers.split(".")))
    while len(codes) > 1 and codes[-1] == ZERO:
        codes.pop()
    return b"".join(codes)


def identifiers_key(dotted: str) -> bytes:
    """Dotted identifiers: numbers before words, fewer before more."""
    return b"".join(map(_IDENTIFIERS.__getitem__, dotted.split("."))) + END


def parts_key(numbers: str, pre: str | None) -> bytes:
    """The key of a version given in parts."""
    if pre is None:
        return numbers_key(numbers) + _RELEASE
    return numbers_key(numbers) + _PRE + identifiers_key(pre)


def semantic_key(scheme: str, version: str) -> bytes:
    """The version's place in semantic versioning's order; ``scheme`` is the name used when it is refused."""
    if _PLAIN(version):
        return numbers_key(version) + _RELEASE
    found = SHAPE(version.strip())
    if found is None:
        refuse(scheme, version)
    return parts_key(found["numbers"], found["pre"])
