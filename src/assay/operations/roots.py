"""From a word on the command line to the target's identity and its inventory."""

import hashlib
import os
import platform as machine
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from assay.collect.image import Image
from assay.collect.platform import parse_platform
from assay.collect.resolve import Wish
from assay.collect.target import TargetKind, TargetSpec, parse_target
from assay.errors import Invalid, LimitExceeded, NotFound, Unreadable
from assay.extract import registry
from assay.extract.contract import OsRelease
from assay.extract.merge import LayerAnalysis
from assay.extract.walk import Analysis
from assay.model.inventory import ExtractError, Inventory
from assay.model.report import Target
from assay.operations.analysis_cache import AnalysisCache
from assay.operations.inventory import Reading, image_inventory, merged, tree_inventory

_LARGEST_SBOM = 1 << 30


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """``platform`` chooses from a multi-platform image; ``offline`` refuses registries; ``notify`` is told what is
    going on; ``manifests`` None lets the root decide whether lock files count.
    """

    platform: str = ""
    offline: bool = False
    plain_http: bool = False
    manifests: bool | None = None
    cache_dir: Path | None = None
    notify: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """What was asked for and what is in it."""

    target: Target
    inventory: Inventory
    notices: tuple[str, ...] = ()


def read_root(text: str, options: ScanOptions) -> Root:
    """Open the target and take its inventory. Raises NotFound, Invalid, Denied, Unavailable or Unreadable."""
    spec = parse_target(text)
    if options.notify:
        options.notify(f"reading {spec}")
    extractors = registry.all_extractors()
    cache = AnalysisCache(options.cache_dir / "layers", extractors) if options.cache_dir else None
    reading = Reading(cache=cache, manifests=options.manifests)
    match spec.kind:
        case TargetKind.IMAGE | TargetKind.OCI_DIR | TargetKind.DOCKER_ARCHIVE:
            return _read_image(spec, options, reading)
        case TargetKind.DIR:
            return _read_directory(spec, spec.value, reading)
        case TargetKind.HOST:
            return _read_directory(spec, "/", reading)
        case TargetKind.ZIP:
            return _read_archive(spec, reading)
        case TargetKind.SBOM:
            return _read_document(spec)
        case TargetKind.DISK:
            raise Invalid(f"{spec}: raw disks cannot be read yet: mount the disk and scan dir:PATH")


def _read_image(spec: TargetSpec, options: ScanOptions, reading: Reading) -> Root:
    wish = Wish(parse_platform(options.platform) if options.platform else None, reading.limits)
    if spec.kind is TargetKind.OCI_DIR:
        from assay.collect.layout import FolderFiles, open_layout

        return _image_root(spec, open_layout(FolderFiles(spec.value), spec.value, spec.reference, wish), reading)
    if spec.kind is TargetKind.DOCKER_ARCHIVE:
        from assay.collect.dockerarchive import open_archive

        with open_archive(spec.value, spec.reference, wish) as image:
            return _image_root(spec, image, reading)
    if options.offline:
        raise Invalid(f"{spec}: a registry image needs the network, and --offline was given")
    from assay.collect.registry import open_registry_image

    with open_registry_image(spec.value, wish, plain_http=options.plain_http) as image:
        return _image_root(spec, image, reading)


def _image_root(spec: TargetSpec, image: Image, reading: Reading) -> Root:
    layers = tuple(layer.diff_id or layer.digest for layer in image.layers)
    name, digest = _shown(spec.value), image.digest or image.config_digest
    target = Target(spec.kind, name, digest, image.tags, image.platform, layers)
    return Root(target, image_inventory(image, reading), image.notices)


def _read_directory(spec: TargetSpec, path: str, reading: Reading) -> Root:
    from assay.collect.directory import DirectoryTree

    inventory = tree_inventory(DirectoryTree(path, limits=reading.limits), reading)
    if spec.kind is TargetKind.HOST:
        inventory = replace(inventory, running_kernel=machine.release())
    return Root(Target(spec.kind, _shown(spec.value or machine.node() or "host")), inventory)


def _read_archive(spec: TargetSpec, reading: Reading) -> Root:
    from assay.collect.archive import open_archive_tree

    with open_archive_tree(spec.value, reading.limits) as tree:
        inventory = tree_inventory(tree, reading)
    with Path(spec.value).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Root(Target(spec.kind, _shown(spec.value), f"sha256:{digest}"), inventory)


def _read_document(spec: TargetSpec) -> Root:
    from assay.extract.sbom import read_sbom

    data = read_small(Path(spec.value), _LARGEST_SBOM)
    digest = hashlib.sha256(data).hexdigest()
    try:
        document = read_sbom(data)
    except Unreadable as error:
        raise type(error)(f"{spec.value}: {error}") from error
    analysis = Analysis(
        packages=document.packages,
        releases=(OsRelease(document.os),) if document.os else (),
        errors=tuple(ExtractError("sbom", "", problem.message, kind=problem.kind) for problem in document.problems),
    )
    return Root(
        Target(spec.kind, _shown(spec.value), f"sha256:{digest}"), merged([LayerAnalysis("", analysis)], Reading())
    )


def read_small(path: Path, most: int) -> bytes:
    """The content of a file or pipe of at most ``most`` bytes; a pipe without a writer is empty and does not block.

    Raises NotFound, Unreadable or LimitExceeded.
    """
    try:
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            os.set_blocking(file.fileno(), True)
            data = b"".join(_pieces(file, most))
    except FileNotFoundError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise Unreadable(f"{path} cannot be read: {reason}") from error
    except MemoryError as error:
        raise LimitExceeded(f"{path}: too large for this machine's memory") from error
    if len(data) > most:
        raise LimitExceeded(f"{path}: more than the {most} bytes that are read of such a file")
    return data


def _pieces(file: BinaryIO, most: int) -> Iterator[bytes]:
    """What the file holds, until more than ``most`` bytes were read."""
    while most >= 0 and (piece := file.read(1 << 20)):
        most -= len(piece)
        yield piece


def _shown(name: str) -> str:
    """A name from the command line as text: what is no UTF-8 in it becomes U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
