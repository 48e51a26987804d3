"""Composer: ``composer.lock`` and ``vendor/composer/installed.json``.

https://getcomposer.org/doc/01-basic-usage.md; https://getcomposer.org/doc/07-runtime.md. Lock files that installed
packages ship for their own development do not count.
"""

import re
from collections.abc import Iterator

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.jsonc import ARRAY, NOTHING, part, read_json, text, texts
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile


class _Entry(msgspec.Struct):
    name: str = ""
    version: str = ""
    license: msgspec.Raw = NOTHING


class _Lock(msgspec.Struct):
    packages: msgspec.Raw = NOTHING
    packages_dev: msgspec.Raw = msgspec.field(name="packages-dev", default=NOTHING)


class _Installed(msgspec.Struct):
    packages: msgspec.Raw = NOTHING
    dev_names: msgspec.Raw = msgspec.field(name="dev-package-names", default=NOTHING)


_LOCK = msgspec.json.Decoder(_Lock)
_INSTALLED = msgspec.json.Decoder(_Installed | list[msgspec.Raw])
_ENTRY = msgspec.json.Decoder(_Entry)


class ComposerLock:
    """One package per member of ``packages`` and, needed only for development, of ``packages-dev``."""

    name = "composer-lock"
    version = 1
    wants = Wants(names=frozenset({"composer.lock"}), pattern=re.compile(r"^(?!(?:.*/)?vendor/[^/]+/[^/]+/)"))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        lock = read_json(file.read(), _LOCK)
        if not lock.packages and not lock.packages_dev:
            raise Unreadable("composer.lock without packages")
        listing = Listing(self.name, Ecosystem.COMPOSER, file.path)
        _add(listing, part(lock.packages, ARRAY) or [], every=False, only=frozenset())
        _add(listing, part(lock.packages_dev, ARRAY) or [], every=True, only=frozenset())
        yield from listing.facts()


class ComposerInstalled:
    """One package per member: version 1 of the file is a list, version 2 an object that also names the dev ones."""

    name = "composer-installed"
    version = 1
    wants = Wants(names=frozenset({"installed.json"}), pattern=re.compile(r"(?:^|/)composer/installed\.json$"))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        installed = read_json(file.read(), _INSTALLED)
        listing = Listing(self.name, Ecosystem.COMPOSER, file.path)
        if isinstance(installed, list):
            _add(listing, installed, every=False, only=frozenset())
        else:
            only = frozenset(texts(installed.dev_names))
            _add(listing, part(installed.packages, ARRAY) or [], every=False, only=only)
        yield from listing.facts()


def _add(listing: Listing, entries: list[msgspec.Raw], *, every: bool, only: frozenset[str]) -> None:
    for raw in entries:
        entry = part(raw, _ENTRY)
        if entry is None or not entry.name or not entry.version:
            listing.reject(text(raw)[:80] or bytes(raw)[:40].decode(errors="replace"))
            continue
        listing.add(entry.name, entry.version, dev=every or entry.name in only, licenses=texts(entry.license))
