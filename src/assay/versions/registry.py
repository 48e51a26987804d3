"""Which scheme orders which ecosystem, and the functions that the rest of the product calls.

``memcmp(version_key(e, a), version_key(e, b))`` is the order of ``e``. Keys of different ecosystems do not compare.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

from assay.model.ecosystem import Ecosystem
from assay.versions.names import ecosystem_of

__all__ = ["SCHEMES", "compare", "ecosystem_of", "version_key"]

_MODULES = {
    Ecosystem.DEB: "deb",
    Ecosystem.OPKG: "opkg",
    Ecosystem.RPM: "rpm",
    Ecosystem.APK: "apk",
    Ecosystem.PYPI: "pep440",
    Ecosystem.NPM: "npm",
    Ecosystem.MAVEN: "maven",
    Ecosystem.GEM: "gem",
    Ecosystem.NUGET: "nuget",
    Ecosystem.COMPOSER: "composer",
    Ecosystem.GOLANG: "golang",
    Ecosystem.CARGO: "cargo",
    Ecosystem.HEX: "hex",
    Ecosystem.PUB: "pub",
    Ecosystem.CONAN: "conan",
    Ecosystem.SWIFT: "swift",
    Ecosystem.GENERIC: "generic",
}
_MEMO_SIZE = 1 << 17
_MEMO_VERSION = 80


class _Schemes(Mapping[Ecosystem, Callable[[str], bytes]]):
    """The key functions by ecosystem; a scheme is imported when it is first asked for."""

    def __init__(self) -> None:
        self._loaded: dict[Ecosystem, Callable[[str], bytes]] = {}

    def __getitem__(self, ecosystem: Ecosystem) -> Callable[[str], bytes]:
        scheme = self._loaded.get(ecosystem)
        if scheme is None:
            scheme = import_module(f"assay.versions.{_MODULES[ecosystem]}").key
            self._loaded[ecosystem] = scheme
        return scheme

    def __iter__(self) -> Iterator[Ecosystem]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


SCHEMES: Mapping[Ecosystem, Callable[[str], bytes]] = _Schemes()
"""``SCHEMES[ecosystem](version)`` is the version's key; it raises InvalidVersion."""

_memo: dict[tuple[Ecosystem, str], bytes] = {}


def version_key(ecosystem: Ecosystem, version: str) -> bytes:
    """The version's key, from a bounded memo when it was asked for before; raises InvalidVersion."""
    key = _memo.get((ecosystem, version))
    if key is None:
        key = SCHEMES[ecosystem](version)
        if len(version) <= _MEMO_VERSION:
            if len(_memo) >= _MEMO_SIZE:
                _memo.clear()
            _memo[ecosystem, version] = key
    return key


def compare(ecosystem: Ecosystem, left: str, right: str) -> int:
    """-1, 0 or 1 as ``left`` is before, equal to or after ``right``; raises InvalidVersion."""
    if ecosystem is Ecosystem.COMPOSER and "#" in left + right:
        from assay.versions.composer import compare as compare_composer

        return compare_composer(left, right)
    a, b = version_key(ecosystem, left), version_key(ecosystem, right)
    return (a > b) - (a < b)
