"""Builders of small archives and images."""

import gzip
import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest


def tar_of(files: Mapping[str, bytes | None], style: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of files; a name that ends in ``/`` or has no content is a directory, ``a -> b`` a symbolic link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=style) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name.partition(" -> ")[0])
            if " -> " in name:
                member.type, member.linkname = tarfile.SYMTYPE, name.partition(" -> ")[2]
            elif content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            member.size = len(content or b"")
            archive.addfile(member, io.BytesIO(content or b""))
    return out.getvalue()


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass
class Built:
    """An image as blobs by digest, with the descriptor of its manifest."""

    blobs: dict[str, bytes]
    manifest: dict[str, object]
    config_digest: str
    diff_ids: list[str]
    layer_digests: list[str]

    def put(self, data: bytes) -> str:
        self.blobs[digest_of(data)] = data
        return digest_of(data)


def build_image(
    layers: Sequence[Mapping[str, bytes | None] | bytes],
    compress: Callable[[bytes], bytes] = lambda data: gzip.compress(data, 1, mtime=0),
    platform: str = "linux/amd64",
    media_type: str = "application/vnd.oci.image.layer.v1.tar+gzip",
) -> Built:
    tars = [layer if isinstance(layer, bytes) else tar_of(layer) for layer in layers]
    stored = [compress(tar) for tar in tars]
    system, architecture, *variant = platform.split("/")
    config = {
        "os": system,
        "architecture": architecture,
        **({"variant": variant[0]} if variant else {}),
        "rootfs": {"type": "layers", "diff_ids": [digest_of(tar) for tar in tars]},
        "history": [{"created_by": f"step {number}"} for number in range(len(tars))]
        + [{"created_by": "ENV a=b", "empty_layer": True}],
    }
    built = Built({}, {}, "", [digest_of(tar) for tar in tars], [digest_of(data) for data in stored])
    built.config_digest = built.put(json.dumps(config).encode())
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": built.config_digest,
            "size": len(built.blobs[built.config_digest]),
        },
        "layers": [{"mediaType": media_type, "digest": built.put(data), "size": len(data)} for data in stored],
    }
    data = json.dumps(manifest).encode()
    built.manifest = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": built.put(data),
        "size": len(data),
    }
    return built


def layout_files(
    images: Sequence[Built], descriptors: Sequence[Mapping[str, object]] | None = None
) -> dict[str, bytes]:
    """The files of an OCI layout that holds the images."""
    index = {
        "schemaVersion": 2,
        "manifests": list(descriptors) if descriptors is not None else [image.manifest for image in images],
    }
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index).encode()}
    for image in images:
        files |= {"blobs/" + digest.replace(":", "/"): data for digest, data in image.blobs.items()}
    return files


def write_files(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


@pytest.fixture
def image() -> Callable[..., Built]:
    return build_image


@pytest.fixture
def tar() -> Callable[..., bytes]:
    return tar_of


@pytest.fixture
def layout(tmp_path: Path) -> Callable[..., Path]:
    def write(images: Sequence[Built], descriptors: Sequence[Mapping[str, object]] | None = None) -> Path:
        return write_files(tmp_path / "layout", layout_files(images, descriptors))

    return write


@pytest.fixture
def layout_tar(tmp_path: Path) -> Callable[..., Path]:
    def write(images: Sequence[Built], descriptors: Sequence[Mapping[str, object]] | None = None) -> Path:
        path = tmp_path / "layout.tar"
        path.write_bytes(tar_of(layout_files(images, descriptors)))
        return path

    return write


@pytest.fixture
def roll(tmp_path: Path) -> Callable[[int], None]:
    """A function with which a process registers and waits until that many different ones have."""

    def call(expected: int) -> None:
        (tmp_path / f"worker-{os.getpid()}").touch()
        until = time.monotonic() + 30
        while len(list(tmp_path.glob("worker-*"))) < expected and time.monotonic() < until:
            time.sleep(0.01)

    return call
