"""Packages and file ownership from an rpm database of any kind."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from assay.errors import LimitExceeded, Unreadable
from assay.extract.capped import capped
from assay.extract.contract import DATABASE, Fact, Ownership, Problem, Wants
from assay.extract.rpm import bdb, ndb, sqlite
from assay.extract.rpm.header import Header, parse_header
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.purl import source_of_rpm
from assay.model.tree import SourceFile

_FOLDERS = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
_NAMES = ("rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db", "Packages")
_WANTS = Wants(paths=frozenset(f"{folder}/{name}" for folder in _FOLDERS for name in _NAMES))
_WAL_HEADER = 32


@dataclass(frozen=True, slots=True)
class Rpm:
    """Reads ``rpmdb.sqlite``, ``Packages.db`` (ndb) and ``Packages`` (Berkeley DB), told apart by their first bytes."""

    name: str = "rpm"
    version: int = 1
    wants: Wants = _WANTS
    max_size: int = DATABASE
    needs_siblings: bool = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        if not file.path.endswith("-wal"):
            yield from capped(_facts(file))
        elif file.size > _WAL_HEADER:
            yield Problem("the database has changes in a write-ahead log, which is not read")


def _facts(file: SourceFile) -> Iterator[Fact]:
    headers: list[Header] = []
    problem: Problem | None = None
    with file.open() as reader:
        try:
            for blob in _blobs(reader):
                header = blob if isinstance(blob, Problem) else _header(blob)
                if isinstance(header, Problem):
                    yield header
                elif header.name != "gpg-pubkey":  # a trusted key, stored as if it were a package
                    yield from _ownership(header)
                    headers.append(_without_files(header))
        except Unreadable as error:
            if not headers:
                raise
            problem = Problem(str(error), "limit" if isinstance(error, LimitExceeded) else "unreadable")
    epochs = source_epochs(headers)
    for header in headers:
        licenses = (header.license,) if header.license else ()
        yield Package(component(header, epochs), file.path, extractor="rpm", licenses=licenses)
    if problem:
        yield problem


def _blobs(reader: BinaryIO) -> Iterator[bytes | Problem]:
    start = reader.read(16)
    if start.startswith(sqlite.MAGIC):
        return sqlite.blobs(reader)
    if start.startswith(ndb.MAGIC):
        return ndb.blobs(reader)
    if bdb.is_berkeley(start):
        return bdb.blobs(reader)
    raise Unreadable(f"neither SQLite, ndb nor Berkeley DB: starts with {start.hex()}")


def _header(blob: bytes) -> Header | Problem:
    try:
        return parse_header(blob)
    except Unreadable as error:
        return Problem(str(error))


def _ownership(header: Header) -> Iterator[Fact]:
    if header.files:
        yield Ownership(header.name, header.files)
    if header.files_cut:
        yield Problem(f"file list of {header.name} is larger than it can be", "limit")


def _without_files(header: Header) -> Header:
    return replace(header, files=()) if header.files else header


def component(header: Header, epochs: Mapping[str, int]) -> Component:
    """The component of a header; ``epochs`` are those of source rpms, whose file names lack them."""
    own = f"{header.version}-{header.release}"
    source_name, source_version = source_of_rpm(header.source_rpm)
    epoch = epochs.get(header.source_rpm)
    return Component(
        Ecosystem.RPM,
        header.name,
        _with_epoch(header.epoch, own),
        arch=header.arch,
        source_name=source_name or header.name,
        source_version=_with_epoch(epoch, source_version) or _with_epoch(header.epoch, own),
        module=":".join(header.modularity_label.split(":")[:2]),
        vendor=header.vendor,
    )


def _with_epoch(epoch: int | None, version: str) -> str:
    return f"{epoch}:{version}" if epoch and version else version


def source_epochs(headers: Iterable[Header]) -> dict[str, int]:
    """Epochs of source rpms, learnt from the binaries that have the version of their source.

    rpmbuild hands the source's epoch down to every binary whose spec states none; one that states a version of its
    own (perl-Pod-Escapes of perl) also states an epoch of its own, so it says nothing about its source.
    """
    epochs: dict[str, int] = {}
    for header in headers:
        if header.epoch and source_of_rpm(header.source_rpm)[1].rpartition("-")[0] == header.version:
            epochs.setdefault(header.source_rpm, header.epoch)
    return epochs
