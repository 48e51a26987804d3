"""Swift packages: semantic versioning of git tags, often with a leading v (https://docs.swift.org/package-manager/)."""

from assay.versions.semver import semantic_key


def key(version: str) -> bytes:
    """The version's place in the order of Swift."""
    return semantic_key("swift", version)
