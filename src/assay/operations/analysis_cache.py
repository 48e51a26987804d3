"""Layer analyses on disk, by the layer's digest: a known layer is never read twice, whatever process meets it."""

import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
import zstandard

from assay import __version__
from assay.extract.contract import Extractor
from assay.extract.walk import WALK_VERSION, Analysis

_DIGEST = re.compile(r"[a-z0-9]+:[0-9a-f]{32,128}\Z")
_LARGEST = 1 << 30
_FRESH = ".new-"
_ABANDONED = 3600.0
_DECODER = msgspec.msgpack.Decoder(Analysis)


class AnalysisCache:
    """A folder of analyses, shared by any number of processes: entries appear by rename and are never changed.

    ``limit`` bounds the folder in bytes; ``trim`` drops the entries that were used the longest time ago. Entries of
    other extractor versions live in other folders and go the same way.
    """

    def __init__(self, folder: Path, extractors: Iterable[Extractor], *, limit: int = 2 << 30) -> None:
        self._root = folder
        self._folder = folder / _fingerprint(extractors)
        self._limit = limit

    def load(self, digest: str) -> Analysis | None:
        """The analysis of the layer, or None when it is not there or cannot be read (it is then simply made anew)."""
        path = self._path(digest)
        if path is None:
            return None
        try:
            data = path.read_bytes()
        except OSError:
            return None
        with suppress(OSError):  # a cache that others may only read serves them too
            os.utime(path)
        try:
            if zstandard.frame_content_size(data) > _LARGEST:
                return None
            return _DECODER.decode(zstandard.ZstdDecompressor().decompress(data, max_output_size=_LARGEST))
        except (zstandard.ZstdError, msgspec.MsgspecError, ValueError, MemoryError, RecursionError):
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return None

    def save(self, digest: str, analysis: Analysis) -> None:
        """Keep an analysis, unless it might come out fuller another time: because the layer broke off, or because of
        this machine. A full disk is no error of the scan.
        """
        path = self._path(digest)
        if path is None or not analysis.complete or any(error.extractor == "root" for error in analysis.errors):
            return
        data = zstandard.ZstdCompressor(level=1).compress(msgspec.msgpack.encode(analysis))
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=_FRESH) as fresh:
                written = Path(fresh) / "analysis"
                written.write_bytes(data)
                written.replace(path)
        except OSError:
            return

    def trim(self) -> None:
        """Keep the folder within its limit."""
        entries = []
        try:
            found = list(self._root.glob("*/*/*"))
        except OSError:
            return
        for path in found:
            try:
                status = path.lstat()
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                entries.append((status.st_mtime, status.st_size, path))
            elif path.name.startswith(_FRESH) and status.st_mtime < time.time() - _ABANDONED:
                shutil.rmtree(path, ignore_errors=True)  # what a process that was killed has left
        excess = sum(size for _, size, _ in entries) - self._limit
        for _, size, path in sorted(entries):
            if excess <= 0:
                return
            with suppress(OSError):
                path.unlink(missing_ok=True)
            excess -= size

    def _path(self, digest: str) -> Path | None:
        if not _DIGEST.match(digest):
            return None
        value = digest.partition(":")[2]
        return self._folder / value[:2] / value[2:]


def _fingerprint(extractors: Iterable[Extractor]) -> str:
    versions = sorted((extractor.name, extractor.version) for extractor in extractors)
    return hashlib.sha256(repr((__version__, WALK_VERSION, versions)).encode()).hexdigest()[:16]
