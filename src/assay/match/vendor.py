"""Whose word counts: a vendor's own statements on its release, and packages that the vendor did not build."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assay.model.component import Component
from assay.model.ecosystem import Ecosystem

_NO_MARK = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Vendor:
    """A distribution: beginnings of the names of its own feeds, of its rpm vendor tag, and the mark in its releases.

    ``feeds`` are compared with a statement's source, ``builders`` with the vendor tag (lower case), ``release`` finds
    the distribution's mark at the end of an rpm release.
    """

    feeds: tuple[str, ...]
    builders: tuple[str, ...] = ()
    release: re.Pattern[str] = _NO_MARK


_EL = re.compile(r"[.+_]el\d+(?:[0-9a-f_.+]|centos|rocky|alma|openela|uek|fips)*\Z")
_SUSE = re.compile(r"(?:\d{4,6}|bp\d+|lp\d+|slfo)(?:\.\d+)+\Z")

VENDORS: Mapping[str, Vendor] = {
    "debian": Vendor(("debian",)),
    "ubuntu": Vendor(("ubuntu",)),
    "ubuntu-pro": Vendor(("ubuntu",)),
    "alpine": Vendor(("alpine",)),
    "wolfi": Vendor(("wolfi", "chainguard")),
    "chainguard": Vendor(("chainguard", "wolfi")),
    "rhel": Vendor(("redhat", "rhel", "centos"), ("red hat", "centos", "scientific linux"), _EL),
    "almalinux": Vendor(("alma",), ("almalinux",), _EL),
    "rocky": Vendor(("rocky",), ("rocky",), _EL),
    "ol": Vendor(("oracle",), ("oracle",), _EL),
    "amzn": Vendor(("amazon", "amzn", "alas"), ("amazon",), re.compile(r"\.amzn\d+(?:[0-9._]+)?\Z")),
    "fedora": Vendor(("fedora",), ("fedora",), re.compile(r"[.+]fc\d+(?:[0-9a-f._+])*\Z")),
    "sles": Vendor(("suse",), ("suse", "opensuse"), _SUSE),
    "opensuse-leap": Vendor(("suse", "opensuse"), ("suse", "opensuse"), _SUSE),
    "opensuse-tumbleweed": Vendor(("suse", "opensuse"), ("suse", "opensuse"), re.compile(r"\d+\.\d+\Z")),
    "photon": Vendor(("photon", "vmware"), ("vmware", "broadcom"), re.compile(r"\.ph\d+\Z")),
    "azurelinux": Vendor(("azure", "mariner", "microsoft"), ("microsoft",), re.compile(r"\.azl\d+\Z")),
    "mariner": Vendor(("azure", "mariner", "microsoft"), ("microsoft",), re.compile(r"\.cm\d+\Z")),
}
"""By the first part of a scope."""


def is_vendors_own(scope: str, source: str) -> bool:
    """Whether a feed is the vendor's own on a release, rather than somebody's copy of it (``osv-debian``)."""
    vendor = VENDORS.get(scope.partition(":")[0])
    return vendor is not None and source.startswith(vendor.feeds)


def foreign_builder(component: Component) -> str:
    """Who built an rpm package when it was not the distribution, as its vendor tag says; "" for the distribution's
    own packages, and for packages whose builder is not stated.
    """
    if not component.vendor or component.ecosystem is not Ecosystem.RPM:
        return ""
    vendor = VENDORS.get(component.scope.partition(":")[0])
    builder = component.vendor.strip()
    return "" if vendor is None or builder.lower().startswith(vendor.builders) else builder


def carries_release_mark(component: Component) -> bool:
    """Whether an rpm release ends in the distribution's own mark (``1.el9_2``, but not ``1.el9.remi``): a rebuild of
    the distribution's package by somebody else.
    """
    vendor = VENDORS.get(component.scope.partition(":")[0])
    return vendor is not None and bool(vendor.release.search(component.version))
