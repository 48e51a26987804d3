"""What a VEX statement is about, and whether an installed component is that."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assay.errors import Invalid
from assay.match.identity import PackageName, compare_package, package_name
from assay.match.target import Image, image_of, target_difference
from assay.model.component import Component
from assay.model.report import Target


@dataclass(frozen=True, slots=True)
class Product:
    """A package, or the scanned thing itself; ``inside`` is what the package is part of.

    At most one of ``package`` (a package URL), ``image`` (a name or digest), ``name`` (a bare package name), ``scope``
    (an operating system release) and ``whole`` (whatever the document is given for) is set. A product with none of
    them cannot be recognised: as a container it is taken on trust, by itself it fits nothing.
    """

    text: str
    package: PackageName | None = None
    image: Image | None = None
    name: str = ""
    scope: str = ""
    whole: bool = False
    inside: "Product | None" = None


@dataclass(frozen=True, slots=True)
class Fit:
    """``score`` counts what agrees, ``differences`` say what does not. ``certain`` is how sure a fit is: a product
    that could not be recognised is not compared, so a statement with a recognised one goes before it.
    """

    score: int
    differences: tuple[str, ...] = ()
    certain: int = 0

    @property
    def fits(self) -> bool:
        """Whether the statement is about the component."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where components are: what was scanned, its operating system release, and whether a package is in it."""

    target: Target | None
    scope: str
    contains: Callable[[PackageName], bool]


def products_of(texts: Iterable[str], digests: frozenset[str] = frozenset(), label: str = "") -> tuple[Product, ...]:
    """The products that identifiers name: each package URL is one, an image is known by its name or its digests."""
    found: list[Product] = []
    others: list[str] = []
    for text in dict.fromkeys(text for text in texts if text):
        image = image_of(text)
        if image is not None:
            found.append(Product(text, image=Image(text, image.digests or digests, image.repository, image.tag)))
            continue
        try:
            found.append(Product(text, package=package_name(text)))
        except Invalid:
            others.append(text)
    if digests and not any(item.image for item in found):
        name = label or next(iter(others), "") or min(digests)
        found.append(Product(name, image=Image(name, digests)))
    if not found:
        found.extend(Product(text, image=Image(text)) for text in others[:1])
    return tuple(found)


def compare_product(product: Product, component: Component, around: Surroundings) -> Fit:
    """Compare a component, and where it was found, with what a statement is about."""
    part = _part(product, component, around)
    if product.inside is None:
        return part
    difference, certain = _container(product.inside, component, around)
    if difference:
        return Fit(part.score, (*part.differences, difference))
    return Fit(part.score + 2, part.differences, part.certain + certain)


def _part(product: Product, component: Component, around: Surroundings) -> Fit:
    if product.package is not None:
        close = compare_package(product.package, component)
        return Fit(close.score, close.differences, 1)
    if product.name:
        return _by_bare_name(product.name, component)
    if product.whole:
        return Fit(0)
    if product.image is None and not product.scope:
        return Fit(0, (f"product {product.text} has no identifier to compare",))
    difference, certain = _container(product, component, around)
    return Fit(1, (difference,)) if difference else Fit(4, certain=certain - 2)


def _by_bare_name(name: str, component: Component) -> Fit:
    if name in (component.name, component.source_name):
        return Fit(8, certain=1)
    return Fit(0, (f"package {name} is not {component.name}",))


def _container(product: Product, component: Component, around: Surroundings) -> tuple[str, int]:
    """In what the container differs ("" when it does not, or has nothing to compare), and how sure that is."""
    if product.scope:
        ours = component.scope or around.scope
        return ("", 2) if product.scope == ours else (f"release {product.scope} is not {ours or 'known here'}", 0)
    if product.package is not None:
        found = around.contains(product.package)
        return ("", 2) if found else (f"product {product.text} is not installed here", 0)
    if product.image is not None:
        return target_difference(product.image, around.target), 2
    return "", 0
