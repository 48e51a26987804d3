"""Composer's normal form of a version: four numbers, a stability and ``dev`` (``v1.2-b3`` is ``1.2.0.0-beta3``).

https://getcomposer.org/doc/articles/versions.md. Branches keep their names (``dev-main``) and have no order;
numbered branches (``2.1.x-dev``) stand at the end of their series.
"""

import re

from assay.errors import InvalidVersion
from assay.versions.encoding import refuse

MODIFIER = r"[._-]?+(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?[0-9]++)*+)?+)?+([.-]?dev)?+"
"""A stability with its number, and ``dev``, in lower case."""

_ALIAS = re.compile(r"([^,\s]++) ++as ++[^,\s]++").fullmatch
_FLAG = re.compile(r"@(?:stable|rc|beta|alpha|dev)\Z").search
_BUILD = re.compile(r"([^,\s+]++)\+\S++").fullmatch
_CLASSICAL = re.compile(
    r"v?([0-9]{1,5})(?:\.([0-9]++))?+(?:\.([0-9]++))?+(?:\.([0-9]++))?+" + MODIFIER, re.IGNORECASE
).fullmatch
_DATED = re.compile(r"v?([0-9]{4}(?:[.:-]?[0-9]{2}){1,6}(?:[.:-]?[0-9]{1,3})?)" + MODIFIER, re.IGNORECASE).fullmatch
_BRANCH = re.compile(
    r"v?([0-9]++)(?:\.([0-9]++|[xX*]))?+(?:\.([0-9]++|[xX*]))?+(?:\.([0-9]++|[xX*]))?+[.-]?dev", re.IGNORECASE
).fullmatch
_SEPARATORS = re.compile(r"[.:-]").sub
_STABILITIES = {"a": "alpha", "b": "beta", "p": "patch", "pl": "patch", "rc": "RC"}
_END_OF_SERIES = "9999999"


def is_branch(version: str) -> bool:
    """Whether a normal form is the name of a branch."""
    return version.startswith("dev-")


def normalise(version: str) -> str:
    """The normal form; raises InvalidVersion."""
    text = version.strip()
    alias = _ALIAS(text)
    if alias:
        text = alias[1]
    flag = _FLAG(text.lower())
    if flag:
        text = text[: flag.start()]
    if text in ("master", "trunk", "default"):
        return f"dev-{text}"
    if text[:4].lower() == "dev-":
        return f"dev-{text[4:]}"
    build = _BUILD(text)
    if build:
        text = build[1]
    return _numbered(text) or refuse("composer", version)


def can_normalise(version: str) -> bool:
    """Whether ``normalise`` would answer."""
    try:
        normalise(version)
    except InvalidVersion:
        return False
    return True


def _numbered(text: str) -> str:
    """The normal form of a version that is no branch name; "" when it has none."""
    found = _CLASSICAL(text)
    if found:
        numbers = ".".join(part or "0" for part in found.group(1, 2, 3, 4))
        return numbers + _suffix(*found.group(5, 6, 7))
    found = _DATED(text)
    if found:
        return _SEPARATORS(".", found[1]) + _suffix(*found.group(2, 3, 4))
    found = _BRANCH(text)
    if found is None:
        return ""
    parts = [part if part and part not in "xX*" else _END_OF_SERIES for part in found.groups()]
    return ".".join(parts) + "-dev"


def _suffix(stability: str | None, number: str | None, dev: str | None) -> str:
    word = (stability or "").lower()
    if word == "stable":
        return ""
    text = f"-{_STABILITIES.get(word, word)}{(number or '').lstrip('.-')}" if word else ""
    return f"{text}-dev" if dev else text
