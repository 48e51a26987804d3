"""Manifests of Java archives (META-INF/MANIFEST.MF) and Java properties: bytes to attributes.

https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest
"""

import re
from collections.abc import Mapping

_CONTINUED = re.compile(rb"(?:\r\n|\n|\r(?!\n)) ")
_BLANK = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:[ \t]*(?:\r\n|\n|\r(?!\n)))+")
_PACKAGE_ATTRIBUTES = ("implementation-", "specification-")


def parse_manifest(data: bytes) -> Mapping[str, str]:
    """The main attributes by lower-case name.

    Where the main section says nothing about the implementation, the first section about a package that does is
    taken (Ant writes its manifests that way): ``Implementation-*`` and ``Specification-*`` of it.
    """
    sections = _BLANK.split(_CONTINUED.sub(b"", data.lstrip(b"\xef\xbb\xbf\r\n")), 256)
    attributes = _attributes(sections[0])
    if "implementation-version" not in attributes:
        for section in sections[1:]:
            if b"mplementation-Version" in section:
                for name, value in _attributes(section).items():
                    if name.startswith(_PACKAGE_ATTRIBUTES):
                        attributes.setdefault(name, value)
                break
    return attributes


def parse_properties(data: bytes) -> Mapping[str, str]:
    """The pairs of a Java properties file, as far as Maven writes them: one a line, no escapes in what we need."""
    pairs: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        if line[:1] not in ("#", "!", ""):
            key, mark, value = line.partition("=")
            if mark:
                pairs.setdefault(key.strip(), value.strip())
    return pairs


def _attributes(section: bytes) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for line in section.decode("utf-8", "replace").splitlines():
        name, mark, value = line.partition(":")
        if mark:
            attributes.setdefault(name.strip().lower(), value.strip())
    return attributes
