"""The dependency list that ``cargo auditable`` puts into binaries.

https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md: a section ``.dep-v0`` with zlib-compressed
JSON. Crates that only the build needed are marked as development packages: their code is not in the binary.
"""

import zlib
from collections.abc import Iterator

import msgspec

from assay.errors import LimitExceeded, Unreadable
from assay.extract.contract import Fact
from assay.extract.jsonc import ARRAY, NOTHING, part, read_json, text
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem

SECTION = ".dep-v0"
LARGEST = 8 << 20
"""Most bytes that are read of the section, and that it may unpack to."""


class _Document(msgspec.Struct):
    packages: msgspec.Raw = NOTHING


class _Crate(msgspec.Struct):
    name: msgspec.Raw = NOTHING
    version: msgspec.Raw = NOTHING
    kind: msgspec.Raw = NOTHING


_DOCUMENT = msgspec.json.Decoder(_Document)
_CRATE = msgspec.json.Decoder(_Crate)


def crates(section: bytes, path: str, extractor: str) -> Iterator[Fact]:
    """The crates of the binary at ``path``; raises Unreadable when the section is not what it should be."""
    try:
        unpack = zlib.decompressobj()
        data = unpack.decompress(section, LARGEST)
    except zlib.error as error:
        raise Unreadable(f"dependency list of cargo auditable cannot be unpacked: {error}") from error
    if unpack.unconsumed_tail:
        raise LimitExceeded(f"dependency list of cargo auditable with more than {LARGEST} bytes")
    packages = part(read_json(data, _DOCUMENT).packages, ARRAY)
    if packages is None:
        raise Unreadable("dependency list of cargo auditable without packages")
    listing = Listing(extractor, Ecosystem.CARGO, path)
    for raw in packages:
        crate = part(raw, _CRATE) or _Crate()
        listing.add(text(crate.name), text(crate.version), dev=text(crate.kind) == "build")
    yield from listing.facts()
