"""Packages of a conda environment: ``conda-meta/NAME-VERSION-BUILD.json``.

https://docs.conda.io/projects/conda/en/latest/dev-guide/deep-dives/install.html. Conda builds are a package world of
their own: they hold Python libraries (which have dist-info as well), C libraries, compilers and interpreters. Their
type of package URL is ``conda``, which no advisories name.
"""

import re
from collections.abc import Iterator

import msgspec

from assay.errors import Unreadable
from assay.extract.contract import Fact, Wants
from assay.extract.jsonc import NOTHING, read_json, text
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile


class _Record(msgspec.Struct):
    name: msgspec.Raw = NOTHING
    version: msgspec.Raw = NOTHING
    license: msgspec.Raw = NOTHING


_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_RECORD = msgspec.json.Decoder(_Record)


class CondaInstalled:
    """One package per record of ``conda-meta``."""

    name = "conda-installed"
    version = 1
    wants = Wants(extensions=frozenset({".json"}), pattern=re.compile(r"(?:^|/)conda-meta/[^/]+\.json$"))
    max_size = 32 << 20
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        record = read_json(file.read(), _RECORD)
        name, version = text(record.name), text(record.version)
        if not _NAME.fullmatch(name) or not version or not version.isprintable():
            raise Unreadable("conda record without a usable name and version")
        spdx = text(record.license)
        component = Component(Ecosystem.GENERIC, f"pkg:conda/{name}", version)
        yield Package(component, path=file.path, extractor=self.name, licenses=(spdx,) if spdx else ())
