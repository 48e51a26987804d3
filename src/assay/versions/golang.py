"""Go versions: module versions (semantic, with ``v``), pseudo-versions, and releases of Go itself.

Module versions follow https://go.dev/ref/mod#versions: ``+incompatible`` and other build metadata do not count and a
pseudo-version is a pre-release. A release of Go (``go1.21.3``, ``go1.22rc1``, also ``1.22rc1``) is read as the
semantic version that the Go vulnerability database uses for it (``1.22.0-rc.1``); what follows a hyphen or a blank
there names a vendor's build or an experiment (``go1.21.3-bigcorp``, ``go1.20.5 X:boringcrypto``).
"""

import re

from assay.versions.semver import parts_key, semantic_key

_TOOLCHAIN = re.compile(r"(go)?+([0-9]++(?:\.[0-9]++)*+)(?:(rc|beta|alpha)([0-9]++))?+(?:[-+ ][!-~ ]*+)?+").fullmatch


def key(version: str) -> bytes:
    """The version's place in Go's order."""
    text = version.strip()
    found = _TOOLCHAIN(text)
    if found and (found[1] or found[3]):
        return parts_key(found[2], f"{found[3]}.{found[4]}" if found[3] else None)
    return semantic_key("golang", version)
