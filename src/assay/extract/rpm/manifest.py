"""rpm packages of images without an rpm database: the manifest that CBL-Mariner and Azure Linux distroless keep.

One package a line, ten fields between tabs: name, version-release, install time, build time, vendor, epoch, size,
architecture, epoch number, source rpm.
https://github.com/microsoft/azurelinux
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from assay.errors import Unreadable
from assay.extract.contract import MANIFEST, Fact, Problem, Wants
from assay.extract.rpm.extractor import component, source_epochs
from assay.extract.rpm.header import Header
from assay.model.component import Package
from assay.model.tree import SourceFile

_WANTS = Wants(paths=frozenset({"var/lib/rpmmanifest/container-manifest-2"}))


@dataclass(frozen=True, slots=True)
class RpmManifest:
    """Reads ``var/lib/rpmmanifest/container-manifest-2``."""

    name: str = "rpm-manifest"
    version: int = 1
    wants: Wants = _WANTS
    max_size: int = MANIFEST
    needs_siblings: bool = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        headers: list[Header] = []
        bad = 0
        first_bad = ""
        for line in io.BytesIO(file.read()):
            header = _header(line.decode("utf-8", "replace").strip().split("\t", 10))
            if header is None:
                if line.strip():
                    first_bad = first_bad or repr(line[:80])
                    bad += 1
                continue
            headers.append(header)
        epochs = source_epochs(headers)
        for header in headers:
            if header.name != "gpg-pubkey":
                yield Package(component(header, epochs), file.path, extractor="rpm-manifest")
        if bad and not headers:
            raise Unreadable(f"no line of the manifest has the fields of a package: {first_bad}")
        if bad:
            yield Problem(f"{bad} lines of the rpm manifest without the fields of a package: {first_bad}")


def _header(fields: list[str]) -> Header | None:
    if len(fields) < 10 or not fields[0]:
        return None
    version, dash, release = fields[1].rpartition("-")
    if not dash:
        return None
    epoch = int(fields[8]) if fields[8].isdecimal() and len(fields[8]) < 10 else None
    vendor = "" if fields[4] == "(none)" else fields[4]
    return Header(fields[0], version, release, epoch, fields[7], fields[9].strip(), vendor)
