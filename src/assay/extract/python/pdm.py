"""``pdm.lock``: https://pdm-project.org/en/latest/usage/lock/."""

from collections.abc import Iterator

from assay.extract.contract import Fact, Wants
from assay.extract.listing import Listing
from assay.extract.python.toml_document import MAX_TOML, read_toml, strings, tables
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile


class PdmLock:
    """One package per ``[[package]]``.

    The lock file does not tell optional groups from development groups; only the one that PDM itself names ``dev``
    is taken for the latter.
    """

    name = "python-pdm"
    version = 1
    wants = Wants(names=frozenset({"pdm.lock"}))
    max_size = MAX_TOML
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        listing = Listing(self.name, Ecosystem.PYPI, file.path)
        for name, version, package in tables(read_toml(file.read()), "package", listing):
            listing.add(name, version, dev=set(strings(package.get("groups"))) == {"dev"})
        yield from listing.facts()
