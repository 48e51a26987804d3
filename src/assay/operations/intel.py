"""Keep the knowledge up to date and look into it."""

import os
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from assay.errors import Invalid
from assay.intel.catalog import all_feeds, feeds, mirror_feeds
from assay.intel.connection import HttpSettings
from assay.intel.feed import Feed
from assay.intel.mirror import open_mirror
from assay.intel.sync import Progress, Synced, sync
from assay.intel.transport import HttpTransport
from assay.model.purl import component_of


def sync_intel(
    data: Path,
    now: datetime,
    *,
    mirror: str = "",
    sources: Sequence[str] = (),
    accept: Collection[str] = (),
    progress: Progress = lambda _feed, _step: None,
) -> Synced:
    """Fetch the sources (all where none is named) from their publishers or a mirror, then build a snapshot."""
    transport = HttpTransport(HttpSettings.from_environment(os.environ))
    known = all_feeds() if sources else feeds()
    if mirror and Path(mirror).is_dir():
        known = mirror_feeds(Path(mirror))
    wanted = _chosen(known, sources)
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    source = open_mirror(mirror, transport) if mirror else transport
    return sync(wanted, source, data, now, workers=workers, accept=accept, progress=progress)


def build_intel(data: Path, now: datetime, *, progress: Progress = lambda _feed, _step: None) -> Synced:
    """Build a snapshot from what earlier syncs left in the data folder, without any network."""
    return sync((), HttpTransport(), data, now, progress=progress)


def source_names() -> list[str]:
    """The names ``--source`` takes."""
    return sorted(feed.name for feed in all_feeds())


def package_key(identifier: str) -> str:
    """What the search is asked for: a package URL as SCOPE/NAME (an operating system's package by its source), all
    else as it is. Raises Invalid for what begins like a package URL and is none.
    """
    if not identifier.startswith("pkg:"):
        return identifier
    component = component_of(identifier)
    name = component.source_name or component.lookup_name
    scope = component.scope if component.ecosystem.is_os else component.ecosystem.value
    return f"{scope}/{name}" if scope else name


def _chosen(known: Sequence[Feed], sources: Sequence[str]) -> Sequence[Feed]:
    """The named feeds; a name ending in ``*`` stands for all that begin so."""
    if not sources:
        return known
    names = {feed.name for feed in known}
    wanted: set[str] = set()
    for source in sources:
        found = {name for name in names if name == source or (source.endswith("*") and name.startswith(source[:-1]))}
        if not found:
            raise Invalid(f"no source {source!r}: choose from {', '.join(sorted(names))}")
        wanted |= found
    return [feed for feed in known if feed.name in wanted]
