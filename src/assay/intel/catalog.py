"""All feeds, in one place. A new feed is one line here; a test notices one that is missing."""

from pathlib import Path

from assay.intel.feed import Feed


def feeds() -> tuple[Feed, ...]:
    """Every feed that is read by default."""
    from assay.intel.osv_feed import osv_feeds

    return (*osv_feeds(), *_facts())


def mirror_feeds(mirror: Path) -> tuple[Feed, ...]:
    """The default feeds, and those of further OSV folders that a mirror holds."""
    from assay.intel.osv_feed import osv_folders

    known = feeds()
    names = {feed.name for feed in known}
    return (*known, *(feed for feed in osv_folders(mirror) if feed.name not in names))


def _facts() -> tuple[Feed, ...]:
    from assay.intel.epss import ExploitPrediction
    from assay.intel.kev import KnownExploited

    return (KnownExploited(), ExploitPrediction())
