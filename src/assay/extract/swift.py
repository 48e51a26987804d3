"""Swift packages locked in ``Package.resolved``, versions 1 to 3 of the format.

https://github.com/swiftlang/swift-package-manager: ``Sources/PackageGraph/ResolvedPackagesStore.swift``. A package is
named by the address of its repository, one from a registry by its identity. A pin to a branch or a revision has no
version.
"""

import re
from collections.abc import Iterator

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.jsonc import ARRAY, NOTHING, part, read_json, text
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_SCHEME = re.compile(r"^(?:https?://(?:[^/@]*@)?|ssh://git@|git@|git://)")


class _Document(msgspec.Struct):
    pins: msgspec.Raw = NOTHING
    object: msgspec.Raw = NOTHING


class _Pin(msgspec.Struct):
    identity: msgspec.Raw = NOTHING
    location: msgspec.Raw = NOTHING
    repository: msgspec.Raw = msgspec.field(name="repositoryURL", default=NOTHING)
    state: msgspec.Raw = NOTHING


class _State(msgspec.Struct):
    version: msgspec.Raw = NOTHING


_DOCUMENT = msgspec.json.Decoder(_Document)
_PIN = msgspec.json.Decoder(_Pin)
_STATE = msgspec.json.Decoder(_State)


class SwiftResolved:
    """The pins of ``Package.resolved``."""

    name = "swift-resolved"
    version = 1
    wants = Wants(names=frozenset({"Package.resolved"}))
    max_size = MANIFEST
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        document = read_json(file.read(), _DOCUMENT)
        inner = part(document.object, _DOCUMENT) or document
        pins = part(inner.pins, ARRAY)
        if pins is None:
            raise Unreadable("Package.resolved without pins")
        listing = Listing(self.name, Ecosystem.SWIFT, file.path)
        for raw in pins:
            pin = part(raw, _PIN) or _Pin()
            address = text(pin.location) or text(pin.repository)
            state = part(pin.state, _STATE) or _State()
            listing.add(_repository(address) or text(pin.identity), text(state.version))
        yield from listing.facts()


def _repository(address: str) -> str:
    """The repository's address without scheme, user and ``.git``: ``github.com/apple/swift-nio``."""
    plain, schemes = _SCHEME.subn("", address)
    if not address.startswith(("http", "ssh")) and schemes:
        plain = plain.replace(":", "/", 1)
    return plain.rstrip("/").removesuffix(".git")
