"""All feeds, in one place. A new feed is one line here; a test notices one that is missing."""

from pathlib import Path

from assay.intel.feed import Feed


def feeds() -> tuple[Feed, ...]:
    """Every feed that is read by default."""
    from assay.intel.osv_feed import osv_feeds

    return (*osv_feeds(), *_vendors(), *_facts())


def all_feeds() -> tuple[Feed, ...]:
    """Every feed there is: also GitHub's own interface, which repeats what OSV has and needs a token."""
    from assay.intel.github import GitHubAdvisories

    return (*feeds(), GitHubAdvisories())


def mirror_feeds(mirror: Path) -> tuple[Feed, ...]:
    """The default feeds, and those of further OSV folders that a mirror holds."""
    from assay.intel.osv_feed import osv_folders

    known = all_feeds() if (mirror / "github").is_dir() else feeds()
    names = {feed.name for feed in known}
    return (*known, *(feed for feed in osv_folders(mirror) if feed.name not in names))


def _facts() -> tuple[Feed, ...]:
    from assay.intel.attention import Attention
    from assay.intel.cve5 import CveList
    from assay.intel.epss import ExploitPrediction
    from assay.intel.exploitdb import ExploitDatabase
    from assay.intel.kev import KnownExploited
    from assay.intel.lifecycle import EndOfLifeDates
    from assay.intel.nvd import NationalDatabase
    from assay.intel.poc import ProofsOfConcept

    return (
        KnownExploited(),
        ExploitPrediction(),
        CveList(),
        NationalDatabase(),
        ExploitDatabase(),
        ProofsOfConcept(),
        EndOfLifeDates(),
        Attention(),
    )


def _vendors() -> tuple[Feed, ...]:
    """Distributions in their own form, where that says more than OSV or OSV lacks them; each module says why.

    AlmaLinux, Rocky Linux, openEuler, Mageia, Wolfi and Chainguard are read through OSV alone: their records there
    are the publisher's own and whole.
    """
    from assay.intel.alpine import AlpineSecurity
    from assay.intel.amazon import AmazonLinux
    from assay.intel.arch import ArchLinux
    from assay.intel.azurelinux import AzureLinux
    from assay.intel.debian import DebianTracker
    from assay.intel.fedora import Fedora
    from assay.intel.oracle import OracleLinux
    from assay.intel.photon import PhotonOs
    from assay.intel.redhat import RedHat
    from assay.intel.suse import Suse
    from assay.intel.ubuntu import Ubuntu

    return (
        DebianTracker(),
        Ubuntu(),
        AlpineSecurity(),
        RedHat(),
        AmazonLinux(),
        OracleLinux(),
        Suse(),
        Fedora(),
        AzureLinux(),
        PhotonOs(),
        ArchLinux(),
    )
