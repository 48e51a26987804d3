"""Text from foreign places made safe to show: control characters and what reorders text become visible escapes.

A terminal obeys what it prints, so a package called ``\\x1b]0;...`` must not reach it as it is. The characters are
the C0 and C1 controls, the separators that end lines, and the bidirectional formatting characters with which text is
made to look like other text (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
"""

import re

import msgspec

_ORDERING = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{_ORDERING}]")
_UNSAFE_IN_LINES = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_ORDERING}]")
_UNSAFE_IN_JSON = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf"
)


def visible(text: str) -> str:
    """One line of text: line ends are escaped too, so that no name can forge a line of its own."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_escaped, text)


def visible_lines(text: str) -> str:
    """Text of several lines, whose line ends and tabs stay."""
    return _UNSAFE_IN_LINES.sub(_escaped, text)


def json_text(value: object, *, indent: int = 2) -> bytes:
    """A JSON document with a final newline (on one line where ``indent`` is 0); unsafe characters are ``\\uXXXX``."""
    data = msgspec.json.encode(value)
    if not data.isascii() or b"\x7f" in data:
        data = _UNSAFE_IN_JSON.sub(_json_escaped, data)
    return (msgspec.json.format(data, indent=indent) if indent else data) + b"\n"


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _json_escaped(match: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(match[0].decode())
