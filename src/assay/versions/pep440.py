"""Python versions (PEP 440, https://packaging.python.org/specifications/version-specifiers/).

Epoch, release without trailing zeros, pre-release, post-release, development release, local version. A string
that is not PEP 440 sorts before every one that is, among its kind by setuptools' old rule (numbers and words
alternate; ``pre``, ``preview``, ``rc`` and ``dev`` come before the end, other words after), because old releases
on PyPI carry such versions and advisories name them.
"""

import re

from assay.versions.encoding import NUMBERS, ZERO, ascii_version

_RELEASE = re.compile(r"[0-9]++(?:\.[0-9]++)*+").fullmatch
PEP440 = re.compile(
    r"v?+(?:(?P<epoch>[0-9]++)!)?+(?P<release>[0-9]++(?:\.[0-9]++)*+)"
    r"(?P<pre>[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?+[0-9]*+)?+"
    r"(?P<post>-[0-9]++|[-_.]?(?:post|rev|r)[-_.]?+[0-9]*+)?+"
    r"(?P<dev>[-_.]?dev[-_.]?+[0-9]*+)?+"
    r"(?:\+(?P<local>[a-z0-9]++(?:[-_.][a-z0-9]++)*+))?+"
).fullmatch
"""Matches a version in lower case."""

_PRE = re.compile(r"[-_.]?([a-z]++)[-_.]?([0-9]*+)").match
_NUMBER = re.compile(r"[0-9]++").search
_PHASE = {
    "a": b"\x02",
    "alpha": b"\x02",
    "b": b"\x03",
    "beta": b"\x03",
    "c": b"\x04",
    "rc": b"\x04",
    "pre": b"\x04",
    "preview": b"\x04",
}
_ONLY_DEV = b"\x01"
_NO_PRE = b"\x05"
_NO_POST = b"\x01"
_POST = b"\x02"
_DEV = b"\x01"
_NO_DEV = b"\x02"
_NO_LOCAL = b"\x01"
_LOCAL = b"\x02"
_FINAL = _NO_PRE + _NO_POST + _NO_DEV + _NO_LOCAL
_LEGACY = b"\x01"
_LEGACY_PARTS = re.compile(r"[0-9]++|[a-z]++|[.-]|[^0-9a-z.-]++").findall
_LEGACY_WORDS = {"pre": "c", "preview": "c", "-": "final-", "rc": "c", "dev": "@"}


def release_key(release: str) -> bytes:
    """Dotted numbers without trailing zeros; the caller appends something below 0x10."""
    codes = list(map(NUMBERS.__getitem__, release.split(".")))
    while len(codes) > 1 and codes[-1] == ZERO:
        codes.pop()
    return b"".join(codes)


def local_key(local: str | None) -> bytes:
    """A local version: words before numbers, part by part."""
    if not local:
        return _NO_LOCAL
    parts = local.replace("-", ".").replace("_", ".").split(".")
    return _LOCAL + b"".join(
        NUMBERS[part] if part.isdigit() else b"\x02" + part.encode("ascii") + b"\x00" for part in parts
    )


def stem_key(found: re.Match[str]) -> bytes:
    """Epoch, release and pre-release of a PEP 440 match: what its post-releases and local versions share."""
    epoch, release, pre = found.group("epoch", "release", "pre")
    return (NUMBERS[epoch] if epoch else ZERO) + release_key(release) + _pre_key(pre, only_dev=False)


def public_key(found: re.Match[str]) -> bytes:
    """The key of a PEP 440 match up to, not including, its local version."""
    epoch, release, pre, post, dev = found.group("epoch", "release", "pre", "post", "dev")
    return (
        (NUMBERS[epoch] if epoch else ZERO)
        + release_key(release)
        + _pre_key(pre, only_dev=bool(dev) and not post)
        + (_POST + _number(post) if post else _NO_POST)
        + (_DEV + _number(dev) if dev else _NO_DEV)
    )


def _pre_key(pre: str | None, *, only_dev: bool) -> bytes:
    found = _PRE(pre) if pre else None
    if found is None:
        return _ONLY_DEV if only_dev else _NO_PRE
    return _PHASE[found[1]] + NUMBERS[found[2]]


def _number(text: str) -> bytes:
    found = _NUMBER(text)
    return NUMBERS[found[0]] if found else ZERO


def _legacy_key(text: str) -> bytes:
    """setuptools' order of versions before PEP 440, which compared parts as text."""
    parts: list[str] = []
    for piece in _LEGACY_PARTS(text):
        if piece == ".":
            continue
        if piece.isdigit():
            parts.append(piece.zfill(8))
            continue
        part = "*" + _LEGACY_WORDS.get(piece, piece)
        if part < "*final":
            while parts and parts[-1] == "*final-":
                parts.pop()
        while parts and parts[-1] == "00000000":
            parts.pop()
        parts.append(part)
    while parts and parts[-1] == "00000000":
        parts.pop()
    parts.append("*final")
    return _LEGACY + b"".join(part.encode("ascii") + b"\x01" for part in parts)


def key(version: str) -> bytes:
    """The version's place in PEP 440's order, non-PEP 440 strings before all others."""
    if _RELEASE(version):
        return ZERO + release_key(version) + _FINAL
    text = ascii_version("pypi", version).lower()
    found = PEP440(text)
    if found is None:
        return _legacy_key(text)
    return public_key(found) + local_key(found["local"])
