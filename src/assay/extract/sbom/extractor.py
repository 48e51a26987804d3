"""SBOMs that are shipped inside a root: what their publisher says is in there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assay.extract.contract import MANIFEST, Fact, Wants
from assay.extract.sbom.document import detect, read_sbom
from assay.model.tree import SourceFile

_WANTS = Wants(
    extensions=frozenset({".json", ".xml", ".spdx", ".cdx"}),
    pattern=re.compile(
        r"\.(?:spdx|cdx)$|\.(?:spdx|cdx|cyclonedx|bom|sbom)\.(?:json|xml)$|(?:^|/)sboms?/(?:.*/)?[^/]+\.(?:json|xml)$",
        re.IGNORECASE,
    ),
)


@dataclass(frozen=True, slots=True)
class SbomFiles:
    """Reads ``*.cdx.json``, ``*.spdx.json``, ``*.spdx`` and their like, and what lies in folders named ``sbom``.

    Bitnami (``opt/bitnami/*/.spdx-*.spdx``), Chainguard (``var/lib/db/sbom``), Docker's hardened images
    (``usr/local/share/sbom``) and Python distributions (PEP 770, ``*.dist-info/sboms``) ship them. A file of such a
    name that is no SBOM says nothing. Every package has the SBOM as its path.
    """

    name: str = "sbom"
    version: int = 1
    wants: Wants = _WANTS
    max_size: int = MANIFEST
    needs_siblings: bool = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        data = file.read()
        if detect(data) is None:
            return
        found = read_sbom(data, extractor="sbom")
        stated = (replace(package, path=file.path, layer="", owner="") for package in found.packages)
        yield from dict.fromkeys(stated)
        yield from found.problems
