"""``poetry.lock`` of Poetry 1 and 2.

https://python-poetry.org/docs/basic-usage/#installing-dependencies. Version 1 states a ``category`` per package,
version 2.1 the dependency ``groups``; ``main`` is what the application needs.
"""

from collections.abc import Iterator

from assay.extract.contract import Fact, Wants
from assay.extract.listing import Listing
from assay.extract.python.toml_document import MAX_TOML, Table, read_toml, strings, tables
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile


class PoetryLock:
    """One package per ``[[package]]``; needed only for development when no group is ``main``."""

    name = "python-poetry"
    version = 1
    wants = Wants(names=frozenset({"poetry.lock"}))
    max_size = MAX_TOML
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        listing = Listing(self.name, Ecosystem.PYPI, file.path)
        for name, version, package in tables(read_toml(file.read()), "package", listing):
            listing.add(name, version, dev=_is_development(package))
        yield from listing.facts()


def _is_development(package: Table) -> bool:
    groups = strings(package.get("groups"))
    if groups:
        return "main" not in groups
    return package.get("category") == "dev"
