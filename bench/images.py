"""Real images built from the registries' packages, without a container engine.

A root file system of Debian packages comes from mmdebstrap, applications from pip and npm; layers are packed with
tarfile and gzip into an OCI layout and a docker-archive that share their blobs.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

PYTHON_PACKAGES = (
    "django==3.2 requests==2.19.1 pillow==8.0.0 numpy==1.21.0 pandas==1.3.0 flask==1.0 jinja2==2.10 werkzeug==0.15.3 "
    "urllib3==1.24.1 certifi==2019.11.28 idna==2.7 chardet==3.0.4 click==7.0 pyyaml==5.4 cryptography==3.2 lxml==4.6.2 "
    "aiohttp==3.7.3 tornado==6.1 twisted==21.2.0 sqlalchemy==1.3.20 paramiko==2.4.2 scipy==1.6.0 scikit-learn==0.24.0"
).split()
NODE_PACKAGES = {
    "express": "4.16.0",
    "lodash": "4.17.15",
    "axios": "0.19.0",
    "mongoose": "5.7.5",
    "socket.io": "2.3.0",
    "webpack": "4.41.0",
    "jest": "25.1.0",
    "esbuild": "0.14.10",
    "typescript": "3.9.10",
    "sequelize": "5.21.1",
    "@babel/core": "7.8.0",
}
JAVA_PACKAGES = (
    "liblog4j2-java libjackson2-databind-java libcommons-collections4-java libcommons-compress-java libxstream-java "
    "libguava-java libnetty-java libbcprov-java libtomcat9-java libjetty9-java libspring-core-java libspring-web-java "
    "libhibernate-validator-java libpostgresql-jdbc-java libprotobuf-java libmaven3-core-java libyaml-snake-java"
).split()
LARGE_PACKAGES = (
    "build-essential default-jre-headless postgresql-15 nodejs npm ruby python3-dev python3-numpy php-cli git "
    "vim-tiny nginx redis-server"
).split()


def build_all(folder: Path) -> list[Path]:
    """Build what is missing; returns the folders, each with ``oci/`` and ``docker.tar``."""
    folder.mkdir(parents=True, exist_ok=True)
    roots = folder / "roots"
    roots.mkdir(exist_ok=True)
    builders = {
        "debian": lambda: [_debian(roots / "debian")],
        "python-app": lambda: [_debian(roots / "debian"), _python(roots / "python")],
        "node-app": lambda: [_debian(roots / "debian"), _node(roots / "node")],
        "java-app": lambda: [_debian(roots / "java", JAVA_PACKAGES), _fat_jars(roots / "fat", roots / "java")],
        "large": lambda: [
            _debian(roots / "large", LARGE_PACKAGES),
            _python(roots / "python"),
            _node(roots / "node"),
            _noise(roots / "noise"),
        ],
    }
    images = []
    for name, layers in builders.items():
        image = folder / name
        if not (image / "docker.tar").exists():
            print(f"building {name}", file=sys.stderr)
            pack(image, layers(), roots / "layers")
        images.append(image)
    return images


def pack(image: Path, layers: Sequence[Path], cache: Path) -> None:
    """Write the layers' folders as an OCI layout and a docker-archive."""
    shutil.rmtree(image, ignore_errors=True)
    blobs = image / "oci" / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    cache.mkdir(parents=True, exist_ok=True)
    descriptors, diff_ids = [], []
    for layer in layers:
        packed = cache / f"{layer.name}.tar.gz"
        if not packed.exists():
            _tar(layer, packed)
        digest, size = _digest(packed)
        shutil.copyfile(packed, blobs / digest)
        with gzip.open(packed) as raw:
            diff_ids.append("sha256:" + hashlib.file_digest(raw, "sha256").hexdigest())
        media = "application/vnd.oci.image.layer.v1.tar+gzip"
        descriptors.append({"mediaType": media, "digest": f"sha256:{digest}", "size": size})
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids}}
    config_digest, config_size = _blob(blobs, config)
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": f"sha256:{config_digest}",
            "size": config_size,
        },
        "layers": descriptors,
    }
    digest, size = _blob(blobs, manifest)
    index = {
        "schemaVersion": 2,
        "manifests": [{"mediaType": manifest["mediaType"], "digest": f"sha256:{digest}", "size": size}],
    }
    (image / "oci" / "index.json").write_text(json.dumps(index))
    (image / "oci" / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    names = ["blobs/sha256/" + entry["digest"].partition(":")[2] for entry in descriptors]
    saved = [{"Config": f"blobs/sha256/{config_digest}", "RepoTags": [f"bench/{image.name}:latest"], "Layers": names}]
    (image / "manifest.json").write_text(json.dumps(saved))
    with tarfile.open(image / "docker.tar", "w") as tar:
        tar.add(image / "manifest.json", "manifest.json")
        for member in ("index.json", "oci-layout", "blobs"):
            tar.add(image / "oci" / member, member)


def _blob(blobs: Path, document: object) -> tuple[str, int]:
    data = json.dumps(document).encode()
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return digest, len(data)


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _tar(folder: Path, out: Path) -> None:
    def keep(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if member.isdev() else member

    with tarfile.open(out, "w:gz", compresslevel=6, format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(os.listdir(folder)):
            tar.add(folder / name, name, filter=keep)


def _debian(root: Path, packages: Sequence[str] = ()) -> Path:
    if root.exists():
        return root
    if not shutil.which("mmdebstrap"):
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "mmdebstrap"])
    include = ",".join(["ca-certificates", *packages])
    sources = "/etc/apt/sources.list.d/debian.sources"
    _run(
        [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            '--aptopt=APT::Install-Recommends "false"',
            f"--include={include}",
        ]
        + ["bookworm", str(root)]
        + ([sources] if Path(sources).exists() else [])
    )
    shutil.rmtree(root / "var/lib/apt/lists", ignore_errors=True)
    for path in (root / "etc/apt/sources.list.d").glob("*"):
        path.unlink()
    (root / "etc/apt/sources.list").write_text("deb http://deb.debian.org/debian bookworm main\n")
    return root


def _python(root: Path) -> Path:
    if root.exists():
        return root
    site = root / "usr/local/lib/python3.9/site-packages"
    platforms = [f"--platform=manylinux{year}_x86_64" for year in ("2014", "2010", "1")]
    options = ["--no-deps", "--no-compile", "--only-binary=:all:", "--python-version=3.9", "--implementation=cp"]
    pip = [sys.executable, "-m", "pip", "install", "-q", "--root-user-action=ignore", "--target", str(site)]
    _run([*pip, *options, *platforms, *PYTHON_PACKAGES])
    return root


def _node(root: Path) -> Path:
    if root.exists():
        return root
    app = root / "app"
    app.mkdir(parents=True)
    (app / "package.json").write_text(json.dumps({"name": "app", "version": "1.0.0", "dependencies": NODE_PACKAGES}))
    _run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=app)
    return root


def _fat_jars(root: Path, java: Path) -> Path:
    """Spring-Boot-like jars, a war and an ear that nest the jars of Debian's packages."""
    if root.exists():
        return root
    jars = sorted(path for path in (java / "usr/share/java").glob("*.jar") if not path.is_symlink())
    out = root / "opt/app"
    out.mkdir(parents=True)
    for name, prefix, part in (("app.jar", "BOOT-INF/lib/", jars[:60]), ("web.war", "WEB-INF/lib/", jars[60:110])):
        with zipfile.ZipFile(out / name, "w") as archive:
            archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nImplementation-Title: app\r\n\r\n")
            for jar in part:
                archive.write(jar, prefix + jar.name, zipfile.ZIP_STORED)
    with zipfile.ZipFile(out / "all.ear", "w") as archive:
        archive.write(out / "web.war", "web.war", zipfile.ZIP_STORED)
    return root


def _noise(root: Path) -> Path:
    if not root.exists():
        (root / "srv").mkdir(parents=True)
        (root / "srv/data.bin").write_bytes(os.urandom(60_000_000))
    return root


def _run(command: Sequence[str], cwd: Path | None = None) -> None:
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"})
