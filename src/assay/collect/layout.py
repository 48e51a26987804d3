"""Images on disk in the OCI image layout, as a folder or inside a tar.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from assay.collect.digest import is_digest
from assay.collect.image import Image
from assay.collect.manifest import Descriptor, parse_document
from assay.collect.resolve import Wish, choose, load_image, others_offered, read_manifest
from assay.collect.stream import FileSlice, Source
from assay.errors import Invalid, LimitExceeded, NotFound, Unreadable

_NAMES = ("org.opencontainers.image.ref.name", "io.containerd.image.name")


class Files(Protocol):
    """Named files that can be read in place: a folder, or the members of a tar."""

    def locate(self, path: str, /) -> tuple[str, int, int] | None:
        """The file, offset and length behind a name; None when there is none."""


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files under a folder."""

    root: str

    def locate(self, path: str, /) -> tuple[str, int, int] | None:
        file = Path(self.root, path)
        try:
            return (str(file), 0, file.stat().st_size) if file.is_file() else None
        except (OSError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class MemberFiles:
    """The members of the tar at ``archive``: name to (offset, length)."""

    archive: str
    members: Mapping[str, tuple[int, int]]

    def locate(self, path: str, /) -> tuple[str, int, int] | None:
        member = self.members.get(path)
        return (self.archive, *member) if member else None


def read_file(files: Files, path: str, limit: int, place: str) -> bytes:
    """The whole content of a small file. Raises ``NotFound``, ``LimitExceeded`` or ``Unreadable``."""
    found = files.locate(path)
    if found is None:
        raise NotFound(f"{place}: {path} is missing")
    if found[2] > limit:
        raise LimitExceeded(f"{place}: {path} has {found[2]} bytes, at most {limit} are read")
    with FileSlice(*found) as slice_:
        try:
            data = slice_.read_at(0, found[2])
        except OSError as error:
            raise Unreadable(f"{place}: {path}: {error}") from error
    if len(data) < found[2]:
        raise Unreadable(f"{place}: {path} is cut off")
    return data


@dataclass(frozen=True, slots=True)
class LayoutBlobs:
    """The ``blobs`` of a layout; ``place`` names it in errors."""

    files: Files
    place: str
    self_checking: bool = False

    def has(self, descriptor: Descriptor, /) -> bool:
        return self.files.locate(_path(descriptor)) is not None

    def manifest(self, descriptor: Descriptor, limit: int, /) -> bytes:
        return read_file(self.files, _path(descriptor), limit, self.place)

    def blob(self, descriptor: Descriptor, limit: int, /) -> bytes:
        return read_file(self.files, _path(descriptor), limit, self.place)

    def source(self, descriptor: Descriptor, /) -> Callable[[], Source]:
        found = self.files.locate(_path(descriptor))

        def open_blob() -> Source:
            if found is None:
                raise NotFound(f"{self.place}: layer {descriptor.digest} is missing")
            return FileSlice(*found)

        return open_blob


def _path(descriptor: Descriptor) -> str:
    """Where a blob is; "" (which no file has) for digests that are none and might lead elsewhere."""
    return "blobs/" + descriptor.digest.replace(":", "/", 1) if is_digest(descriptor.digest) else ""


def open_layout(files: Files, place: str, reference: str, wish: Wish) -> Image:
    """The image of a layout: the one called ``reference`` (a tag, name or digest), or the only one when that is ``""``.

    Raises ``NotFound`` when there is none of that name and ``Invalid`` when the choice is not clear.
    """
    data = read_file(files, "index.json", wish.limits.metadata_bytes, place)
    index = parse_document(data, f"{place}: index.json")
    offers = [
        offer for offer in index.manifests or () if not reference or is_called([offer.digest, *names(offer)], reference)
    ]
    tags = tuple(sorted({name for offer in offers for name in names(offer)}))
    if not offers:
        known = ", ".join(sorted({name for offer in index.manifests or () for name in names(offer)}))
        raise NotFound(f"{place}: no image {reference or 'at all'}" + (f"; there are {known}" if known else ""))
    if not reference and len(tags) > 1 and len({offer.digest for offer in offers}) > 1:
        raise Invalid(f"{place}: holds several images, name one of them after a colon: {', '.join(tags)}")
    blobs = LayoutBlobs(files, place)
    chosen = choose(place, offers, blobs, wish)
    manifest = read_manifest(chosen, place, blobs, wish.limits)
    image = load_image(place, manifest, chosen.digest, blobs, wish)
    return replace(image, tags=tags, notices=(*others_offered(offers, chosen, wish), *image.notices))


def names(offer: Descriptor) -> Sequence[str]:
    """What an entry of a layout's index calls its image."""
    annotations = offer.annotations or {}
    return [annotations[key] for key in _NAMES if annotations.get(key)]


def is_called(known: Sequence[str], reference: str) -> bool:
    """Whether one of an image's names is ``reference``, or ends in it: a tag, or a name without its registry."""
    return any(name == reference or name.endswith((f":{reference}", f"/{reference}")) for name in known)
