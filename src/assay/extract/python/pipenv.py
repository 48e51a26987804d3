"""``Pipfile.lock``: https://pipenv.pypa.io/en/latest/pipfile.html."""

from collections.abc import Iterator

import msgspec

from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.jsonc import NOTHING, OBJECT, part, read_json, text
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile


class _Entry(msgspec.Struct):
    version: msgspec.Raw = NOTHING
    path: msgspec.Raw = NOTHING
    file: msgspec.Raw = NOTHING


_ENTRY = msgspec.json.Decoder(_Entry)


class PipfileLock:
    """``default`` and every other category; ``develop`` is needed only for development.

    A local path or file without a version is the project's own and is left out.
    """

    name = "python-pipenv"
    version = 1
    wants = Wants(names=frozenset({"Pipfile.lock"}))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        listing = Listing(self.name, Ecosystem.PYPI, file.path)
        for category, content in read_json(file.read(), OBJECT).items():
            if category == "_meta":
                continue
            for name, raw in (part(content, OBJECT) or {}).items():
                _add(listing, name, raw, dev=category == "develop")
        yield from listing.facts()


def _add(listing: Listing, name: str, raw: msgspec.Raw, *, dev: bool) -> None:
    entry = part(raw, _ENTRY)
    if entry is None:
        listing.reject(name[:80])
        return
    version = text(entry.version).removeprefix("==").removeprefix("=").strip()
    if version or not (entry.path or entry.file):
        listing.add(name, "" if version == "*" else version, dev=dev)
