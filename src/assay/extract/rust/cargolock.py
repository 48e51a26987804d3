"""Crates locked in a ``Cargo.lock``, versions 1 to 4 of the format.

https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html. Members of the workspace and other local crates
have no source; they are listed too.
"""

from collections.abc import Iterator

from assay.extract.contract import Fact, Wants
from assay.extract.listing import Listing
from assay.extract.python.toml_document import MAX_TOML, read_toml, tables
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile


class CargoLock:
    """Every locked crate; the file does not say which are for development."""

    name = "cargo-lock"
    version = 1
    wants = Wants(names=frozenset({"Cargo.lock"}))
    max_size = MAX_TOML
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        document = read_toml(file.read())
        listing = Listing(self.name, Ecosystem.CARGO, file.path)
        for name, version, _ in tables(document, "package", listing):
            listing.add(name, version)
        yield from listing.facts()
