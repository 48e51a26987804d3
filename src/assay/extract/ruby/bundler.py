"""Bundler's ``Gemfile.lock`` and ``gems.locked``: https://bundler.io/man/gemfile.5.html.

Sections without indentation (``GEM``, ``GIT``, ``PATH``, ``PLUGIN SOURCE``) hold ``specs:`` whose members are
indented by four spaces: ``name (version-platform)``. ``DEPENDENCIES`` names what the Gemfile itself asks for.
"""

import re
from collections.abc import Iterator

from assay.errors import Unreadable
from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_SOURCES = frozenset({"GEM", "GIT", "PATH", "PLUGIN SOURCE"})
_LINE = re.compile(
    r"^(?:(?P<section>[A-Z][A-Z ]*+)| {4}(?P<name>[^\s(]++) \((?P<version>[^\s()-]++)(?:-[^\s()]++)?\)"
    r"| {2}(?P<dependency>[^\s!]++)[^\n]*+)\r?$",
    re.MULTILINE,
)


class GemfileLock:
    """One package per specification, whatever its source and platform."""

    name = "gem-lock"
    version = 1
    wants = Wants(
        names=frozenset({"Gemfile.lock", "gems.locked"}), pattern=re.compile(r"^(?!(?:.*/)?gems/[^/]+-\d[^/]*/)")
    )
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        data = file.read()
        if b"\0" in data:
            raise Unreadable("Gemfile.lock that is not text")
        specs: list[tuple[str, str]] = []
        direct: set[str] = set()
        section = ""
        for line in _LINE.finditer(data.decode("utf-8-sig", errors="replace")):
            heading, name, version, dependency = line.groups()
            if heading:
                section = heading.strip()
            elif name and section in _SOURCES:
                specs.append((name, version))
            elif dependency and section == "DEPENDENCIES":
                direct.add(dependency)
        listing = Listing(self.name, Ecosystem.GEM, file.path)
        for name, version in specs:
            listing.add(name, version, direct=name in direct if direct else None)
        yield from listing.facts()
