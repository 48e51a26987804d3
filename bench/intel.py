"""How fast advisories become a snapshot, and how fast the snapshot answers: ``python -m bench.intel``.

Reads the mirror named by ASSAY_MIRROR, or the shared advisories beside the repository; without either it writes itself
a mirror of generated PyPI advisories.
"""

import json
import os
import random
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from assay.intel.diff import diff
from assay.intel.lookup import Snapshot
from assay.intel.transfer import export_snapshot, import_snapshot
from bench.measure import run_once, write_section

T = TypeVar("T")
GENERATED = 20_000
KEYS = 20_000
SYNC = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from assay.operations.intel import sync_intel
if __name__ == "__main__":
    print(sync_intel(Path(sys.argv[1]), datetime.now(UTC), mirror=sys.argv[2]).snapshot)
"""


def main() -> None:
    """Build, measure, rewrite the section of docs/benchmarks.md."""
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        here = Path(folder)
        mirror = _mirror(here)
        (here / "sync.py").write_text(SYNC)
        cost = run_once([sys.executable, str(here / "sync.py"), str(here / "data"), str(mirror)])
        path = next((here / "data" / "snapshots").glob("*.assaydb"))
        rows = [
            ("compile everything: wall, CPU, memory of the largest process",
             f"{cost.wall:.1f} s, {cost.cpu:.1f} s, {cost.rss:.0f} MB"),
            ("the snapshot", f"{path.stat().st_size / 1e6:.1f} MB"),
            *_transfer(path, here),
            *_lookups(path),
            *_difference(path, mirror, here),
        ]  # fmt: skip
        text = "| what | figure |\n|---|---|\n" + "\n".join(f"| {what} | {figure} |" for what, figure in rows)
        print(text)
        write_section("Vulnerability intelligence", f"Mirror: {_contents(path)}.\n\n{text}")


def _mirror(here: Path) -> Path:
    shared = (
        Path(os.environ.get("ASSAY_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "intel"
    )
    named = os.environ.get("ASSAY_MIRROR")
    if named or shared.is_dir():
        return Path(named) if named else shared
    draw = random.Random(1)
    zipped = here / "mirror" / "osv" / "PyPI" / "all.zip"
    zipped.parent.mkdir(parents=True)
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(GENERATED):
            archive.writestr(f"PYSEC-2024-{number}.json", json.dumps(_record(number, draw)))
    return here / "mirror"


def _record(number: int, draw: random.Random) -> object:
    events = [{"introduced": "0"}, {"fixed": f"{draw.randrange(9)}.{draw.randrange(30)}.{draw.randrange(9)}"}]
    package = {"ecosystem": "PyPI", "name": f"package-{draw.randrange(GENERATED // 4)}"}
    return {
        "id": f"PYSEC-2024-{number}",
        "modified": "2024-01-01T00:00:00Z",
        "aliases": [f"CVE-2024-{number:05}"],
        "details": " ".join(draw.choices(["flaw", "in", "parser", "allows", "remote", "attackers"], k=60)),
        "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    }


def _transfer(path: Path, here: Path) -> list[tuple[str, str]]:
    seconds, size = _timed(lambda: export_snapshot(path, here / "export.assay"))
    again, _ = _timed(lambda: import_snapshot(here / "export.assay", here / "imported"))
    return [("export", f"{size / 1e6:.1f} MB in {seconds:.1f} s"), ("import, everything verified", f"{again:.1f} s")]


def _lookups(path: Path) -> list[tuple[str, str]]:
    draw = random.Random(2)
    with Snapshot(path) as index:
        known = [(row[0], row[1]) for row in index.file.rows("SELECT scope, name FROM package")]
        ids = [row[0] for row in index.file.rows("SELECT id FROM vulnerability")]
        hits = draw.sample(known, min(KEYS, len(known)))
        misses = [(scope, f"no-{name}") for scope, name in hits]
        mixed = [*hits[: len(hits) // 5], *misses[len(misses) // 5 :]]
        rows = []
        for what, keys in (("all known", hits), ("one of five known", mixed), ("none known", misses)):
            seconds, found = _best(lambda keys=keys: index.affecting(keys))
            statements = sum(map(len, found.values()))
            rows.append((f"look-ups/s, {what} (CPU)", f"{len(keys) / seconds:,.0f} ({statements:,} statements)"))
        some = draw.sample(ids, min(1000, len(ids)))
        seconds, _ = _best(lambda: index.vulnerabilities(some))
        rows.append(("facts on flaws/s (CPU)", f"{len(some) / seconds:,.0f}"))
    return rows


def _difference(path: Path, mirror: Path, here: Path) -> list[tuple[str, str]]:
    """Against a snapshot in which one advisory of fifty is another."""
    other = here / "other"
    shutil.copytree(mirror, other, ignore=shutil.ignore_patterns("native-samples"))
    draw = random.Random(3)
    for zipped in sorted((other / "osv").glob("*/all.zip")):
        _change(zipped, draw)
    shutil.copytree(here / "data", here / "changed")
    run_once([sys.executable, str(here / "sync.py"), str(here / "changed"), str(other)])
    changed = next(p for p in (here / "changed" / "snapshots").glob("*.assaydb") if p.name != path.name)
    seconds, found = _timed(lambda: diff(path, changed))
    return [(f"difference: {len(found.keys):,} packages, {len(found.vulnerabilities):,} flaws", f"{seconds:.2f} s")]


def _change(zipped: Path, draw: random.Random) -> None:
    part = zipped.with_suffix(".part")
    with zipfile.ZipFile(zipped) as old, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            record = json.loads(old.read(name))
            if draw.random() < 0.02:
                record["summary"] = f"{record.get('summary') or ''} (changed)"
                record["affected"] = (record.get("affected") or [])[:-1]
            new.writestr(name, json.dumps(record))
    part.replace(zipped)


def _contents(path: Path) -> str:
    with Snapshot(path) as index:
        sources = [source for source in index.status().sources if source.status == "ok"]
        ((statements,),) = index.file.rows("SELECT count(*) FROM statement")
    return f"{len(sources)} sources, {sum(s.records for s in sources):,} records, {statements:,} ranges and versions"


def _timed(action: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    found = action()
    return time.perf_counter() - started, found


def _best(action: Callable[[], T], runs: int = 3) -> tuple[float, T]:
    seconds = float("inf")
    for _ in range(runs):
        started = time.process_time()
        found = action()
        seconds = min(seconds, time.process_time() - started)
    return seconds, found


if __name__ == "__main__":
    main()
