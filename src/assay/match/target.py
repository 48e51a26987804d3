"""Whether a product that a VEX document names is the thing that was scanned."""

from dataclasses import dataclass, field

from assay.errors import Invalid
from assay.model.purl import Purl, parse_purl
from assay.model.report import Target

_IMAGES = frozenset({"oci", "docker"})
_DEFAULT_REGISTRIES = ("index.docker.io/", "docker.io/")


@dataclass(frozen=True, slots=True)
class Image:
    """A product by its name or content: ``digests`` as ``sha256:...``, ``repository`` and ``tag`` as far as stated."""

    text: str
    digests: frozenset[str] = field(default_factory=frozenset)
    repository: str = ""
    tag: str = ""


def image_of(purl: str) -> Image | None:
    """The image that an ``oci`` or ``docker`` package URL names; None for all other texts."""
    try:
        parts = parse_purl(purl)
    except Invalid:
        return None
    if parts.type not in _IMAGES:
        return None
    digests = frozenset({parts.version.lower()} if ":" in parts.version else ())
    tag = parts.qualifiers.get("tag", "") or ("" if digests else parts.version)
    return Image(purl, digests, _repository(parts), tag)


def target_difference(product: Image, target: Target | None) -> str:
    """In what the product differs from the scanned thing; "" when it is the same."""
    if target is None:
        return f"product {product.text} cannot be compared: what was scanned has no name"
    if product.digests:
        if target.digest.lower() in product.digests:
            return ""
        return f"product {product.text} is not {target.digest or target.name}"
    repository, tag = _taken_apart(target.name)
    if product.text == target.name:
        return ""
    if not product.repository or not _same_repository(product.repository, repository):
        return f"product {product.text} is not {target.name}"
    tags = {tag, *target.tags, *(_taken_apart(item)[1] for item in target.tags)}
    if product.tag and product.tag not in tags:
        return f"product {product.text} has tag {product.tag}, not {tag or 'any that is known'}"
    return ""


def _repository(parts: Purl) -> str:
    stated = parts.qualifiers.get("repository_url", "")
    if stated:
        return stated if stated.rpartition("/")[2] == parts.name else f"{stated}/{parts.name}"
    return f"{parts.namespace}/{parts.name}" if parts.namespace else parts.name


def _taken_apart(reference: str) -> tuple[str, str]:
    """Repository and tag of ``registry:5000/team/app:1.2@sha256:...``."""
    name = reference.partition("@")[0]
    head, _, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return (f"{head}/{last}" if head else last), tag


def _same_repository(stated: str, scanned: str) -> bool:
    """``app`` fits any registry's ``app``; with a path all of it must agree, the default registry aside."""
    stated, scanned = _plain(stated), _plain(scanned)
    return stated == scanned or ("/" not in stated and stated == scanned.rpartition("/")[2])


def _plain(repository: str) -> str:
    name = repository.lower().removeprefix("https://").strip("/")
    for registry in _DEFAULT_REGISTRIES:
        name = name.removeprefix(registry)
    return name.removeprefix("library/")
