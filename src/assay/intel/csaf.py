"""What a CSAF document says about rpm packages, whoever publishes it: platform, package, status, in plain values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assay.errors import Invalid
from assay.intel.csaf_schema import Branch, Csaf, Product, Statuses, Tree, Vulnerability
from assay.intel.rpm_version import evr, split_nevra
from assay.model.advisory import FixState
from assay.model.purl import parse_purl

_CHAIN = 8


@dataclass(frozen=True, slots=True)
class RpmBuild:
    """A package of a document: ``version`` and ``arch`` are empty where the document names none."""

    name: str
    version: str = ""
    arch: str = ""
    module: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A package of a platform has a state. ``cpe`` and ``platform`` are the platform's CPE and name; ``words`` are
    the publisher's on an open flaw, ``severity`` its rating.
    """

    platform: str
    cpe: str
    build: RpmBuild
    state: FixState
    words: str = ""
    severity: str = ""


class Products:
    """A document's product tree: for a product id its package and its platform."""

    def __init__(self, tree: Tree) -> None:
        self._products: dict[str, Product] = {product.id: product for product in tree.products}
        self._products.update((product.id, product) for product in _leaves(tree.branches))
        self._parts = {one.product.id: (one.component, one.platform) for one in tree.relationships}

    def resolve(self, identifier: str) -> tuple[RpmBuild, Product] | None:
        """None for products that are no rpm package on a platform (container images, platforms themselves)."""
        components: list[str] = []
        platform = identifier
        while platform in self._parts and len(components) < _CHAIN:
            component, platform = self._parts[platform]
            components.append(component)
        if not components:
            platform, _, component = identifier.partition(":")
            components.append(component)
        place = self._products.get(platform)
        if place is None or not components[0]:
            return None
        build = self._build(components[0])
        if build is None:
            return None
        if not build.module:
            module = next((m for name in components[1:] if (m := self._module(name))), "")
            build = RpmBuild(build.name, build.version, build.arch, module)
        return build, place

    def _build(self, identifier: str) -> RpmBuild | None:
        product = self._products.get(identifier)
        purl = "" if product is None else product.helper.purl
        if purl and not purl.startswith("pkg:rpmmod/"):
            return _from_purl(purl)
        return _from_text(identifier)

    def _module(self, identifier: str) -> str:
        product = self._products.get(identifier)
        if product is not None and product.helper.purl.startswith("pkg:rpmmod/"):
            return _module_of_purl(product.helper.purl)
        name, _, rest = identifier.partition(":")
        stream = rest.partition(":")[0]
        return f"{name}:{stream}" if stream and "-" not in stream else ""


def _leaves(branches: Iterable[Branch]) -> Iterator[Product]:
    stack = list(branches)
    while stack:
        branch = stack.pop()
        if branch.product is not None:
            yield branch.product
        stack.extend(branch.branches)


@lru_cache(maxsize=65536)
def _from_purl(text: str) -> RpmBuild | None:
    try:
        purl = parse_purl(text)
    except Invalid:
        return None
    if purl.type != "rpm":
        return None
    version = evr(purl.version, "", purl.qualifiers.get("epoch")) if purl.version else ""
    module = ":".join(purl.qualifiers.get("rpmmod", "").split(":")[:2])
    return RpmBuild(purl.name, version, purl.qualifiers.get("arch", ""), module)


def _module_of_purl(text: str) -> str:
    try:
        purl = parse_purl(text)
    except Invalid:
        return ""
    return f"{purl.name}:{purl.version.partition(':')[0]}"


def _from_text(text: str) -> RpmBuild | None:
    """``bind-32:9.8.2-0.68.el6.src``, ``curl`` or ``nodejs:16/nodejs``."""
    found = split_nevra(text)
    if found is not None:
        return RpmBuild(*found)
    stream, slash, name = text.rpartition("/")
    if slash and stream.count(":") == 1 and name:
        return RpmBuild(name, module=stream)
    if "/" in text or ":" in text or " " in text or not text:
        return None
    return RpmBuild(text.removesuffix(".src"), arch="src" if text.endswith(".src") else "")


_OPEN_WORDS = {
    "will not fix": FixState.WILL_NOT_FIX,
    "out of support scope": FixState.END_OF_LIFE,
    "fix deferred": FixState.FIX_DEFERRED,
    "affected": FixState.UNFIXED,
    "under investigation": FixState.UNDETERMINED,
}
_OPEN_CATEGORIES = {"no_fix_planned": FixState.WILL_NOT_FIX, "none_available": FixState.UNFIXED}


def statements_of(document: Csaf, vulnerability: Vulnerability, products: Products) -> Iterator[Statement]:
    """Every statement on an rpm package, in the document's order.

    ``fixed`` becomes FIXED, ``known_not_affected`` NOT_AFFECTED, ``under_investigation`` UNDETERMINED;
    ``known_affected`` is refined by the remediation's words (``Will not fix``, ``Out of support scope``, ``Fix
    deferred``) and category (no_fix_planned).
    """
    open_words = _open_words(vulnerability)
    ratings, rating = _ratings(vulnerability, document.document.severity.text)
    for state, identifiers in _by_state(vulnerability.statuses):
        for identifier in identifiers:
            resolved = products.resolve(identifier)
            if resolved is None:
                continue
            build, place = resolved
            words, refined = "", state
            if state is FixState.UNFIXED:
                words, refined = open_words.get(identifier, ("", state))
            severity = ratings.get(identifier, rating)
            yield Statement(place.name, place.helper.cpe, build, refined, words, severity)


def _by_state(statuses: Statuses) -> Sequence[tuple[FixState, Sequence[str]]]:
    return (
        (FixState.FIXED, [*statuses.fixed, *statuses.first_fixed]),
        (FixState.UNFIXED, [*statuses.affected, *statuses.first_affected, *statuses.last_affected]),
        (FixState.NOT_AFFECTED, statuses.not_affected),
        (FixState.UNDETERMINED, statuses.investigated),
    )


def _open_words(vulnerability: Vulnerability) -> Mapping[str, tuple[str, FixState]]:
    found: dict[str, tuple[str, FixState]] = {}
    for remediation in vulnerability.remediations:
        if remediation.category in _OPEN_CATEGORIES:
            by_category = _OPEN_CATEGORIES[remediation.category]
            state = _OPEN_WORDS.get(remediation.details.strip().lower(), by_category)
            found.update(dict.fromkeys(remediation.products, (remediation.details.strip(), state)))
    return found


def _ratings(vulnerability: Vulnerability, whole: str) -> tuple[Mapping[str, str], str]:
    """Ratings by product id, and the one that holds for all others."""
    found: dict[str, str] = {}
    for threat in vulnerability.threats:
        if threat.category == "impact":
            if not threat.products:
                whole = threat.details
            found.update(dict.fromkeys(threat.products, threat.details))
    return found, whole
