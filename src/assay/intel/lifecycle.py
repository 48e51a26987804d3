"""End-of-life dates of operating system releases, from https://endoflife.date and a built-in table."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path

import msgspec

from assay.errors import NotFound, Unavailable, Unreadable
from assay.intel.feed import Download, Lifecycle, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_files
from assay.intel.lifecycle_table import DATED, TABLE
from assay.intel.reading import decode, read_whole
from assay.intel.times import day
from assay.model.ecosystem import os_scope

_BASE = "https://endoflife.date/api/v1/products/"
_LIMIT = 16 << 20
PRODUCTS: Mapping[str, str] = {
    "almalinux": "almalinux",
    "alpine-linux": "alpine",
    "amazon-linux": "amzn",
    "azure-linux": "azurelinux",
    "debian": "debian",
    "fedora": "fedora",
    "opensuse": "opensuse-leap",
    "oracle-linux": "ol",
    "photon": "photon",
    "rhel": "rhel",
    "rocky-linux": "rocky",
    "sles": "sles",
    "ubuntu": "ubuntu",
}
"""endoflife.date's product names and the distributions' own (ID of os-release)."""


class _Release(msgspec.Struct, rename="camel"):
    name: str = ""
    cycle: str | int | float = ""
    eol_from: str | None = None
    eol: str | bool | None = None
    is_eol: bool = False


class _Product(msgspec.Struct):
    name: str = ""
    releases: list[msgspec.Raw] = []


class _Answer(msgspec.Struct):
    result: _Product | list[_Product]


_ANSWER = msgspec.json.Decoder(_Answer)
_OLD_ANSWER = msgspec.json.Decoder(list[msgspec.Raw])
_RELEASE = msgspec.json.Decoder(_Release)


class EndOfLifeDates:
    """The feed ``lifecycle``: one Lifecycle per release.

    What endoflife.date says (its fields ``eolFrom``, or ``eol`` in answers of the older interface) replaces the
    row of the built-in table; releases it does not know keep theirs. Without any answer the table alone is used,
    so the feed always has data.
    """

    name = "lifecycle"
    urls = tuple(f"{_BASE}{product}" for product in PRODUCTS)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get one answer per product; ``data_at`` is the table's day when the site cannot be reached."""
        files = [RemoteFile(f"{_BASE}{product}", f"{product}.json", _LIMIT, optional=True) for product in PRODUCTS]
        try:
            return fetch_files(transport, into, previous, now, files, dated=lambda _folder: now)
        except (NotFound, Unavailable):
            if previous is not None and previous.validators:
                raise
            into.mkdir(parents=True, exist_ok=True)
            return Download(into, now, datetime.combine(DATED, time(), UTC), changed=previous is None)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Releases by scope."""
        ends: dict[str, date | None] = {
            os_scope(row.distribution, release): date.fromisoformat(end)
            for row in TABLE
            for release, end in row.ends.items()
        }
        malformed: list[Malformed] = []
        for path in sorted(folder.glob("*.json")):
            for found in _answers(path):
                if isinstance(found, Malformed):
                    malformed.append(found)
                else:
                    ends[found.scope] = found.end
        yield from (Lifecycle(scope, end) for scope, end in sorted(ends.items()))
        yield from malformed


def _answers(path: Path) -> Iterator[Lifecycle | Malformed]:
    try:
        products = list(_products(read_whole(path, _LIMIT), path))
    except Unreadable as error:
        yield Malformed(path.name, str(error))
        return
    for product in products:
        distribution = PRODUCTS.get(product.name)
        if distribution is None:
            continue
        for number, raw in enumerate(product.releases):
            place = f"{path.name}: {product.name} releases[{number}]"
            try:
                found = _lifecycle(distribution, decode(_RELEASE, raw, place))
            except Unreadable as error:
                yield Malformed(place, str(error))
                continue
            if found is not None:
                yield found


def _products(data: bytes, path: Path) -> Iterator[_Product]:
    if data.lstrip()[:1] == b"[":
        yield _Product(path.stem, decode(_OLD_ANSWER, data, path.name))
        return
    result = decode(_ANSWER, data, path.name).result
    for product in result if isinstance(result, list) else [result]:
        yield _Product(product.name or path.stem, product.releases)


def _lifecycle(distribution: str, release: _Release) -> Lifecycle | None:
    """None where the end is a fact without a day."""
    name = release.name or str(release.cycle)
    if not name:
        return None
    if distribution == "azurelinux" and name.startswith(("1.", "2.")):
        distribution = "mariner"
    scope = "amzn:1" if distribution == "amzn" and name.startswith("201") else os_scope(distribution, name)
    text = release.eol_from or (release.eol if isinstance(release.eol, str) else "")
    end = day(text)
    if end is None and (release.is_eol or release.eol is True or text):
        return None
    return Lifecycle(scope, end)
