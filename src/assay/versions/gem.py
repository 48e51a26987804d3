"""Ruby gem versions, as Gem::Version orders them (https://docs.ruby-lang.org/en/master/Gem/Version.html).

Segments are numbers or words, a word comes before any number, a missing segment is 0, and a hyphen means ``.pre.``.
So a run of zeros sorts by what follows it: below the end when that is a word, above when it is a number.
"""

import re

from assay.versions.encoding import TokenTable, ascii_version, encode_digits, refuse

_NUMERIC = re.compile(r"[0-9]++(?:\.[0-9]++)*+").fullmatch
_SHAPE = re.compile(r"[0-9][0-9A-Za-z]*+(?:[.-][0-9A-Za-z-]++)*+").fullmatch
_SEGMENTS = re.compile(r"[0-9]++|[A-Za-z]++").findall
_ZERO_BELOW = b"\x08"
_END = b"\x09"
_ZERO_ABOVE = b"\x0e"


def _encode(segment: str) -> bytes:
    if segment[0].isdigit():
        code = encode_digits(segment)
        return code if len(code) > 1 else _ZERO_ABOVE
    return b"\x01" + segment.encode("ascii")


_TOKENS = TokenTable(_encode)
_code_of = _TOKENS.__getitem__


def written_segments(version: str) -> list[str]:
    """The segments as written, numbers and words."""
    text = ascii_version("gem", version)
    if not _SHAPE(text):
        refuse("gem", version)
    parts: list[str] = _SEGMENTS(text.replace("-", ".pre."))
    return parts


def _canonical_segments(version: str) -> list[str]:
    """No zeros before the first word and none at the end."""
    parts = written_segments(version)
    words = next((index for index, part in enumerate(parts) if not part[0].isdigit()), len(parts))
    return _without_zeros(parts[:words]) + _without_zeros(parts[words:])


def _without_zeros(parts: list[str]) -> list[str]:
    while parts and not parts[-1].strip("0"):
        parts.pop()
    return parts


def key(version: str) -> bytes:
    """The version's place in RubyGems' order."""
    if _NUMERIC(version):
        codes = list(map(_code_of, version.split(".")))
        while codes and codes[-1] == _ZERO_ABOVE:
            codes.pop()
        return b"".join(codes) + _END
    codes = list(map(_code_of, _canonical_segments(version)))
    below = False
    for index in range(len(codes) - 1, -1, -1):
        if codes[index] != _ZERO_ABOVE:
            below = codes[index][0] == 0x01
        elif below:
            codes[index] = _ZERO_BELOW
    return b"".join(codes) + _END
