"""NuGet versions: semantic versioning with an optional fourth number; case does not matter.

https://learn.microsoft.com/nuget/concepts/package-versioning
"""

from assay.versions.semver import semantic_key


def key(version: str) -> bytes:
    """The version's place in NuGet's order."""
    return semantic_key("nuget", version.lower())
