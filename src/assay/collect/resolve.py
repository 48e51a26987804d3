"""From an index or a manifest to an image: choose the platform, read the configuration, line up the layers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from assay.collect.digest import check_bytes, is_digest
from assay.collect.image import Image, Layer
from assay.collect.limits import DEFAULT_LIMITS, Limits
from assay.collect.manifest import Config, Descriptor, Document, decode, parse_document
from assay.collect.platform import Platform, host_platform, rank
from assay.collect.stream import Source
from assay.errors import Invalid, LimitExceeded, NotFound, Unreadable

INDEX_TYPES = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
MANIFEST_TYPES = frozenset(
    {"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"}
)
CONFIG_TYPES = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json", ""}
)
_MOST_LAYERS = 4096


class Blobs(Protocol):
    """Where an image's content is kept, by digest."""

    @property
    def self_checking(self) -> bool:
        """Whether the sources verify digests themselves."""

    def has(self, descriptor: Descriptor, /) -> bool:
        """Whether the content is there, as far as that is known without asking a remote side."""

    def manifest(self, descriptor: Descriptor, limit: int, /) -> bytes:
        """A manifest or index of at most ``limit`` bytes."""

    def blob(self, descriptor: Descriptor, limit: int, /) -> bytes:
        """Other content of at most ``limit`` bytes."""

    def source(self, descriptor: Descriptor, /) -> Callable[[], Source]:
        """A function that opens the content of a layer, in any process."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asked for: a platform (None: this machine's, or the only one there is) and limits."""

    platform: Platform | None = None
    limits: Limits = DEFAULT_LIMITS


def load_image(name: str, data: bytes, digest: str, blobs: Blobs, wish: Wish) -> Image:
    """The image that a manifest, or an index after choosing the platform, describes; ``data`` is its content.

    Raises ``NotFound`` when the platform is not offered, ``Unreadable`` for broken content and ``Invalid`` for what
    is no container image.
    """
    notices: tuple[str, ...] = ()
    for _ in range(wish.limits.nesting):
        document = parse_document(data, f"{name}: manifest {digest}")
        if document.manifests is None:
            return replace(_assemble(name, document, digest, blobs, wish), notices=notices)
        chosen = choose(name, document.manifests, blobs, wish)
        notices += others_offered(document.manifests, chosen, wish)
        data = read_manifest(chosen, name, blobs, wish.limits)
        digest = chosen.digest
    raise LimitExceeded(f"{name}: indexes within indexes, more than {wish.limits.nesting} deep")


def read_manifest(descriptor: Descriptor, name: str, blobs: Blobs, limits: Limits) -> bytes:
    """The verified content of a manifest or index."""
    place = f"{name}: manifest {descriptor.digest[:100]}"
    if not is_digest(descriptor.digest):
        raise Unreadable(f"{place}: not a digest")
    data = blobs.manifest(descriptor, limits.metadata_bytes)
    check_bytes(data, descriptor.digest, place)
    return data


def choose(name: str, offers: Sequence[Descriptor], blobs: Blobs, wish: Wish) -> Descriptor:
    """The offer for the wished platform. Attestations and content that is not there are passed over."""
    present = [offer for offer in offers if _is_image(offer) and blobs.has(offer)]
    unique = list({offer.digest: offer for offer in present}.values())
    if not unique:
        raise NotFound(f"{name}: its index lists no image" + (" whose content is present" if offers else ""))
    if len(unique) == 1 and (wish.platform is None or unique[0].platform is None):
        return unique[0]
    wanted = wish.platform or host_platform()
    ranked = [(fit, place) for place, offer in enumerate(unique) if (fit := _fit(wanted, offer)) is not None]
    if ranked:
        return unique[min(ranked)[1]]
    offered = ", ".join(sorted({str(offer.platform.value()) for offer in unique if offer.platform})) or "unnamed ones"
    if wish.platform is None:
        raise Invalid(f"{name}: not offered for {wanted}; choose one of its platforms: {offered}")
    raise NotFound(f"{name}: not offered for {wanted}, only for {offered}")


def _is_image(offer: Descriptor) -> bool:
    if (offer.annotations or {}).get("vnd.docker.reference.type") == "attestation-manifest":
        return False
    return offer.platform is None or not offer.platform.os or offer.platform.value().is_known


def _fit(wanted: Platform, offer: Descriptor) -> int | None:
    return rank(wanted, offer.platform.value()) if offer.platform else None


def others_offered(offers: Sequence[Descriptor], chosen: Descriptor, wish: Wish) -> tuple[str, ...]:
    """A notice of the platforms that were passed over, unless the platform was asked for."""
    if wish.platform is not None or chosen.platform is None:
        return ()
    mine = str(chosen.platform.value())
    others = {str(offer.platform.value()) for offer in offers if offer.platform and _is_image(offer)} - {mine}
    return (f"only {mine} was read; also offered: {', '.join(sorted(others))}",) if others else ()


def _assemble(name: str, document: Document, digest: str, blobs: Blobs, wish: Wish) -> Image:
    if document.config is None:
        raise Unreadable(f"{name}: manifest {digest} names no configuration")
    if document.config.media_type not in CONFIG_TYPES:
        raise Invalid(f"{name}: holds {document.config.media_type[:100]!r}, not a container image")
    config_digest = document.config.digest
    if not is_digest(config_digest):
        raise Unreadable(f"{name}: configuration {config_digest[:100]!r} is not a digest")
    data = blobs.blob(document.config, wish.limits.metadata_bytes)
    check_bytes(data, config_digest, f"{name}: configuration {config_digest}")
    config = decode(data, Config, f"{name}: configuration {config_digest}")
    check_platform(name, config, wish)
    layers = document.layers or []
    check_counts(name, len(layers), config)
    return Image(
        name=name,
        digest=digest,
        config_digest=config_digest,
        platform=str(config.platform),
        tags=(),
        layers=tuple(_layer(name, *parts, blobs) for parts in zip(layers, config.diff_ids, steps(config), strict=True)),
    )


def check_platform(name: str, config: Config, wish: Wish) -> None:
    """Raise ``NotFound`` when the only image there is was built for another platform than the one asked for."""
    if wish.platform is not None and config.platform.is_known and rank(wish.platform, config.platform) is None:
        raise NotFound(f"{name}: not offered for {wish.platform}, only for {config.platform}")


def check_counts(name: str, layers: int, config: Config) -> None:
    """Raise ``Unreadable`` unless the configuration names exactly one digest for each layer."""
    if layers != len(config.diff_ids):
        raise Unreadable(f"{name}: {layers} layers, but the configuration names {len(config.diff_ids)}")
    if layers > _MOST_LAYERS:
        raise LimitExceeded(f"{name}: {layers} layers, more than {_MOST_LAYERS}")


def steps(config: Config) -> list[str]:
    """The command behind each layer, empty where the history does not line up with the layers."""
    found = config.steps
    return found if len(found) == len(config.diff_ids) else [""] * len(config.diff_ids)


def _layer(name: str, descriptor: Descriptor, diff_id: str, step: str, blobs: Blobs) -> Layer:
    if not is_digest(descriptor.digest):
        raise Unreadable(f"{name}: layer {descriptor.digest[:100]!r} is not a digest")
    source = blobs.source(descriptor)
    if descriptor.urls and not blobs.has(descriptor):
        source = _foreign(descriptor)
    return Layer(
        diff_id=diff_id,
        digest=descriptor.digest,
        size=max(0, descriptor.size),
        media_type=descriptor.media_type,
        source=source,
        created_by=step,
        self_checking=blobs.self_checking,
    )


def _foreign(descriptor: Descriptor) -> Callable[[], Source]:
    """Addresses in a manifest are the image author's: following them would make Assay fetch whatever they wish."""
    where = ", ".join(descriptor.urls or ())

    def refuse() -> Source:
        raise NotFound(f"layer {descriptor.digest} is kept outside the image, at {where[:300]}; it is not fetched")

    return refuse
