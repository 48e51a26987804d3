"""What a word on the command line means: ``kind:value``, or a bare value whose kind shows in what is there."""

import itertools
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assay.collect.compression import Compression, decompressed, detect
from assay.collect.limits import DEFAULT_LIMITS, Meter
from assay.collect.reference import parse_reference
from assay.collect.stream import FileSlice
from assay.collect.tarwalk import TarTree
from assay.errors import Invalid, NotFound, Unreadable


class TargetKind(StrEnum):
    """The prefixes of the command line."""

    IMAGE = "image"
    OCI_DIR = "oci-dir"
    DOCKER_ARCHIVE = "docker-archive"
    DIR = "dir"
    DISK = "disk"
    ZIP = "zip"
    SBOM = "sbom"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """``value`` is a path, an image name, or "" for the host. ``reference`` chooses an image where a path holds
    several: ``oci-dir:PATH:TAG``.
    """

    kind: TargetKind
    value: str
    reference: str = ""

    def __str__(self) -> str:
        return self.kind + (f":{self.value}" if self.value else "") + (f":{self.reference}" if self.reference else "")


_PATHS = frozenset({TargetKind.OCI_DIR, TargetKind.DOCKER_ARCHIVE, TargetKind.DIR, TargetKind.ZIP, TargetKind.SBOM})
_PREFIXES = frozenset(TargetKind) - {TargetKind.HOST}
_HOLD_IMAGES = frozenset({TargetKind.OCI_DIR, TargetKind.DOCKER_ARCHIVE})
_HEAD = 64 << 10
_SBOM_MARKS = re.compile(
    rb'"bomFormat"\s*:\s*"CycloneDX"|"spdxVersion"\s*:\s*"SPDX-|"SPDXID"\s*:\s*"SPDXRef-DOCUMENT"'
    rb'|"@context"\s*:\s*\[?\s*"https://spdx\.org/rdf/3|<(?:\w+:)?bom\s[^>]*cyclonedx\.org/schema/bom'
    rb"|^SPDXVersion:\s*SPDX-",
    re.MULTILINE,
)
_IMAGE_MEMBER = re.compile(
    r"(?:manifest\.json|oci-layout|repositories|blobs/sha256(?:/[0-9a-f]{64})?"
    r"|(?:sha256:)?[0-9a-f]{64}(?:\.json|\.tar\.gz|\.tar|/layer\.tar|/VERSION)?)\Z"
)
_LOOKED_AT = 64
_DISK_MARKS = (b"QFI\xfb", b"KDMV", b"conectix", b"vhdxfile", b"COWD")


def parse_target(text: str) -> TargetSpec:
    """Read a target. A prefix decides; without one the path is looked at, and what is no path is an image name.

    Raises ``NotFound`` for a path that does not exist and ``Invalid`` for what can be neither.
    """
    if not text.strip():
        raise Invalid("the target is empty; name an image, a path, or host")
    prefix, colon, value = text.partition(":")
    if prefix == TargetKind.HOST and not value:
        return TargetSpec(TargetKind.HOST, "")
    if colon and prefix in _PREFIXES:
        return _prefixed(TargetKind(prefix), value)
    if os.path.lexists(text):
        return TargetSpec(_guess(text), text)
    split = _existing_part(text)
    if split and (kind := _guess(split[0])) in _HOLD_IMAGES:
        return TargetSpec(kind, *split)
    return _image(text)


def _prefixed(kind: TargetKind, value: str) -> TargetSpec:
    if kind is TargetKind.DISK:
        raise Invalid(
            f"disk:{value}: raw disks cannot be read yet;"
            " mount the volume read-only (mount -o ro,noload) and scan dir:MOUNTPOINT"
        )
    if not value:
        raise Invalid(f"{kind}: needs a value after the colon")
    if kind is TargetKind.IMAGE:
        parse_reference(value)
        return TargetSpec(kind, value)
    if kind in _PATHS and not Path(value).exists():
        if kind in _HOLD_IMAGES and (split := _existing_part(value)):
            return TargetSpec(kind, *split)
        raise NotFound(f"{kind}:{value}: no such {'directory' if kind is TargetKind.DIR else 'file or directory'}")
    return TargetSpec(kind, value)


def _existing_part(value: str) -> tuple[str, str] | None:
    """Cut ``PATH:REFERENCE``, which may hold more colons, where the path exists; None when no part of it does."""
    for match in re.finditer(":", value):
        if match.start() and Path(value[: match.start()]).exists():
            return value[: match.start()], value[match.end() :]
    return None


def _image(text: str) -> TargetSpec:
    looks_like_path = text.startswith(("/", "./", "../", "~"))
    try:
        if not looks_like_path:
            parse_reference(text)
            return TargetSpec(TargetKind.IMAGE, text)
    except Invalid as error:
        raise NotFound(f"{text}: no such file or directory, and no image name either ({error})") from error
    raise NotFound(f"{text}: no such file or directory")


def _guess(path: str) -> TargetKind:
    """The kind of an existing path, by its content."""
    if Path(path).is_dir():
        is_layout = Path(path, "oci-layout").is_file() and Path(path, "index.json").is_file()
        return TargetKind.OCI_DIR if is_layout else TargetKind.DIR
    if not Path(path).is_file():
        raise Invalid(f"{path}: neither a file nor a directory; write the kind before it, for example sbom:{path}")
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    return _guess_file(path, head)


def _guess_file(path: str, head: bytes) -> TargetKind:
    if is_sbom(head):
        return TargetKind.SBOM
    if head[:4] in {b"PK\3\4", b"PK\5\6"}:
        return TargetKind.ZIP
    if head.startswith(_DISK_MARKS):
        raise Invalid(f"{path}: a disk image, which cannot be read yet; mount it read-only and scan dir:MOUNTPOINT")
    if head[257:262] == b"ustar" or detect(head) is not Compression.NONE:
        return TargetKind.DOCKER_ARCHIVE if holds_image(path) else TargetKind.ZIP
    from zipfile import is_zipfile

    if is_zipfile(path):
        return TargetKind.ZIP
    raise Invalid(f"{path}: neither an archive nor an SBOM that Assay knows; to scan a single file, name its directory")


def is_sbom(head: bytes) -> bool:
    """Whether the first bytes of a file announce a CycloneDX or SPDX document, in any of their forms."""
    return _SBOM_MARKS.search(head) is not None


def holds_image(path: str) -> bool:
    """Whether a tar, compressed or not, is an image archive: its first members have the names that only those have.

    Raises ``Unreadable`` when it is no tar at all.
    """
    with FileSlice(path) as source:
        tree = TarTree(decompressed(source, path, Meter(path, DEFAULT_LIMITS)), path)
        members = itertools.islice(tree.entries(), _LOOKED_AT)
        return any(_IMAGE_MEMBER.match(entry.path) for entry in members)
