"""Constraints on Alpine versions (apk-world(5)): ``>=1.2``, ``<1.3-r1``, and ``~1.2`` for every 1.2 and its parts."""

from assay.model.ecosystem import Ecosystem
from assay.versions.apk import tokens_key
from assay.versions.notation import comparators
from assay.versions.notation.comparators import alternatives, items

_FUZZY = frozenset({"~", "~=", "=~"})


def satisfies(ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils the constraint; raises InvalidVersion or Invalid."""
    tokens, _ = tokens_key(version)
    answers = [_fulfils(ecosystem, version, tokens, part) for part in alternatives(constraint)]
    return any(answers)


def _fulfils(ecosystem: Ecosystem, version: str, tokens: bytes, conjunction: str) -> bool:
    found = list(items("apk", conjunction))
    fuzzy = [limit for operator, limit in found if operator in _FUZZY]
    plain = ",".join(operator + limit for operator, limit in found if operator not in _FUZZY)
    if not all(tokens.startswith(tokens_key(limit)[0]) for limit in fuzzy):
        return False
    if fuzzy and not plain:
        return True
    return comparators.satisfies(ecosystem, version, plain)
