"""Which package world a component belongs to, and how its names and scopes are written."""

import re
from enum import StrEnum


class Ecosystem(StrEnum):
    """A package world; the value is its package URL type (https://github.com/package-url/purl-spec)."""

    DEB = "deb"
    OPKG = "opkg"
    RPM = "rpm"
    APK = "apk"
    PYPI = "pypi"
    NPM = "npm"
    MAVEN = "maven"
    GEM = "gem"
    NUGET = "nuget"
    COMPOSER = "composer"
    GOLANG = "golang"
    CARGO = "cargo"
    HEX = "hex"
    PUB = "pub"
    CONAN = "conan"
    SWIFT = "swift"
    GENERIC = "generic"

    @property
    def is_os(self) -> bool:
        """Whether the packages come from an operating system's own package manager."""
        return self in _OS


_OS = frozenset({Ecosystem.DEB, Ecosystem.OPKG, Ecosystem.RPM, Ecosystem.APK})

_PYPI_RUNS = re.compile(r"[-_.]+")
_SWIFT_URL = re.compile(r"^(?:https?://|ssh://git@|git@)")


def normal_name(ecosystem: Ecosystem, name: str) -> str:
    """The one spelling under which a package name is stored and looked up.

    PyPI: PEP 503. NuGet, Composer, Hex, Conan: case does not matter. Go: case is dropped too, since canonical
    package URLs, which SBOMs carry, have lost it. Swift: the repository URL without scheme and
    ``.git``. All others are taken as written.
    """
    match ecosystem:
        case Ecosystem.PYPI:
            return _PYPI_RUNS.sub("-", name).lower()
        case Ecosystem.NUGET | Ecosystem.COMPOSER | Ecosystem.HEX | Ecosystem.CONAN | Ecosystem.GOLANG:
            return name.lower()
        case Ecosystem.SWIFT:
            return _SWIFT_URL.sub("", name).replace(":", "/").removesuffix(".git").lower()
        case _:
            return name


_MAJOR_ONLY = frozenset({"debian", "rhel", "almalinux", "rocky", "ol", "amzn", "fedora", "centos"})
_MAJOR_MINOR = frozenset({"ubuntu", "alpine", "photon", "azurelinux", "mariner", "sles", "opensuse-leap"})
_RENAMED = {
    "redhat": "rhel",
    "centos": "rhel",
    "oracle": "ol",
    "amazon": "amzn",
    "alma": "almalinux",
    "rockylinux": "rocky",
    "opensuse.leap": "opensuse-leap",
    "sled": "sles",
    "sles_sap": "sles",
    "suse": "sles",
}
_ROLLING = frozenset({"wolfi", "chainguard", "arch", "opensuse-tumbleweed", "gentoo", "minimos", "echo"})


def os_scope(distribution: str, version: str) -> str:
    """The scope in which an operating system's packages are matched: ``debian:12``, ``ubuntu:22.04``, ``wolfi``.

    ``distribution`` is the ID of os-release or a common name of the vendor's feed, ``version`` its VERSION_ID. The
    version is cut to the part that names a release of the vendor's feed: the major version for Debian and the Red
    Hat family, major and minor for Ubuntu, Alpine and SUSE; rolling distributions have none.
    """
    name = distribution.strip().lower()
    name = _RENAMED.get(name, name)
    if name in _ROLLING:
        return name
    release = version.strip().lower().removeprefix("v")
    if name in _MAJOR_ONLY:
        release = release.partition(".")[0]
    elif name in _MAJOR_MINOR:
        release = ".".join(release.split(".")[:2])
    return f"{name}:{release}" if release else name
