"""opkg packages of OpenWrt and Yocto images: a status file in dpkg's format and one file list per package.

https://openwrt.org/docs/guide-user/additional-software/opkg
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assay.errors import Unreadable
from assay.extract.capped import capped
from assay.extract.contract import MANIFEST, Fact, Ownership, Problem, Wants
from assay.extract.dpkg_control import component, stanzas
from assay.model.component import Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_ROOTS = ("usr/lib/opkg", "var/lib/opkg")
_WANTS = Wants(
    paths=frozenset(f"{root}/status" for root in _ROOTS),
    directories=frozenset(f"{root}/info" for root in _ROOTS),
    pattern=re.compile(r"/status$|/info/[^/]+\.list$"),
)


@dataclass(frozen=True, slots=True)
class Opkg:
    """Reads ``usr/lib/opkg/status`` and ``info/*.list``, also below ``var/lib``."""

    name: str = "opkg"
    version: int = 1
    wants: Wants = _WANTS
    max_size: int = MANIFEST
    needs_siblings: bool = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        folder, _, base = file.path.rpartition("/")
        data = file.read()
        if folder.endswith("/info"):
            yield Ownership(base.removesuffix(".list"), _listed(data))
        else:
            yield from capped(_packages(data, file.path))


def _packages(data: bytes, path: str) -> Iterator[Fact]:
    found = False
    for stanza in stanzas(data):
        found = True
        if not stanza.is_present:
            continue
        outcome = component(stanza, Ecosystem.OPKG)
        yield outcome if isinstance(outcome, Problem) else Package(outcome, path, extractor="opkg")
    if not found and data.strip():
        raise Unreadable(f"no opkg stanza in {len(data)} bytes")


def _listed(data: bytes) -> tuple[str, ...]:
    """One path a line; Yocto adds mode and owner after a tab."""
    lines = (line.partition(b"\t")[0].strip() for line in io.BytesIO(data))
    return tuple(path for line in lines if line and (path := line.decode("utf-8", "replace").lstrip("/")))
