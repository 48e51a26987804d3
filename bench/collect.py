"""How fast layers and directories are read: the floor (unpacking alone), the standard library, and Assay's walk."""

import gzip
import hashlib
import os
import shutil
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import zstandard

from assay.collect.compression import decompressed
from assay.collect.directory import DirectoryTree
from assay.collect.image import Layer
from assay.collect.limits import Limits, Meter
from assay.collect.parallel import Failed, map_layers
from assay.collect.stream import FileSlice, Source
from assay.collect.tarwalk import TarTree
from bench.measure import write_section

HERE = Path(__file__).parent.parent / ".bench" / "collect"
CONTENT = "/usr/share"
PIECE = 512 << 10


def main(runs: int = 3) -> None:
    """Build a layer of this machine's files where missing, measure, rewrite the section of docs/benchmarks.md."""
    plain, packed, frames = _layer_files()
    size = plain.stat().st_size
    rows = ["| what | raw MB/s (wall) | raw MB/s (CPU) |", "|---|---:|---:|"]
    layer = _layer(packed)
    for name, work in {
        "gzip: unpack only (the floor)": lambda: _unpack(packed),
        "gzip: Assay's walk": lambda: _walk(packed),
        "gzip: Assay's walk, digest verified": lambda: _open_layer(layer),
        "gzip: the same layer twice, two processes": lambda: map_layers(_open_layer, [layer] * 2, 2),
        "gzip: gzip and tarfile of the standard library": lambda: _standard(packed),
        "zstd: unpack only (the floor)": lambda: _unpack(frames),
        "zstd: Assay's walk": lambda: _walk(frames),
        "none: Assay's walk": lambda: _walk_plain(plain),
        "none: tarfile of the standard library": lambda: _standard(plain),
    }.items():
        wall, cpu = _best(work, runs)
        raw = size * (2 if "twice" in name else 1) / 1e6
        rows.append(f"| {name} | {raw / wall:.0f} | {raw / cpu:.0f} |")
    entries = sum(1 for _ in DirectoryTree("/usr").entries())
    wall, cpu = _best(lambda: sum(1 for _ in DirectoryTree("/usr").entries()), runs)
    write_section(
        "Reading layers and directories",
        f"One layer made of {CONTENT}: {size / 1e6:.0f} MB raw. Best of {runs} runs in one process.\n\n"
        + "\n".join(rows)
        + f"\n\nDirectory walk of /usr: {entries} entries in {wall:.2f} s ({cpu:.2f} s CPU).",
    )


def _layer_files() -> tuple[Path, Path, Path]:
    """The layer uncompressed, gzipped as docker does, and as zstd."""
    HERE.mkdir(parents=True, exist_ok=True)
    plain, packed, frames = HERE / "layer.tar", HERE / "layer.tar.gz", HERE / "layer.tar.zst"
    if not plain.exists():
        with tarfile.open(HERE / "part", "w", format=tarfile.PAX_FORMAT) as archive:
            archive.add(CONTENT, CONTENT.strip("/"))
        (HERE / "part").rename(plain)
    for path in (packed, frames):
        if not path.exists():
            with plain.open("rb") as source, _writer(path) as target:
                shutil.copyfileobj(source, target, PIECE)
            (HERE / "part").rename(path)
    return plain, packed, frames


def _writer(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(HERE / "part", "wb", 6)
    return zstandard.open(HERE / "part", "wb")


def _layer(path: Path) -> Layer:
    with path.open("rb") as file:
        digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    opener: Callable[[], Source] = lambda: FileSlice(str(path))  # noqa: E731
    return Layer("", digest, path.stat().st_size, "", opener)


def _open_layer(layer: Layer) -> int | Failed:
    with layer.open_tree() as tree:
        return sum(1 for _ in tree.entries())


def _unpack(path: Path) -> None:
    with FileSlice(str(path)) as source:
        reader, view = decompressed(source, str(path), Meter(str(path), Limits())), memoryview(bytearray(PIECE))
        while reader.readinto(view):
            pass


def _walk(path: Path) -> int:
    with FileSlice(str(path)) as source:
        tree = TarTree(decompressed(source, str(path), Meter(str(path), Limits())), str(path), layer=True)
        return sum(1 for _ in tree.entries())


def _walk_plain(path: Path) -> int:
    with FileSlice(str(path)) as source:
        return sum(1 for _ in TarTree(source, str(path), layer=True).entries())


def _standard(path: Path) -> int:
    with tarfile.open(path) as archive:
        return sum(1 for _ in archive)


def _best(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """The least wall and CPU seconds, those of ended child processes included."""
    walls, cpus = [], []
    for _ in range(runs):
        before, start = os.times(), time.perf_counter()
        work()
        after = os.times()
        walls.append(time.perf_counter() - start)
        cpus.append(sum(after[:4]) - sum(before[:4]))
    return min(walls), min(cpus)
