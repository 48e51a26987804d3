"""Installed gems: the specifications that RubyGems writes beside them, default gems included.

https://guides.rubygems.org/specification-reference/. The files are Ruby, generated in one shape; they are read as
text and never run. The ``# stub:`` comment that RubyGems puts on top for its own quick reading is the second source.
"""

import re
from collections.abc import Iterator

from assay.errors import Unreadable
from assay.extract.contract import Fact, Wants
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_FIELD = re.compile(r"^[ \t]*+\w+\.(name|version|licenses?)[ \t]*+=[ \t]*+([^\n]{1,1000})", re.MULTILINE)
_TEXT = re.compile(r"""(?:Gem::Version\.new[ (]*+)?(?:"([^"\\#]*+)"|'([^'\\]*+)'|%q[<{(]([^>})]*+)[>})])""")
_STUB = re.compile(r"^# stub: (\S++) (\S++) ", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_VERSION = re.compile(r"\d[0-9A-Za-z.-]*")


class GemInstalled:
    """One package per specification; its platform does not matter to its vulnerabilities."""

    name = "gem-installed"
    version = 1
    wants = Wants(
        extensions=frozenset({".gemspec"}), pattern=re.compile(r"(?:^|/)specifications/(?:default/)?[^/]+\.gemspec$")
    )
    max_size = 4 << 20
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        text = file.read().decode("utf-8", errors="replace")
        fields = _fields(text)
        stub = _STUB.search(text)
        name = fields.get("name", [stub[1] if stub else ""])[0]
        version = fields.get("version", [stub[2] if stub else ""])[0]
        if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
            raise Unreadable(f"gem specification without a literal name and version: {name[:40]!r} {version[:40]!r}")
        licenses = tuple(spdx for spdx in fields.get("license", []) if spdx.isprintable())
        yield Package(Component(Ecosystem.GEM, name, version), path=file.path, extractor=self.name, licenses=licenses)


def _fields(text: str) -> dict[str, list[str]]:
    """The literal texts of the first assignment to each field."""
    fields: dict[str, list[str]] = {}
    for found in _FIELD.finditer(text):
        field = found[1].removesuffix("s")
        literals = ["".join(filter(None, literal.groups())) for literal in _TEXT.finditer(found[2])]
        if literals:
            fields.setdefault(field, literals)
    return fields
