"""Dart packages: semantic versioning, but build metadata counts last (https://pub.dev/packages/pub_semver).

``1.0.0`` < ``1.0.0+1`` < ``1.0.0+2``: Dart authors mark fixes of a package outside its own numbering that way.
"""

from assay.versions.encoding import refuse
from assay.versions.semver import END, SHAPE, identifiers_key, parts_key


def key(version: str) -> bytes:
    """The version's place in pub_semver's order."""
    found = SHAPE(version.strip())
    if found is None:
        refuse("pub", version)
    build = found["build"]
    return parts_key(found["numbers"], found["pre"]) + (identifiers_key(build) if build else END)
