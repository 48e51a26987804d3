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
_SPEC = re.compile(r" {4}(\S++) \(([^\s()-]++)(?:-[^\s()]++)?\)")
_DEPENDENCY = re.compile(r" {2}([^\s!]++)")


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
        for line in data.decode("utf-8-sig", errors="replace").splitlines():
            if line[:1] != " ":
                section = line.strip()
            elif section in _SOURCES:
                spec = _SPEC.fullmatch(line.rstrip())
                if spec:
                    specs.append((spec[1], spec[2]))
            elif section == "DEPENDENCIES":
                dependency = _DEPENDENCY.match(line)
                if dependency:
                    direct.add(dependency[1])
        listing = Listing(self.name, Ecosystem.GEM, file.path)
        for name, version in specs:
            listing.add(name, version, direct=name in direct if direct else None)
        yield from listing.facts()
