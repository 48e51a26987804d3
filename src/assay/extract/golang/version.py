"""How Go writes versions, and how we do: without the leading ``v`` and ``go``."""

import re

_RELEASE = re.compile(r"(\d+(?:\.\d+)*(?:(?:beta|rc)\d+)?)(.*)")


def module_version(text: str) -> str:
    """A module's version; "" where Go knows none: ``(devel)`` and the like."""
    return "" if text.startswith("(") or not text.isprintable() else text.removeprefix("v")


def toolchain_version(text: str) -> str:
    """The release of the standard library in ``go1.21.3``, ``go1.20.4 X:boringcrypto``, ``devel go1.22-a1b2c3 ...``.

    Of vendors' suffixes (``go1.23.6-xyz``, ``go1.18.2b7``) nothing is kept: they say how it was built, not what it is.
    "" for a toolchain that was built from between releases without saying which.
    """
    for word in text.split()[:2]:
        if word.startswith("go"):
            release = _RELEASE.fullmatch(word[2:])
            return release[1] if release else ""
    return ""
