"""The build information that Go's linker leaves in what it builds.

Layout: https://pkg.go.dev/debug/buildinfo and cmd/link/internal/ld; text: https://pkg.go.dev/runtime/debug#BuildInfo.
Since Go 1.18 the two strings follow the 32-byte head; before that the head points to string headers in memory.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assay.errors import Unreadable
from assay.extract.binary.image import Image, Part

MAGIC = b"\xff Go buildinf:"
SECTIONS = (".go.buildinfo", "__go_buildinfo")

_TABLES = (".gopclntab", "__gopclntab", ".note.go.buildid")
_CONSTANTS = (".rodata", "__rodata")
_CONSTANTS_SEARCHED = 32 << 20
_NEIGHBOURHOOD = 16 << 10
_LINKED = re.compile(rb"\0v?(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]{1,60})?)(?=\0)")
_VERSION = re.compile(rb"(go1\.\d+(?:\.\d+)?(?:(?:beta|rc)\d+)?)\0")
_HEAD = 32
_ALIGN = 16
_INLINE = 2
_BIG_ENDIAN = 1
_FRAME = 16
_LONGEST = 4 << 20
_SEARCHED = 1 << 20


@dataclass(frozen=True, slots=True)
class Module:
    """A module as built in; ``version`` is as Go writes it, ``(devel)`` where it knows none."""

    path: str
    version: str
    replaced: "Module | None" = None


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """``toolchain`` as in ``go version``, ``program`` the path of the main package; ``main`` is None for programs that
    were built outside of a module. ``complete`` is False when only the toolchain is known.
    """

    toolchain: str
    program: str = ""
    main: Module | None = None
    modules: Sequence[Module] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True


def read_build_info(image: Image) -> BuildInfo | None:
    """What the image states; None when it is not Go's work, Unreadable when it is but cannot be decoded."""
    part = image.section(*SECTIONS)
    blob = image.content(part, _LONGEST) if part else b""
    if not blob.startswith(MAGIC):
        blob = _search(image)
    if not blob:
        return _without_blob(image)
    if len(blob) < _HEAD:
        raise Unreadable("Go build information that breaks off")
    if blob[15] & _INLINE:
        toolchain, rest = _prefixed(blob[_HEAD:])
        text, _ = _prefixed(rest)
    else:
        toolchain, text = _pointed(image, blob)
    if not toolchain:
        raise Unreadable("Go build information without the toolchain's version")
    return _parsed(toolchain.decode("utf-8", "replace"), _unframed(text).decode("utf-8", "replace"))


def linked_version(image: Image, toolchain: str) -> str:
    """The version that the linker was told to set, when it shows in the program; "" when none or several could be it.

    Strings set by the linker are no part of the packed strings of a Go program: each stands between zeros, and all
    of them beside the toolchain's version, which is set in the same way. This is seen in programs built with Go 1.18
    and later, of which ``-trimpath`` removes the linker's flags from the build information.
    """
    constants = image.section(*_CONSTANTS)
    if constants is None or not toolchain:
        return ""
    content = image.content(constants, _CONSTANTS_SEARCHED)
    at = content.find(toolchain.split(" ", 1)[0].encode() + b"\0")
    if at < 0:
        return ""
    found = set(_LINKED.findall(content[max(0, at - _NEIGHBOURHOOD) : at + _NEIGHBOURHOOD]))
    return found.pop().decode() if len(found) == 1 else ""


def _search(image: Image) -> bytes:
    """The blob at the start of the data segment, where the linker puts it when it makes no section."""
    segment: Part | None = next((part for part in image.segments if part.data and part.size), None)
    if segment is None:
        return b""
    data = image.content(segment, _SEARCHED)
    position = data.find(MAGIC)
    while position >= 0 and (segment.address + position) % _ALIGN:
        position = data.find(MAGIC, position + 1)
    return (
        image.window.read(segment.offset + position, min(_LONGEST, segment.size - position)) if position >= 0 else b""
    )


def _without_blob(image: Image) -> BuildInfo | None:
    """A program whose blob was taken out but whose tables show that Go made it.

    The toolchain's version is then looked for where the linker puts it: a string of its own among the constants.
    """
    if image.section(*_TABLES) is None:
        return None
    constants = image.section(*_CONSTANTS)
    versions = set(_VERSION.findall(image.content(constants, _CONSTANTS_SEARCHED))) if constants else set()
    return BuildInfo(versions.pop().decode() if len(versions) == 1 else "", complete=False)


def _prefixed(data: bytes) -> tuple[bytes, bytes]:
    """A string behind its length as a varint, and what follows it."""
    length = 0
    for index, byte in enumerate(data[:10]):
        length |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            start = index + 1
            if start + length > len(data):
                raise Unreadable("Go build information that breaks off")
            return data[start : start + length], data[start + length :]
    raise Unreadable("Go build information with an impossible length")


def _pointed(image: Image, blob: bytes) -> tuple[bytes, bytes]:
    width = 4 if blob[14] == 4 else 8
    order = "big" if blob[15] & _BIG_ENDIAN else "little"
    found = []
    for start in (16, 16 + width):
        header = image.at(_number(blob[start : start + width], order), 2 * width)
        address, length = _number(header[:width], order), _number(header[width:], order)
        found.append(image.at(address, min(length, _LONGEST)) if len(header) == 2 * width else b"")
    return found[0], found[1]


def _number(data: bytes, order: str) -> int:
    return int.from_bytes(data, "big" if order == "big" else "little")


def _unframed(text: bytes) -> bytes:
    """The module text without the 16 bytes that mark its start and its end; nothing when they are not there."""
    return text[_FRAME:-_FRAME] if len(text) > 2 * _FRAME and text[-_FRAME - 1 : -_FRAME] == b"\n" else b""


def _parsed(toolchain: str, text: str) -> BuildInfo:
    program = ""
    main: Module | None = None
    modules: list[Module] = []
    settings: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        kind, _, rest = line.partition("\t")
        if kind == "build":
            name, _, value = rest.partition("=")
            settings[name] = _unquoted(value)
            continue
        path, _, rest = rest.partition("\t")
        module = Module(path, rest.partition("\t")[0])
        if kind == "path":
            program = path
        elif kind == "mod":
            main = module
        elif kind == "dep":
            modules.append(module)
        elif kind == "=>" and last == "mod" and main is not None:
            main = Module(main.path, main.version, module)
        elif kind == "=>" and last == "dep":
            modules[-1] = Module(modules[-1].path, modules[-1].version, module)
        last = kind
    return BuildInfo(toolchain, program, main, modules, settings)


_QUOTED = re.compile(r'"(?:[^"\\]|\\["\\/bfnrtu])*"')


def _unquoted(value: str) -> str:
    """Settings with blanks or quotes are written as Go string literals, which mostly are JSON strings."""
    if _QUOTED.fullmatch(value):
        try:
            return str(json.loads(value, strict=False))
        except ValueError:
            return value[1:-1]
    return value.strip("`")
