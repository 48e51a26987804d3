"""``vers:`` version ranges of every type (https://github.com/package-url/vers-spec): ``vers:npm/>=1.2.0|<1.5.0``."""

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote

from assay.errors import Invalid
from assay.model.ecosystem import Ecosystem
from assay.versions.names import ecosystem_of
from assay.versions.registry import version_key

_URI = re.compile(r"\s*+vers:([a-z0-9.+-]++)/(.*+)", re.DOTALL | re.IGNORECASE).fullmatch
_CONSTRAINT = re.compile(r"(<=|>=|!=|<|>|=)?+(.++)", re.DOTALL).fullmatch
_SCHEMES = {"semver": Ecosystem.CARGO, "openssl": Ecosystem.GENERIC, "intdot": Ecosystem.GENERIC}
_SEMANTIC = frozenset({Ecosystem.NPM, Ecosystem.CARGO, Ecosystem.HEX, Ecosystem.SWIFT, Ecosystem.PUB, Ecosystem.GOLANG})

Constraint = tuple[bytes, str]
"""The key of a version and its comparator."""


def scheme_of(constraint: str) -> str:
    """The versioning scheme that a ``vers:`` URI names, in lower case; raises Invalid when it is none."""
    return _parts(constraint)[0]


def satisfies(constraint: str, version: str) -> bool:
    """Whether the version lies in the range; raises InvalidVersion or Invalid."""
    scheme, body = _parts(constraint)
    if scheme in ("all", "none"):
        if body != "*":
            raise Invalid(f"{constraint[:80]!r}: vers:{scheme} knows only *")
        return scheme == "all"
    ecosystem = _SCHEMES.get(scheme) or ecosystem_of(scheme)
    key = version_key(ecosystem, version)
    if body == "*":
        return True
    return _contains(key, list(_constraints(ecosystem, body, constraint)))


def is_scheme_of(scheme: str, ecosystem: Ecosystem) -> bool:
    """Whether a ``vers:`` scheme orders the versions of an ecosystem."""
    if scheme in ("all", "none"):
        return True
    if scheme == "semver":
        return ecosystem in _SEMANTIC
    return (_SCHEMES.get(scheme) or ecosystem_of(scheme)) is ecosystem


def _parts(constraint: str) -> tuple[str, str]:
    found = _URI(constraint)
    if found is None:
        raise Invalid(f"{constraint[:80]!r} is not a vers: range")
    return found[1].lower(), "".join(found[2].split()).strip("|")


def _constraints(ecosystem: Ecosystem, body: str, whole: str) -> Iterator[Constraint]:
    for part in body.split("|"):
        found = _CONSTRAINT(part)
        if found is None or found[2] == "*":
            raise Invalid(f"{whole[:80]!r} has a constraint without a version")
        yield version_key(ecosystem, unquote(found[2])), found[1] or "="


def _contains(key: bytes, constraints: list[Constraint]) -> bool:
    """The containment algorithm of the specification, on sorted and simplified constraints."""
    for limit, comparator in constraints:
        if limit == key:
            if comparator == "!=":
                return False
            if comparator in ("=", "<=", ">="):
                return True
    pairs = _simplified(sorted(entry for entry in constraints if entry[1] not in ("=", "!=")))
    if not pairs:
        return all(comparator == "!=" for _, comparator in constraints)
    if pairs[0][1][0] == "<" and key < pairs[0][0]:
        return True
    if pairs[-1][1][0] == ">" and key > pairs[-1][0]:
        return True
    return any(low[1][0] == ">" and high[1][0] == "<" and low[0] < key < high[0] for low, high in pairwise(pairs))


def _simplified(ordered: list[Constraint]) -> list[Constraint]:
    """Of lower limits in a row the first counts, of upper limits in a row the last."""
    kept: list[Constraint] = []
    for entry in ordered:
        if kept and kept[-1][1][0] == entry[1][0]:
            if entry[1][0] == "<":
                kept[-1] = entry
            continue
        kept.append(entry)
    return kept
