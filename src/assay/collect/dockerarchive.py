"""What ``docker save`` writes: a tar of layers and configurations with ``manifest.json``, or an OCI layout, or both.

https://github.com/moby/docker-image-spec/blob/main/spec.md. Members are read in place by their offset; only an archive
that is itself compressed is unpacked, into a temporary file that is gone afterwards.
"""

import hashlib
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import IO

import msgspec

from assay.collect.compression import Compression, decompressed, detect
from assay.collect.digest import check_bytes, is_digest
from assay.collect.image import Image, Layer
from assay.collect.layout import MemberFiles, is_called, open_layout, read_file
from assay.collect.limits import DEFAULT_LIMITS, Limits, Meter
from assay.collect.manifest import Config, decode
from assay.collect.resolve import Wish, check_counts, check_platform, steps
from assay.collect.stream import FileSlice, Reader, Source
from assay.collect.tarwalk import TarTree
from assay.errors import Invalid, LimitExceeded, NotFound, Unreadable
from assay.model.tree import Kind

_MOST_LINKS = 8


class SavedImage(msgspec.Struct, frozen=True, rename="pascal"):
    """One image of ``manifest.json``."""

    config: str
    layers: list[str] | None = None
    repo_tags: list[str] | None = None


@contextmanager
def open_archive(path: str, reference: str, wish: Wish) -> Iterator[Image]:
    """The image in the tar at ``path``: the one tagged ``reference``, or the only one when that is ``""``.

    Raises ``NotFound``, ``Invalid`` (the choice is not clear, or no image archive) or ``Unreadable``.
    """
    with plain_tar(path, wish.limits) as (plain, broken):
        files, cut = index_members(plain, path, wish.limits)
        why = broken or cut
        try:
            image = _find_image(files, path, reference, wish)
        except (NotFound, Invalid) as error:
            if why:
                raise Unreadable(f"{error}; the archive is damaged: {why}") from error
            raise
        # What is missing shows in the layers that are; here only why.
        yield replace(image, notices=(*image.notices, why)) if why else image


def _find_image(files: MemberFiles, path: str, reference: str, wish: Wish) -> Image:
    if files.locate("oci-layout") and files.locate("index.json"):
        return open_layout(files, path, reference, wish)
    if files.locate("manifest.json"):
        return _saved_image(files, path, reference, wish)
    raise Invalid(f"{path}: holds neither manifest.json nor an OCI layout, so no image that Assay can read")


@contextmanager
def plain_tar(path: str, limits: Limits = DEFAULT_LIMITS) -> Iterator[tuple[str, str]]:
    """The path of the uncompressed archive, and why it is not whole ("" when it is).

    It is ``path`` itself, or a temporary file that lives as long as the context.
    """
    with FileSlice(path) as source:
        if detect(source.read_at(0, 6)) is Compression.NONE:
            yield path, ""
            return
        with ExitStack() as stack:
            yield _unpacked(source, path, limits, stack)


def _unpacked(source: FileSlice, path: str, limits: Limits, stack: ExitStack) -> tuple[str, str]:
    import tempfile

    reader = decompressed(source, path, Meter(path, limits))
    try:
        spool = stack.enter_context(
            tempfile.NamedTemporaryFile(prefix="assay-", suffix=".tar", buffering=0)  # noqa: SIM115  # the stack closes
        )
        return spool.name, _copy(reader, spool, path, limits)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be unpacked into {tempfile.gettempdir()}: {error.strerror}") from error


def _copy(reader: Reader, spool: IO[bytes], path: str, limits: Limits) -> str:
    """Unpack as far as the stream can be read; returns why that ended early, or ""."""
    view, size = memoryview(bytearray(1 << 20)), 0
    while True:
        try:
            count = reader.readinto(view)
        except LimitExceeded:
            raise
        except Unreadable as error:
            return str(error)
        if not count:
            return ""
        size += count
        if size > limits.spool_bytes:
            raise LimitExceeded(f"{path}: more than {limits.spool_bytes} bytes after decompression")
        spool.write(view[:count])


def index_members(archive: str, place: str, limits: Limits) -> tuple[MemberFiles, str]:
    """Where each member of the tar at ``archive`` is, and why the list is not whole ("" when it is)."""
    members: dict[str, tuple[int, int]] = {}
    links: dict[str, str] = {}
    broken = ""
    with FileSlice(archive) as source:
        tree = TarTree(source, place, limits=limits)
        try:
            for entry in tree.entries():
                if entry.kind is Kind.FILE:
                    members[entry.path] = (tree.payload_offset, entry.size)
                elif entry.kind is Kind.SYMLINK:
                    links[entry.path] = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), entry.link))
                elif entry.kind is Kind.HARDLINK:
                    links[entry.path] = entry.link
        except LimitExceeded:
            raise
        except Unreadable as error:
            broken = str(error)
    _resolve_links(members, links)
    return MemberFiles(archive, members), broken


def _resolve_links(members: dict[str, tuple[int, int]], links: Mapping[str, str]) -> None:
    """Old versions of docker wrote equal layers once and linked to them."""
    for name, target in links.items():
        for _ in range(_MOST_LINKS):
            if target not in links:
                break
            target = links[target]
        if target in members:
            members.setdefault(name, members[target])


def _saved_image(files: MemberFiles, place: str, reference: str, wish: Wish) -> Image:
    data = read_file(files, "manifest.json", wish.limits.metadata_bytes, place)
    offers = decode(data, list[SavedImage], f"{place}: manifest.json")
    chosen, config_data = _choose(files, place, offers, reference, wish)
    config = decode(config_data, Config, f"{place}: {chosen.config}")
    check_platform(place, config, wish)
    paths = chosen.layers or []
    check_counts(place, len(paths), config)
    rows = zip(paths, config.diff_ids, steps(config), strict=True)
    return Image(
        name=place,
        digest="",
        config_digest=_config_digest(chosen.config, config_data, place),
        platform=str(config.platform),
        tags=tuple(chosen.repo_tags or ()),
        layers=tuple(_layer(files, place, path, diff_id, step) for path, diff_id, step in rows),
    )


def _choose(
    files: MemberFiles, place: str, offers: Sequence[SavedImage], reference: str, wish: Wish
) -> tuple[SavedImage, bytes]:
    """The image meant and the content of its configuration."""
    tags = ", ".join(tag for offer in offers for tag in offer.repo_tags or ())
    if reference:
        offers = [offer for offer in offers if is_called(offer.repo_tags or (), reference)]
    if not offers:
        raise NotFound(f"{place}: no image {reference or 'at all'}" + (f"; there are {tags}" if tags else ""))
    if len({offer.config for offer in offers}) > 1:
        raise Invalid(f"{place}: holds several images, name one of them after a colon: {tags or 'they have no tags'}")
    config = posixpath.normpath(offers[0].config)
    return offers[0], read_file(files, config, wish.limits.metadata_bytes, place)


def _config_digest(path: str, data: bytes, place: str) -> str:
    """A configuration is named by its digest, which is checked; other names say nothing."""
    stated = _stated_digest(path)
    if stated:
        check_bytes(data, stated, f"{place}: {path}")
        return stated
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _stated_digest(path: str) -> str:
    """The digest in a member's name (``blobs/sha256/HEX``, ``HEX.json``, ``sha256:HEX``), or ""."""
    name = posixpath.basename(path).partition(".")[0].removeprefix("sha256:")
    digest = f"sha256:{name}"
    return digest if is_digest(digest) else ""


def _layer(files: MemberFiles, place: str, path: str, diff_id: str, step: str) -> Layer:
    """The bytes of ``blobs/sha256/HEX`` have that digest; in the older form (``ID/layer.tar``) only the digest of the
    uncompressed archive is known.
    """
    found = files.locate(posixpath.normpath(path))
    digest = _stated_digest(path) if path.startswith("blobs/sha256/") else ""
    if not digest and found and is_digest(diff_id):
        with FileSlice(*found) as source:
            if detect(source.read_at(0, 6)) is Compression.NONE:
                digest = diff_id

    def open_member() -> Source:
        if found is None:
            raise NotFound(f"{place}: layer {path} is missing")
        return FileSlice(*found)

    return Layer(diff_id, digest, found[2] if found else 0, "", open_member, step)
