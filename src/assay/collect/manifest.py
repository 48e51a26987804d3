"""Image manifests, indexes and configurations, read strictly enough to be safe and loosely enough to be useful.

OCI: https://github.com/opencontainers/image-spec (manifest.md, image-index.md, config.md); Docker's version 2 schema 2
has the same fields under other media types.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from assay.collect.platform import Platform
from assay.errors import Invalid, Unreadable

_Document = TypeVar("_Document")


class PlatformField(msgspec.Struct, frozen=True):
    """The ``platform`` of a descriptor."""

    os: str = ""
    architecture: str = ""
    variant: str | None = None
    os_version: str | None = msgspec.field(default=None, name="os.version")

    def value(self) -> Platform:
        """As a ``Platform``."""
        return Platform(self.os, self.architecture, self.variant or "", self.os_version or "")


class Descriptor(msgspec.Struct, frozen=True, rename="camel"):
    """A pointer to content by digest."""

    digest: str
    size: int = 0
    media_type: str = ""
    platform: PlatformField | None = None
    annotations: dict[str, str] | None = None
    urls: list[str] | None = None


class Document(msgspec.Struct, frozen=True, rename="camel"):
    """A manifest or an index: which it is shows in ``layers`` or ``manifests``."""

    schema_version: int = 2
    media_type: str = ""
    config: Descriptor | None = None
    layers: list[Descriptor] | None = None
    manifests: list[Descriptor] | None = None
    fs_layers: list[msgspec.Raw] | None = None
    artifact_type: str | None = None


class HistoryField(msgspec.Struct, frozen=True):
    """One step of an image's history."""

    created_by: str | None = None
    empty_layer: bool | None = None


class RootfsField(msgspec.Struct, frozen=True):
    """The digests of the uncompressed layers."""

    diff_ids: list[str] | None = None


class Config(msgspec.Struct, frozen=True):
    """An image's configuration, as far as it says what is inside."""

    architecture: str = ""
    os: str = ""
    variant: str | None = None
    rootfs: RootfsField | None = None
    history: list[HistoryField] | None = None

    @property
    def diff_ids(self) -> Sequence[str]:
        """One digest for each layer, lowest first."""
        return (self.rootfs.diff_ids if self.rootfs else None) or ()

    @property
    def steps(self) -> list[str]:
        """The commands that made the layers, empty steps left out."""
        return [step.created_by or "" for step in self.history or () if not step.empty_layer]

    @property
    def platform(self) -> Platform:
        """What the image was built for."""
        return Platform(self.os, self.architecture, self.variant or "")


def decode(data: bytes, document: type[_Document], place: str) -> _Document:
    """Read JSON as ``document``; anything else raises ``Unreadable`` naming ``place``."""
    try:
        return msgspec.json.decode(data, type=document)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Unreadable(f"{place}: {error}") from error


def parse_document(data: bytes, place: str) -> Document:
    """Read a manifest or index. Raises ``Invalid`` for kinds that hold no image Assay can read."""
    document = decode(data, Document, place)
    if document.schema_version == 1 and (document.fs_layers is not None or document.layers is None):
        raise Invalid(
            f"{place}: this is a Docker schema 1 manifest, a format that registries stopped serving in 2023;"
            " push the image again with a current tool (for example skopeo copy --format v2s2)"
        )
    if document.manifests is None and document.layers is None and document.config is None:
        raise Unreadable(f"{place}: neither an image manifest nor an index")
    return document
