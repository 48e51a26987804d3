"""RPM versions ``[epoch:]version[-release]``, as rpmvercmp orders the parts (rpm-version(7), rpm's rpmvercmp.at).

Runs of digits and of ASCII letters are compared, anything else only separates. ``~`` sorts before the end of the
text, ``^`` right after it, then letters, then numbers. A missing epoch is 0. A version without a release sorts
before the same version with any release, even an empty one: a total order needs a place for it, and ``fixed in
1.0`` then leaves ``1.0-1`` fixed. (A dependency such as ``= 1.0`` is another question: see the rpm notation.)
"""

import re

from assay.versions.encoding import NUMBERS, ZERO, TokenTable, encode_digits, refuse

_SHAPE = re.compile(r"(?:([0-9]*+):)?([^\s\x00-\x20\x7f]++)").fullmatch
_SEGMENTS = re.compile(r"[0-9]++|[A-Za-z]++|[~^]").findall
_END = b"\x02"
_MARKS = {"~": b"\x01", "^": b"\x03"}


def _encode(segment: str) -> bytes:
    if segment[0].isdigit():
        return encode_digits(segment)
    return _MARKS.get(segment) or b"\x04" + segment.encode("ascii")


_TOKENS = TokenTable(_encode)
_code_of = _TOKENS.__getitem__


def split(version: str) -> tuple[bytes, str, str | None]:
    """The encoded epoch, the version and the release (None when there is none)."""
    found = _SHAPE(version.strip())
    if found is None:
        refuse("rpm", version)
    digits, rest = found.groups()
    name, dash, release = rest.rpartition("-")
    epoch = NUMBERS[digits] if digits else ZERO
    return (epoch, name, release) if dash else (epoch, rest, None)


def part_key(text: str) -> bytes:
    """One part (a version or a release) in rpmvercmp's order."""
    return b"".join(map(_code_of, _SEGMENTS(text))) + _END


def key(version: str) -> bytes:
    """The version's place in rpm's order."""
    epoch, name, release = split(version)
    if release is None:
        return epoch + part_key(name)
    return epoch + part_key(name) + part_key(release)
