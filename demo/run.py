"""Build two small real images from Debian, PyPI and npm packages, scan them, and show the tables."""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

from bench.images import pack

HERE = Path(__file__).parent
WORK = HERE.parent / ".demo"
ASSAY = str(Path(sys.executable).parent / "assay")
DEBIAN = (
    "base-files bash coreutils libc6 tar perl-base util-linux login apt zlib1g openssl libssl3 python3-yaml".split()
)
PYTHON = "requests==2.19.1 urllib3==1.24.1 jinja2==2.10 django==3.2 idna==2.7 certifi==2019.11.28".split()
NODE = "express@4.16.0 lodash@4.17.15 minimist@1.2.0 axios@0.19.0 handlebars@4.5.3".split()


def main() -> int:
    """Exit status 0 when both scans find what is known to be there."""
    WORK.mkdir(exist_ok=True)
    try:
        snapshot = _intel()
        images = [_image("shop-api", _python), _image("storefront", _node)]
    except subprocess.CalledProcessError as error:
        print(f"demo: {' '.join(map(str, error.cmd[:4]))} ... failed with status {error.returncode}", file=sys.stderr)
        return 1
    found = [_scan(image, snapshot) for image in images]
    print("\nWhy one of them? The derivation, step by step:\n")
    _run([ASSAY, "scan", str(images[0]), "--intel", str(snapshot), "--explain", "CVE-2018-18074"], quiet=False)
    print(f"\nThe reports are in {os.path.relpath(WORK)}/: open shop-api.html in a browser.")
    return 0 if all(found) else 1


def _scan(image: Path, snapshot: Path) -> bool:
    name = image.parent.name
    print(f"\n$ assay scan {os.path.relpath(image)}\n", flush=True)
    report = WORK / f"{name}.json"
    formats = ["--format", "table", "--format", f"json={report}", "--format", f"html={WORK / name}.html"]
    start = time.perf_counter()
    _run([ASSAY, "scan", str(image), "--intel", str(snapshot), "--no-cache", *formats], quiet=False)
    print(f"({time.perf_counter() - start:.1f} s)", flush=True)
    return '"findings": []' not in report.read_text()


def _intel() -> Path:
    """The shipped facts in the layout of a mirror, compiled into a snapshot."""
    mirror = WORK / "mirror"
    shutil.rmtree(mirror, ignore_errors=True)
    for ecosystem in ("PyPI", "npm"):
        folder = mirror / "osv" / ecosystem
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for number, line in enumerate((HERE / f"osv-{ecosystem}.jsonl").read_text().splitlines()):
                archive.writestr(f"{number}.json", line)
    tracker = mirror / "debian" / "tracker.json"
    tracker.parent.mkdir()
    shutil.copyfile(HERE / "debian-tracker.json", tracker)
    data = WORK / "data"
    print("$ assay intel build --mirror ...", flush=True)
    _run([ASSAY, "intel", "build", "--mirror", str(mirror), "--data-dir", str(data)], quiet=False)
    return data


def _image(name: str, application: object) -> Path:
    image = WORK / name
    if not (image / "docker.tar").exists():
        print(f"building {name} from packages of the registries", flush=True)
        assert callable(application)
        pack(image, [_debian(WORK / "roots" / "debian"), application(WORK / "roots" / name)], WORK / "layers")
    return image / "docker.tar"


def _debian(root: Path) -> Path:
    """Unpack Debian packages and write the package database as dpkg would; no root rights are needed."""
    if (root / "var/lib/dpkg/status").exists():
        return root
    if not shutil.which("apt-get"):
        sys.exit("demo: this needs Debian's apt-get to fetch packages")
    debs = WORK / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["apt-cache", "show", "-q", "libssl3"], capture_output=True, check=False).returncode:
        _run(["apt-get", "update", "-qq"])
    _run(["apt-get", "download", "-qq", *DEBIAN], cwd=debs)
    stanzas = []
    (root / "var/lib/dpkg/info").mkdir(parents=True, exist_ok=True)
    for deb in sorted(debs.glob("*.deb")):
        _run(["dpkg-deb", "-x", str(deb), str(root)])
        control = subprocess.run(["dpkg-deb", "-f", str(deb)], capture_output=True, text=True, check=True).stdout
        name = control.partition("Package: ")[2].partition("\n")[0]
        stanzas.append(control.replace("\nVersion:", "\nStatus: install ok installed\nVersion:", 1).rstrip() + "\n")
        listing = subprocess.run(["dpkg-deb", "-c", str(deb)], capture_output=True, text=True, check=True).stdout
        files = [line.split(maxsplit=5)[5].partition(" -> ")[0].removeprefix(".") for line in listing.splitlines()]
        (root / f"var/lib/dpkg/info/{name}.list").write_text("\n".join(files) + "\n")
    (root / "var/lib/dpkg/status").write_text("\n".join(stanzas))
    return root


def _python(root: Path) -> Path:
    site = root / "usr/local/lib/python3.11/site-packages"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--root-user-action=ignore"]
    _run([*pip, "--no-deps", "--no-compile", "--target", str(site), *PYTHON])
    return root


def _node(root: Path) -> Path:
    app = root / "srv/app"
    app.mkdir(parents=True, exist_ok=True)
    (app / "package.json").write_text('{"name": "storefront", "version": "1.0.0"}\n')
    npm = shutil.which("npm")
    if npm is None:
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "npm"])
    _run([npm or "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *NODE], cwd=app)
    return root


def _run(command: Sequence[str], *, cwd: Path | None = None, quiet: bool = True) -> None:
    status = subprocess.run(command, cwd=cwd, check=False, stdout=subprocess.DEVNULL if quiet else None).returncode
    if status not in (0, 4):
        raise subprocess.CalledProcessError(status, command)


if __name__ == "__main__":
    sys.exit(main())
