"""OSV's names of package worlds, with their releases, as our ecosystems and scopes.

The list is https://ossf.github.io/osv-schema/#defined-ecosystems; which name a distribution's record carries (of the
source or of the binary package) is from the same page and from the records themselves.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from assay.model.ecosystem import Ecosystem, normal_name, os_scope


@dataclass(frozen=True, slots=True)
class World:
    """Where an OSV entry belongs. ``ecosystem`` chooses the version order, ``scope`` is the key of look-ups.

    ``source`` is whether names are those of source packages; ``os`` whether the publisher is a distribution.
    """

    ecosystem: Ecosystem
    scope: str
    source: bool = False
    os: bool = False

    def name(self, name: str) -> str:
        """The spelling under which the package is looked up."""
        return normal_name(self.ecosystem, name)


_LANGUAGES = {
    "PyPI": Ecosystem.PYPI,
    "npm": Ecosystem.NPM,
    "Go": Ecosystem.GOLANG,
    "Maven": Ecosystem.MAVEN,
    "RubyGems": Ecosystem.GEM,
    "crates.io": Ecosystem.CARGO,
    "Packagist": Ecosystem.COMPOSER,
    "NuGet": Ecosystem.NUGET,
    "Hex": Ecosystem.HEX,
    "Pub": Ecosystem.PUB,
    "ConanCenter": Ecosystem.CONAN,
    "SwiftURL": Ecosystem.SWIFT,
}


@dataclass(frozen=True, slots=True)
class _Distribution:
    ecosystem: Ecosystem
    source: bool
    scope: Callable[[str], str]


def _release_of(name: str) -> Callable[[str], str]:
    return lambda release: os_scope(name, release)


def _rolling(name: str) -> Callable[[str], str]:
    return lambda release: f"{name}:{_slug(release)}" if release else name


_UBUNTU = re.compile(r"(?:(Pro(?:[:-][A-Za-z][A-Za-z-]*)*):)?(\d+\.\d+)(?::LTS)?\Z")


def _ubuntu(release: str) -> str:
    """``22.04:LTS`` is a release, ``Pro:18.04:LTS`` and ``Pro:FIPS-updates:20.04:LTS`` are scopes of their own."""
    found = _UBUNTU.match(release)
    if found is None:
        return f"ubuntu:{_slug(release)}"
    if found[1]:
        return f"ubuntu-{_slug(found[1])}:{found[2]}"
    return os_scope("ubuntu", found[2])


_REDHAT = re.compile(r"([a-z0-9_.+-]+):([^:]+)")


def _redhat(release: str) -> str:
    """A CPE without its head: ``enterprise_linux:9::appstream`` is the release, ``rhel_eus:9.2::baseos`` is not."""
    found = _REDHAT.match(release)
    if found is None:
        return f"redhat:{_slug(release)}"
    product, version = found[1], found[2]
    if product == "enterprise_linux":
        return os_scope("rhel", version)
    return f"{_slug(product)}:{version}"


_SLE = re.compile(r"Linux Enterprise ((?:(?!\d|SP\d).)*?) ?(\d+(?:\.\d+)?)(?: SP(\d+))?(?:[ -]([A-Z]{3,}))?\Z")
_SLE_FAMILY = re.compile(r"Server|Desktop|High |Module for |Workstation|Software Development Kit|Live Patching")


def _suse(release: str) -> str:
    """Modules and the products built on the server share its scope; LTSS, ESPOS and Micro have their own."""
    found = _SLE.match(release)
    if found is None:
        return f"suse-{_slug(release)}"
    product, major, pack, support = found.groups()
    version = f"{major}.{pack}" if pack else major
    if product == "Micro":
        return os_scope("sle-micro", version)
    if _SLE_FAMILY.match(product) and "LTSS" not in product:
        return f"sles-{support.lower()}:{version}" if support else os_scope("sles", version)
    return f"suse-{_slug(product)}:{version}"


def _opensuse(release: str) -> str:
    if release == "Tumbleweed":
        return os_scope("opensuse-tumbleweed", "")
    product, _, version = release.rpartition(" ")
    if product == "Leap":
        return os_scope("opensuse-leap", version)
    return f"opensuse-{_slug(product or release)}" + (f":{version}" if product else "")


def _azure(release: str) -> str:
    """Releases are whole numbers here and ``3.0`` in os-release; release 2 was called CBL-Mariner."""
    version = release if "." in release else f"{release}.0"
    return os_scope("mariner" if version.startswith(("1.", "2.")) else "azurelinux", version)


_DISTRIBUTIONS: Mapping[str, _Distribution] = {
    "Debian": _Distribution(Ecosystem.DEB, True, _release_of("debian")),
    "Ubuntu": _Distribution(Ecosystem.DEB, True, _ubuntu),
    "Echo": _Distribution(Ecosystem.DEB, True, _rolling("echo")),
    "Alpine": _Distribution(Ecosystem.APK, True, _release_of("alpine")),
    "Alpaquita": _Distribution(Ecosystem.APK, True, _rolling("alpaquita")),
    "BellSoft Hardened Containers": _Distribution(Ecosystem.APK, True, _rolling("bellsoft-hardened-containers")),
    "Wolfi": _Distribution(Ecosystem.APK, True, _rolling("wolfi")),
    "Chainguard": _Distribution(Ecosystem.APK, True, _rolling("chainguard")),
    "MinimOS": _Distribution(Ecosystem.APK, True, _rolling("minimos")),
    "AlmaLinux": _Distribution(Ecosystem.RPM, False, _release_of("almalinux")),
    "Rocky Linux": _Distribution(Ecosystem.RPM, True, _release_of("rocky")),
    "Red Hat": _Distribution(Ecosystem.RPM, False, _redhat),
    "SUSE": _Distribution(Ecosystem.RPM, True, _suse),
    "openSUSE": _Distribution(Ecosystem.RPM, True, _opensuse),
    "openEuler": _Distribution(Ecosystem.RPM, True, lambda release: f"openeuler:{_slug(release)}"),
    "Mageia": _Distribution(Ecosystem.RPM, True, _release_of("mageia")),
    "Photon OS": _Distribution(Ecosystem.RPM, False, _release_of("photon")),
    "Azure Linux": _Distribution(Ecosystem.RPM, True, _azure),
}


@lru_cache(maxsize=4096)
def world_of(osv_ecosystem: str) -> World:
    """Where entries of an OSV ecosystem string belong.

    A name that is not known keeps its entries findable under a scope of its own spelling; its versions have no
    known order.
    """
    name, _, release = osv_ecosystem.partition(":")
    language = _LANGUAGES.get(name)
    if language is not None:
        return World(language, str(language))
    distribution = _DISTRIBUTIONS.get(name)
    if distribution is not None:
        return World(distribution.ecosystem, distribution.scope(release), source=distribution.source, os=True)
    return World(Ecosystem.GENERIC, f"{_slug(name)}:{_slug(release)}" if release else _slug(name))


def is_known(osv_ecosystem: str) -> bool:
    """Whether the name, without a release, is one whose whole feed OSV publishes and whose versions we order."""
    return osv_ecosystem in _LANGUAGES or osv_ecosystem in _DISTRIBUTIONS


KNOWN: tuple[str, ...] = (*_LANGUAGES, *_DISTRIBUTIONS, "GitHub Actions", "Bitnami")
"""The folders of OSV's bulk storage that are read by default."""

_NOT_SLUG = re.compile(r"[^a-z0-9.]+")


def _slug(text: str) -> str:
    return _NOT_SLUG.sub("-", text.lower()).strip("-")
