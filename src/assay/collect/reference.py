"""Names of images in registries: ``[registry/]repository[:tag][@digest]``, completed as Docker does.

Grammar: https://github.com/distribution/reference (the form), docker.io and ``library/`` are Docker's own defaults.
"""

import re
from dataclasses import dataclass

from assay.collect.digest import is_digest
from assay.errors import Invalid

_REGISTRY = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9a-fA-F:.]{2,45}\])(?::[0-9]{1,5})?\Z")
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*\Z")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z")
DOCKER_HUB = "docker.io"


@dataclass(frozen=True, slots=True)
class Reference:
    """An image's full name. ``digest`` decides when it is given; ``tag`` is ``latest`` when neither was written."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def name(self) -> str:
        """Registry and repository."""
        return f"{self.registry}/{self.repository}"

    @property
    def version(self) -> str:
        """What the registry is asked for: the digest or the tag."""
        return self.digest or self.tag


def parse_reference(text: str) -> Reference:
    """Read an image name. Raises ``Invalid`` saying which part is wrong."""
    name, at, digest = text.strip().partition("@")
    if at and not is_digest(digest):
        raise Invalid(f"{text!r}: {digest!r} is not a digest (sha256: and 64 hexadecimal digits)")
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        registry, path = first, rest
    else:
        registry, path = DOCKER_HUB, name
    path, colon, tag = path.partition(":")
    if registry in {DOCKER_HUB, "index.docker.io", "registry-1.docker.io"}:
        registry = DOCKER_HUB
        path = path if "/" in path else f"library/{path}"
    if not _REGISTRY.match(registry):
        raise Invalid(f"{text!r}: {registry!r} is not the name of a registry")
    if len(path) > 255 or not _REPOSITORY.match(path):
        raise Invalid(f"{text!r}: {path!r} is not the name of a repository (lower case letters, digits, . _ - and /)")
    if colon and not _TAG.match(tag):
        raise Invalid(f"{text!r}: {tag!r} is not a tag")
    return Reference(registry, path, tag or ("" if digest else "latest"), digest)
