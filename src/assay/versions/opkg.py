"""opkg versions (OpenWrt, Yocto): opkg took dpkg's comparison over (https://git.yoctoproject.org/opkg, pkg.c)."""

from assay.versions.deb import key as deb_key


def key(version: str) -> bytes:
    """The version's place in opkg's order, which is dpkg's."""
    return deb_key(version)
