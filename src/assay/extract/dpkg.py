"""Debian packages: dpkg's status file, the per-package files of distroless images, and which files they own.

https://manpages.debian.org/dpkg.1, https://manpages.debian.org/deb822.5,
https://github.com/GoogleContainerTools/distroless/blob/main/PACKAGE_METADATA.md
"""

import base64
import binascii
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

_ROOTS = ("var/lib/dpkg", "usr/lib/dpkg")
_WANTS = Wants(
    paths=frozenset(f"{root}/status" for root in _ROOTS),
    directories=frozenset(f"{root}/{folder}" for root in _ROOTS for folder in ("status.d", "info")),
    pattern=re.compile(r"/status$|/status\.d/[^/]+$|/info/[^/]+\.list$"),
)


@dataclass(frozen=True, slots=True)
class Dpkg:
    """Reads ``var/lib/dpkg/status``, ``status.d/*`` and ``info/*.list``."""

    name: str = "dpkg"
    version: int = 1
    wants: Wants = _WANTS
    max_size: int = MANIFEST
    needs_siblings: bool = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        folder, _, base = file.path.rpartition("/")
        if folder.endswith("/info"):
            # info/libc6:amd64.list is the list of package libc6, one absolute path a line
            yield Ownership(base.removesuffix(".list").partition(":")[0], _listed(file.read()))
        elif base.endswith(".md5sums"):
            yield Ownership(_package_name(base.removesuffix(".md5sums")), _summed(file.read()))
        else:
            yield from capped(_packages(file, whole=folder.endswith("/status.d")))


def _packages(file: SourceFile, *, whole: bool) -> Iterator[Fact]:
    """Packages of a status file; in ``status.d`` (``whole``) a stanza without a Status field is installed."""
    data = file.read()
    found = False
    for stanza in stanzas(data):
        found = True
        if not stanza.is_present and not (whole and not stanza.status):
            continue
        outcome = component(stanza, Ecosystem.DEB)
        if isinstance(outcome, Problem):
            yield outcome
        else:
            yield Package(outcome, file.path, extractor="dpkg")
    if not found and data.strip():
        raise Unreadable(f"no dpkg stanza in {len(data)} bytes")


def _listed(data: bytes) -> tuple[str, ...]:
    lines = (line.rstrip(b"\r\n") for line in io.BytesIO(data) if line[:1] == b"/")
    return tuple(line[1:].decode("utf-8", "replace") for line in lines if len(line) > 1)


def _summed(data: bytes) -> tuple[str, ...]:
    """Paths of md5sum(1) output: 32 hex digits, two spaces, the path without its first slash."""
    lines = (line.rstrip(b"\r\n") for line in io.BytesIO(data) if line[32:33] == b" ")
    paths = (line[34:].decode("utf-8", "replace").removeprefix("./").lstrip("/") for line in lines)
    return tuple(path for path in paths if path)


def _package_name(stem: str) -> str:
    """Old distroless images name the files by the package name in base64; package names have no capitals."""
    if stem == stem.lower():
        return stem
    try:
        return base64.b64decode(stem + "=" * (-len(stem) % 4), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return stem
