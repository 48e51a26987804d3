"""PEP 440 specifiers: ``>=1.0,<2.0``, ``~=1.4.2``, ``==1.2.*``, ``!=1.3``, ``===text``.

https://packaging.python.org/specifications/version-specifiers/#version-specifiers. Whether pre-releases are wanted is
the question of an installer; here the version is there already, so they fit by their place in the order. The
exclusive operators still hold: ``<1.0`` does not allow ``1.0rc1`` nor ``>1.0`` ``1.0.post1``. ``=`` (from GitHub
advisories) and a bare version mean ``==``.
"""

import re
from dataclasses import dataclass

from assay.model.ecosystem import Ecosystem
from assay.versions.encoding import NUMBERS, ZERO
from assay.versions.encoding import refuse as refuse_version
from assay.versions.notation.comparators import alternatives, refuse
from assay.versions.pep440 import PEP440, local_key, public_key, stem_key

_ITEM = re.compile(r"\s*+(===|~=|==|!=|<=|>=|<|>|=)?+\s*+([^\s,]++)\s*+").fullmatch
_PREFIX = re.compile(r"v?+(?:([0-9]++)!)?+([0-9]++(?:\.[0-9]++)*+)\.\*").fullmatch


@dataclass(frozen=True, slots=True)
class _Version:
    text: str
    epoch: bytes
    release: str
    stem: bytes
    public: bytes
    local: bytes
    has_local: bool
    is_pre: bool
    is_post: bool
    has_dev: bool

    @property
    def full(self) -> bytes:
        return self.public + self.local


def _read(text: str) -> _Version | None:
    text = text.strip().lower()
    found = PEP440(text)
    if found is None:
        return None
    epoch, release, pre, post, dev, local = found.group("epoch", "release", "pre", "post", "dev", "local")
    return _Version(
        text=text,
        epoch=NUMBERS[epoch] if epoch else ZERO,
        release=release,
        stem=stem_key(found),
        public=public_key(found),
        local=local_key(local),
        has_local=local is not None,
        is_pre=bool(pre or dev),
        is_post=bool(post),
        has_dev=bool(dev),
    )


def satisfies(_ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils all specifiers (of one alternative); raises InvalidVersion or Invalid."""
    read = _read(version)
    if read is None:
        refuse_version("pypi", version)
    answers = [_fulfils_all(read, part) for part in alternatives(constraint)]
    return any(answers)


def _fulfils_all(version: _Version, conjunction: str) -> bool:
    answers = [_fulfils(version, item) for item in conjunction.split(",") if item.strip()]
    return all(answers)


def _fulfils(version: _Version, text: str) -> bool:
    item = _ITEM(text)
    if item is None:
        refuse("pypi", text)
    operator, wanted = item[1] or "==", item[2]
    if operator == "===":
        return version.text == wanted.lower()
    if wanted.endswith(".*"):
        if operator not in ("==", "=", "!="):
            refuse("pypi", text)
        return _starts_with(version, wanted, text) is (operator != "!=")
    limit = _read(wanted)
    if limit is None:
        refuse("pypi", text)
    if operator == "~=":
        return _is_compatible(version, limit, text)
    return _compare(version, operator, limit)


def _compare(version: _Version, operator: str, limit: _Version) -> bool:
    match operator:
        case "==" | "=":
            return _equals(version, limit)
        case "!=":
            return not _equals(version, limit)
        case "<=":
            return version.public <= limit.public
        case ">=":
            return version.public >= limit.public
        case "<":
            return _is_before(version, limit)
        case _:
            post_of_limit = version.is_post and not limit.is_post and version.stem == limit.stem
            return version.public > limit.public and not (post_of_limit and not limit.has_dev)


def _is_before(version: _Version, limit: _Version) -> bool:
    """Earlier, and no pre-release of the limit unless that is one itself."""
    first = None if limit.is_pre else _read(limit.text.partition("+")[0] + ".dev0")
    return version.full < limit.full if first is None else version.public < first.public


def _equals(version: _Version, limit: _Version) -> bool:
    return version.full == limit.full if limit.has_local else version.public == limit.public


def _starts_with(version: _Version, wanted: str, text: str) -> bool:
    found = _PREFIX(wanted.lower())
    if found is None:
        refuse("pypi", text)
    epoch, release = found.groups()
    return version.epoch == (NUMBERS[epoch] if epoch else ZERO) and _has_prefix(version, release.split("."))


def _is_compatible(version: _Version, limit: _Version, text: str) -> bool:
    prefix = limit.release.split(".")[:-1]
    if not prefix:
        refuse("pypi", text)
    return version.public >= limit.public and version.epoch == limit.epoch and _has_prefix(version, prefix)


def _has_prefix(version: _Version, prefix: list[str]) -> bool:
    own = [NUMBERS[part] for part in version.release.split(".")]
    own += [ZERO] * (len(prefix) - len(own))
    return own[: len(prefix)] == [NUMBERS[part] for part in prefix]
