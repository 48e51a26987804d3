"""What a target on the command line means."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.collect.reference import Reference, parse_reference
from assay.collect.target import TargetKind, TargetSpec, parse_target
from assay.errors import Invalid, NotFound, Unreadable

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("debian", Reference("docker.io", "library/debian", "latest")),
        ("debian:12", Reference("docker.io", "library/debian", "12")),
        ("grafana/grafana", Reference("docker.io", "grafana/grafana", "latest")),
        ("docker.io/debian", Reference("docker.io", "library/debian", "latest")),
        ("index.docker.io/library/debian:12", Reference("docker.io", "library/debian", "12")),
        ("ghcr.io/a/b/c:v1", Reference("ghcr.io", "a/b/c", "v1")),
        ("localhost/app", Reference("localhost", "app", "latest")),
        ("localhost:5000/app:1", Reference("localhost:5000", "app", "1")),
        ("[::1]:5000/app", Reference("[::1]:5000", "app", "latest")),
        (f"debian@{DIGEST}", Reference("docker.io", "library/debian", "", DIGEST)),
        (f"quay.io/a/b:c@{DIGEST}", Reference("quay.io", "a/b", "c", DIGEST)),
    ],
)
def test_image_names_are_completed(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected
    assert parse_reference(str(expected)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Debian", "'library/Debian' is not the name of a repository"),
        ("a//b", "not the name of a repository"),
        ("", "not the name of a repository"),
        ("debian:", "'' is not a tag"),
        ("debian:a b", "not a tag"),
        ("debian@sha256:12", "is not a digest"),
        ("exa$mple.com/a", "not the name of a registry"),
        ("../x.y/z", "not the name of a registry"),
    ],
)
def test_wrong_image_names_say_which_part(text: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        parse_reference(text)


@pytest.mark.parametrize(
    "text", ["image:debian:12", "dir:/", "sbom:/dev/null", "host", "image:localhost:5000/a", "zip:/dev/null"]
)
def test_a_prefix_decides(text: str) -> None:
    assert str(parse_target(text)) == text


def test_images_that_are_called_like_a_prefix() -> None:
    assert parse_target("host:5000/app") == TargetSpec(TargetKind.IMAGE, "host:5000/app")
    assert parse_target("image:zip") == TargetSpec(TargetKind.IMAGE, "zip")


def test_paths_with_a_name_inside(tmp_path: Path) -> None:
    path = tmp_path / "a:b"
    path.write_bytes(b"")
    assert parse_target(f"docker-archive:{path}") == TargetSpec(TargetKind.DOCKER_ARCHIVE, str(path))
    assert parse_target(f"docker-archive:{path}:app:1") == TargetSpec(TargetKind.DOCKER_ARCHIVE, str(path), "app:1")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", Invalid, "the target is empty"),
        ("dir:", Invalid, "needs a value"),
        ("dir:/no/such", NotFound, "no such directory"),
        ("zip:/no/such", NotFound, "no such file or directory"),
        ("oci-dir:/no/such:tag", NotFound, "no such file"),
        ("disk:/dev/sda", Invalid, "raw disks cannot be read yet; mount the volume read-only"),
        ("image:UPPER", Invalid, "not the name of a repository"),
        ("./nowhere", NotFound, "no such file or directory"),
        ("no where", NotFound, "no such file or directory, and no image name either"),
        ("/dev/null", Invalid, "neither a file nor a directory"),
        ("a\0b", NotFound, "no such file"),
    ],
)
def test_wrong_targets_say_what_to_do(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        parse_target(text)


def guessed(path: Path, data: bytes) -> TargetKind:
    path.write_bytes(data)
    return parse_target(str(path)).kind


@pytest.mark.parametrize(
    "text",
    [
        '{"bomFormat": "CycloneDX", "specVersion": "1.6"}',
        '\ufeff{\n  "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",\n  "bomFormat" : "CycloneDX"}',
        '<?xml version="1.0"?>\n<!-- made by x -->\n<bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1">',
        '<b:bom serialNumber="x" xmlns:b="http://cyclonedx.org/schema/bom/1.2">',
        '{"SPDXID": "SPDXRef-DOCUMENT", "name": "x"}',
        '{"name": "x", "spdxVersion": "SPDX-2.3"}',
        '{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}',
        "# comment\r\nSPDXVersion: SPDX-2.2\r\n",
    ],
)
def test_sboms_are_known_by_their_content(tmp_path: Path, text: str) -> None:
    assert guessed(tmp_path / "x", text.encode()) is TargetKind.SBOM


def test_paths_are_known_by_their_content(
    tmp_path: Path, image: Callable, layout: Callable, layout_tar: Callable, tar: Callable
) -> None:
    built = image([{"a": b"1"}])
    assert parse_target(str(layout([built]))).kind is TargetKind.OCI_DIR
    assert parse_target(f"{layout([built])}:tag") == TargetSpec(TargetKind.OCI_DIR, str(layout([built])), "tag")
    assert parse_target(str(layout_tar([built]))).kind is TargetKind.DOCKER_ARCHIVE
    assert parse_target(str(tmp_path)).kind is TargetKind.DIR
    saved = tar({"0" * 64 + "/": None, "0" * 64 + "/layer.tar": b"", "manifest.json": b"[]"})
    assert guessed(tmp_path / "x", saved) is TargetKind.DOCKER_ARCHIVE
    assert guessed(tmp_path / "x", gzip.compress(saved)) is TargetKind.DOCKER_ARCHIVE
    rootfs = tar({"./": None, "etc/": None, "etc/passwd": b""})
    assert guessed(tmp_path / "x", rootfs) is TargetKind.ZIP
    assert guessed(tmp_path / "x", gzip.compress(rootfs)) is TargetKind.ZIP
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", b"1")
    assert guessed(tmp_path / "x", out.getvalue()) is TargetKind.ZIP
    assert guessed(tmp_path / "x", b"#!/bin/sh\n" + out.getvalue()) is TargetKind.ZIP


def test_paths_that_nothing_can_be_made_of(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="neither an archive nor an SBOM"):
        guessed(tmp_path / "x", b"hello")
    with pytest.raises(Invalid, match="a disk image, which cannot be read yet"):
        guessed(tmp_path / "x", b"QFI\xfb" + bytes(100))
    with pytest.raises(Unreadable, match="gzip stream is cut off"):
        guessed(tmp_path / "x", gzip.compress(b"text")[:12])
    with pytest.raises(Unreadable, match="not a tar header"):
        guessed(tmp_path / "x", gzip.compress(b"text" * 500))
