"""The names under which publishers, package URLs and people know the ecosystems."""

from assay.errors import Invalid
from assay.model.ecosystem import Ecosystem

_NAMES: dict[Ecosystem, tuple[str, ...]] = {
    Ecosystem.DEB: ("debian", "ubuntu", "echo", "dpkg"),
    Ecosystem.OPKG: ("openwrt", "ipk"),
    Ecosystem.RPM: (
        "almalinux",
        "alma linux",
        "amazon linux",
        "azure linux",
        "centos",
        "fedora",
        "mageia",
        "openeuler",
        "opensuse",
        "oracle linux",
        "photon os",
        "red hat",
        "redhat",
        "rocky linux",
        "suse",
    ),
    Ecosystem.APK: ("alpine", "alpaquita", "bellsoft hardened containers", "chainguard", "minimos", "wolfi"),
    Ecosystem.PYPI: ("python", "pip"),
    Ecosystem.NPM: ("javascript", "node"),
    Ecosystem.MAVEN: ("java",),
    Ecosystem.GEM: ("rubygems", "ruby", "bundler"),
    Ecosystem.NUGET: (".net", "dotnet"),
    Ecosystem.COMPOSER: ("packagist", "php"),
    Ecosystem.GOLANG: ("go",),
    Ecosystem.CARGO: ("crates.io", "crates", "rust"),
    Ecosystem.HEX: ("erlang", "elixir"),
    Ecosystem.PUB: ("dart",),
    Ecosystem.CONAN: ("conancenter",),
    Ecosystem.SWIFT: ("swifturl",),
    Ecosystem.GENERIC: ("bitnami", "oss-fuzz"),
}
_BY_NAME = {name: ecosystem for ecosystem, names in _NAMES.items() for name in (ecosystem.value, *names)}


def ecosystem_of(name: str) -> Ecosystem:
    """The ecosystem that a name means, in any case: a package URL type, an OSV ecosystem (``crates.io``,
    ``Debian:12``, ``Rocky Linux:9``; what follows the colon does not matter) or a language's name.

    Raises Invalid for a name without a version order here.
    """
    ecosystem = _BY_NAME.get(name.partition(":")[0].strip().lower())
    if ecosystem is None:
        raise Invalid(f"{name[:60]!r} is not an ecosystem whose versions can be ordered")
    return ecosystem
