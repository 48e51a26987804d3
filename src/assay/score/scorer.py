"""Who scored a flaw, and whom to believe first."""

from collections.abc import Mapping
from enum import StrEnum

_VENDORS: Mapping[str, tuple[str, ...]] = {
    "amazon": ("amazon", "amzn", "alas", "aws"),
    "debian": ("debian",),
    "redhat": ("redhat", "red hat", "red-hat", "red_hat", "rhel", "rhsa", "secalert@redhat.com"),
}
_REPEATERS = ("ubuntu", "debian", "alma", "rocky", "suse", "opensuse", "amazon", "fedora", "mageia", "photon")
_COLLECTIONS = frozenset({"pypa", "rustsec", "rubysec", "friendsofphp", "bitnami", "osv"})
_FIRST_CHOICE: Mapping[str, str] = {
    "amzn": "amazon",
    "debian": "debian",
    "rhel": "redhat",
    "almalinux": "redhat",
    "rocky": "redhat",
    "ol": "redhat",
}


class Scorer(StrEnum):
    """The roles in which somebody scores a flaw, in the order in which they are believed."""

    VENDOR = "the vendor"
    NVD = "the NVD"
    CNA = "the issuer of the CVE"
    GITHUB = "GitHub"
    COLLECTION = "an ecosystem's advisory database"
    ADP = "CISA's enrichment"
    DISTRIBUTION = "another distribution"

    @property
    def rank(self) -> int:
        """0 is believed first."""
        return _RANK[self]


_RANK = {scorer: rank for rank, scorer in enumerate(Scorer)}


def vendor_of(scope: str) -> str:
    """The vendor whose scores come first in an operating system's scope; "" where the NVD comes first."""
    return _FIRST_CHOICE.get(scope.partition(":")[0], "")


def scorer_of(source: str, scope: str) -> Scorer:
    """The role that a scoring's ``source`` (a feed's name, a CNA's name or its mail address) plays in a scope.

    Ecosystems' databases and distributions mostly repeat somebody else's score of their day; distributions come last
    outside their own scopes. Oracle is the issuer of its products' CVEs: its distribution gives no scores.
    """
    name = source.strip().lower().removeprefix("osv-")
    if name.startswith(_VENDORS.get(vendor_of(scope), ())):
        return Scorer.VENDOR
    if name.startswith("nvd") or name.endswith("@nist.gov"):
        return Scorer.NVD
    if "github" in name or name.startswith("ghsa"):
        return Scorer.GITHUB
    if name in _COLLECTIONS:
        return Scorer.COLLECTION
    if "adp" in name or "cisa" in name:
        return Scorer.ADP
    if name.startswith(_REPEATERS) and not scope.startswith(name):
        return Scorer.DISTRIBUTION
    return Scorer.CNA
