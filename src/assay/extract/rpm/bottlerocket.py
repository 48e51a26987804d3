"""Packages of Bottlerocket, whose image has no rpm database but a list of what was put in.

https://github.com/bottlerocket-os/bottlerocket, file ``application-inventory.json``:
``{"Content": [{"Name", "Version", "Release", "Epoch", "Architecture", "Publisher"}]}``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import Fact, Wants
from assay.extract.rpm.extractor import component
from assay.extract.rpm.header import Header
from assay.model.component import Package
from assay.model.tree import SourceFile

_WANTS = Wants(
    paths=frozenset(
        f"{root}usr/share/bottlerocket/application-inventory.json"
        for root in ("", "x86_64-bottlerocket-linux-gnu/sys-root/", "aarch64-bottlerocket-linux-gnu/sys-root/")
    )
)


class _Item(msgspec.Struct, rename="pascal"):
    name: str
    version: str
    release: str = ""
    epoch: str | int = ""
    architecture: str = ""
    publisher: str = ""


class _Inventory(msgspec.Struct, rename="pascal"):
    content: list[_Item]


@dataclass(frozen=True, slots=True)
class Bottlerocket:
    """Reads ``usr/share/bottlerocket/application-inventory.json``."""

    name: str = "bottlerocket"
    version: int = 1
    wants: Wants = _WANTS
    max_size: int = 8 << 20
    needs_siblings: bool = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        try:
            inventory = msgspec.json.decode(file.read(), type=_Inventory)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise Unreadable(f"not an application inventory: {error}") from error
        for item in inventory.content:
            text = str(item.epoch)
            epoch = int(text) if text.isdecimal() and len(text) < 10 else None
            header = Header(item.name, item.version, item.release, epoch, item.architecture, vendor=item.publisher)
            yield Package(component(header, {}), file.path, extractor="bottlerocket")
