"""Installed Python distributions: wheels (dist-info), eggs and the older forms of distutils and setuptools.

A file counts when its place makes it the metadata of an installation: ``X.dist-info/METADATA``
(https://packaging.python.org/en/latest/specifications/recording-installed-packages/), ``X.egg-info/PKG-INFO``,
``X.egg-info`` (distutils), ``X.egg/EGG-INFO/PKG-INFO``, and ``X.egg`` as a zip file. Editable installations keep
a dist-info or egg-info of their own, so they need nothing special. Directories beginning with ``~`` are what pip
leaves behind when it is interrupted; no interpreter imports them.
"""

import re
from collections.abc import Iterator

from assay.extract.contract import Fact, Wants
from assay.extract.python.egg import read_egg_metadata
from assay.extract.python.metadata import parse_metadata
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_CHUNK = 16 << 10
_BODY = re.compile(rb"\n\r?\n")
_MAX_HEAD = 4 << 20
_INSTALLED = re.compile(
    r"(?:^|/)(?:EGG-INFO/PKG-INFO|(?!~)[^/]*(?:\.dist-info/METADATA|\.egg-info(?:/PKG-INFO)?|\.egg))$"
)


class PythonInstalled:
    """One package per metadata file, with its licence."""

    name = "python-installed"
    version = 1
    wants = Wants(
        names=frozenset({"METADATA", "PKG-INFO"}), extensions=frozenset({".egg", ".egg-info"}), pattern=_INSTALLED
    )
    max_size = 128 << 20
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        path = file.path
        if path.endswith(".egg"):
            with file.open() as reader:
                metadata = parse_metadata(read_egg_metadata(reader, file.size))
            path = f"{path}!/EGG-INFO/PKG-INFO"
        else:
            metadata = parse_metadata(_head(file))
        component = Component(Ecosystem.PYPI, metadata.name, metadata.version)
        yield Package(component, path=path, extractor=self.name, licenses=metadata.licenses)


def _head(file: SourceFile) -> bytes:
    """The file up to the end of its header block; descriptions are long and not read."""
    size = _CHUNK
    with file.open() as reader:
        head = reader.read(size)
        while len(head) == size < _MAX_HEAD and not _BODY.search(head):
            head += reader.read(size)
            size *= 2
    return head
