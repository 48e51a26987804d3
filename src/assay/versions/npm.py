"""npm versions: semantic versioning as node-semver reads it, loose forms included (https://github.com/npm/node-semver).

Loose forms are a leading ``v`` or ``=`` and a pre-release without its hyphen (``1.2.3beta1``).
"""

import re

from assay.versions.encoding import refuse
from assay.versions.semver import SHAPE, parts_key

_LOOSE = re.compile(
    r"(?P<numbers>[0-9]++(?:\.[0-9]++){2})-?(?P<pre>[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+)(?:\+[0-9A-Za-z.-]++)?+"
).fullmatch


def split(version: str) -> tuple[str, str | None]:
    """The dotted numbers and the pre-release, None for a release."""
    text = version.strip().lstrip("v= \t")
    found = SHAPE(text) or _LOOSE(text)
    if found is None:
        refuse("npm", version)
    return found["numbers"], found["pre"]


def key(version: str) -> bytes:
    """The version's place in node-semver's order."""
    return parts_key(*split(version))
