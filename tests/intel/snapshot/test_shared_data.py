"""Real advisories, compiled: every verdict is the one that OSV's own evaluation of the record gives."""

import json
import os
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from assay.errors import InvalidVersion
from assay.intel.build import Source, build
from assay.intel.lookup import Snapshot
from assay.intel.osv_ecosystem import world_of
from assay.intel.osv_feed import OsvEcosystem
from assay.intel.shelf import write_shelf
from assay.model.candidate import Candidate
from assay.model.ecosystem import Ecosystem
from assay.versions.registry import version_key

ROOT = Path(__file__).resolve().parents[4]
DATA = Path(os.environ.get("ASSAY_SHARED_DATA", ROOT / "shared" / "data")) / "intel" / "osv"
FOLDERS = ("PyPI", "crates.io", "RubyGems", "Packagist", "Alpine")
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared advisories are not here")
Record = Mapping[str, object]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    folder = tmp_path_factory.mktemp("shared")
    sources = []
    for name in FOLDERS:
        feed = OsvEcosystem(name)
        count = write_shelf(folder / f"{feed.name}.db", feed.parse(DATA / name))
        sources.append(Source(feed.name, folder / f"{feed.name}.db", records=count.records))
    with Snapshot(build(sources, folder)) as snapshot:
        yield snapshot


def records(folder: str) -> Iterator[Record]:
    with zipfile.ZipFile(DATA / folder / "all.zip") as archive:
        for name in archive.namelist():
            yield json.loads(archive.read(name))


@cache
def key(ecosystem: Ecosystem, version: str) -> bytes | None:
    try:
        return version_key(ecosystem, version)
    except InvalidVersion:
        return None


def is_affected(entry: Record, ecosystem: Ecosystem, version: str) -> bool:
    """https://ossf.github.io/osv-schema/#evaluation, word by word."""
    own = key(ecosystem, version)
    if own is None:
        return False
    if own in {key(ecosystem, text) for text in entry.get("versions") or ()}:
        return True
    for timeline in entry.get("ranges") or ():
        if timeline["type"] == "GIT":
            continue
        vulnerable = False
        for event in sorted(timeline["events"], key=lambda e: _place(e, ecosystem)):
            kind, text = next(iter(event.items()))
            at = b"" if text == "0" else key(ecosystem, text) or b""
            if kind == "introduced" and own >= at:
                vulnerable = True
            elif (kind == "fixed" and own >= at) or (kind == "last_affected" and own > at):
                vulnerable = False
        if vulnerable:
            return True
    return False


def _place(event: Mapping[str, str], ecosystem: Ecosystem) -> tuple[bytes, bool]:
    kind, text = next(iter(event.items()))
    return (b"" if text == "0" else key(ecosystem, text) or b""), kind == "last_affected"


def says(candidate: Candidate, ecosystem: Ecosystem, version: str) -> bool:
    """Whether a candidate's bounds and listed versions hold a version."""
    own = key(ecosystem, version)
    if own is None:
        return False
    if own in {key(ecosystem, text) for text in candidate.affected.versions}:
        return True
    return any(
        (low is None or low <= own) and (high is None or own < high or (closed and own == high))
        for low, high, closed in filter(None, candidate.bounds)
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_verdict_is_that_of_the_records(index: Snapshot, folder: str) -> None:
    said: dict[tuple[str, str], list[tuple[str, Record, Ecosystem]]] = defaultdict(list)
    versions: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in records(folder):
        if record.get("withdrawn"):
            continue
        for entry in record["affected"]:
            world = world_of(entry["package"]["ecosystem"])
            where = world.scope, world.name(entry["package"]["name"])
            said[where].append((record["id"], entry, world.ecosystem))
            versions[where].update((entry.get("versions") or ())[:40])
            versions[where].update(
                text for timeline in entry.get("ranges") or () if timeline["type"] != "GIT"
                for event in timeline["events"] for text in event.values() if text != "0"
            )  # fmt: skip
    found = index.affecting(said)
    compared = 0
    for where, entries in list(said.items())[:: 3 if folder == "PyPI" else 1]:
        ecosystem = entries[0][2]
        for version in sorted(versions[where])[:60]:
            expected = {name for name, entry, _ in entries if is_affected(entry, ecosystem, version)}
            assert {c.advisory for c in found.get(where, ()) if says(c, ecosystem, version)} == expected, (
                where,
                version,
            )
            compared += 1
    assert compared > 300


def test_a_known_flaw_is_known(index: Snapshot) -> None:
    (candidate,) = [
        c for c in index.affecting([("pypi", "jinja2")])["pypi", "jinja2"] if c.advisory == "PYSEC-2019-217"
    ]
    assert candidate.vulnerabilities == ("CVE-2019-10906",)
    assert candidate.affected.ranges[0].fixed == "2.10.1"
    assert index.canonical("PYSEC-2019-217") == "CVE-2019-10906"
    assert (index.covers("pypi"), index.covers("alpine:3.11"), index.covers("alpine:3.19")) == (True, True, False)
