"""Scans as a user runs them."""

import csv
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest


def findings(ran) -> list[tuple[str, str, str | None]]:
    return [(row["id"], row["name"], row["fixed_in"]) for row in json.loads(ran.out)["findings"]]


BOTH = [("CVE-2019-10744", "lodash", "4.17.12"), ("CVE-2018-18074", "requests", "2.20.0")]


def test_a_directory_is_scanned(run, knowledge, project) -> None:
    ran = run("scan", project, "--data-dir", knowledge, "--format", "json")
    assert ran.status == 0
    assert findings(ran) == BOTH
    document = json.loads(ran.out)
    assert document["target"]["kind"] == "dir"
    assert document["intel"]["digest"]
    assert document["generated_at"] == "2026-03-01T12:00:00Z"


def test_the_table_shows_findings_and_counts(run, knowledge, project) -> None:
    ran = run("scan", project, "--data-dir", knowledge)
    assert ran.status == 0
    assert "CVE-2018-18074" in ran.out
    assert "2 findings: 1 critical, 1 high" in ran.out


def test_equal_input_gives_equal_bytes(run, knowledge, project) -> None:
    for name in ("json", "csv", "sarif", "cyclonedx", "spdx", "html", "markdown"):
        first = run("scan", project, "--data-dir", knowledge, "--format", name)
        assert first.out == run("scan", project, "--data-dir", knowledge, "--format", name).out


def test_formats_go_to_files_side_by_side(run, knowledge, project, tmp_path) -> None:
    sarif, rows = tmp_path / "a.sarif", tmp_path / "a.csv"
    ran = run("scan", project, "--data-dir", knowledge, "-f", f"sarif={sarif}", "-f", f"csv={rows}", "-f", "json")
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert len(list(csv.DictReader(io.StringIO(rows.read_text())))) == 2
    assert findings(ran) == BOTH
    mask = os.umask(0)
    os.umask(mask)
    assert sarif.stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (("--threshold", "critical=1"), 3, "1 critical findings reach the threshold of 1"),
        (("--threshold", "critical=2,high=2"), 0, ""),
        (("--fail-on", "GHSA-x84v-xcm2-53pg"), 3, "CVE-2018-18074 is present"),
        (("--threshold", "terrible=1"), 2, "the name must be one of"),
        (("--format", "yaml"), 2, "unknown format 'yaml'"),
        (("--format", "json", "--format", "csv"), 2, "only one format can go to standard output"),
        (("--format", "json="), 2, "names no file"),
    ],
)
def test_exit_status(run, knowledge, project, options, status, message) -> None:
    ran = run("scan", project, "--data-dir", knowledge, *options)
    assert (ran.status, message in ran.err) == (status, True)


def test_a_missing_target_and_missing_knowledge_are_errors(run, knowledge, project, tmp_path) -> None:
    ran = run("scan", tmp_path / "nowhere", "--data-dir", knowledge)
    assert ran.status in (1, 2)
    assert "nowhere" in ran.err
    ran = run("scan", project, "--data-dir", tmp_path / "empty")
    assert ran.status == 1
    assert "assay intel sync" in ran.err


def test_an_unknown_option_is_a_usage_error(run) -> None:
    assert run("scan", "x", "--nonsense").status == 2


def test_what_cannot_be_read_makes_the_answer_partial(run, knowledge, project) -> None:
    (project / "package-lock.json").write_text("{broken")
    ran = run("scan", project, "--data-dir", knowledge, "--format", "json")
    assert ran.status == 4
    assert findings(ran) == BOTH
    assert [error["path"] for error in json.loads(ran.out)["errors"]] == ["package-lock.json"]


def test_a_release_nobody_covers_is_a_gap_not_a_clean_bill(run, knowledge, tmp_path) -> None:
    root = tmp_path / "root"
    (root / "var/lib/dpkg").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    (root / "var/lib/dpkg/status").write_text("Package: bash\nStatus: install ok installed\nVersion: 5.2\n")
    ran = run("scan", root, "--data-dir", knowledge, "--format", "json")
    assert ran.status == 4
    (gap,) = json.loads(ran.out)["not_compared"]
    assert gap["purl"].startswith("pkg:deb/debian/bash@5.2")
    assert "could not be judged" in run("scan", root, "--data-dir", knowledge).out


def test_an_ignore_list_sets_aside_and_says_what_it_missed(run, knowledge, project, tmp_path) -> None:
    ignore = tmp_path / "ignore.txt"
    ignore.write_text("CVE-2019-10744\nCVE-2000-0001\n")
    document = json.loads(run("scan", project, "--data-dir", knowledge, "--ignore", ignore, "--format", "json").out)
    assert [row["id"] for row in document["findings"]] == ["CVE-2018-18074"]
    assert [(row["id"], row["reason"]) for row in document["set_aside"]] == [("CVE-2019-10744", "ignored")]
    assert any("CVE-2000-0001" in notice for notice in document["notices"])


def test_several_targets_are_one_document_per_line(run, knowledge, project) -> None:
    ran = run("scan", project, f"dir:{project}", "--data-dir", knowledge, "--format", "json")
    assert [len(json.loads(line)["findings"]) for line in ran.out.splitlines()] == [2, 2]
    assert run("scan", project, project, "--data-dir", knowledge, "--format", "sarif").status == 2


def test_manifests_can_be_left_out(run, knowledge, project) -> None:
    ran = run("scan", project, "--data-dir", knowledge, "--no-manifests", "--format", "json")
    assert findings(ran) == BOTH[:1]


def test_a_function_zip_is_scanned(run, knowledge, tmp_path) -> None:
    path = tmp_path / "function.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "requests-2.19.1.dist-info/METADATA", "Metadata-Version: 2.1\nName: requests\nVersion: 2.19.1\n"
        )
    document = json.loads(run("scan", path, "--data-dir", knowledge, "--format", "json").out)
    assert document["target"]["kind"] == "zip"
    assert document["findings"][0]["paths"] == ["requests-2.19.1.dist-info/METADATA"]


def image(path: Path, *layers: dict[str, bytes]) -> Path:
    import hashlib

    members, names, diffs = {}, [], []
    for number, layer in enumerate(layers):
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w") as tar:
            for name, data in layer.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        members[f"{number}/layer.tar"] = raw.getvalue()
        names.append(f"{number}/layer.tar")
        diffs.append("sha256:" + hashlib.sha256(raw.getvalue()).hexdigest())
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diffs}}
    members["config.json"] = json.dumps(config).encode()
    members["manifest.json"] = json.dumps([{"Config": "config.json", "RepoTags": ["app:1"], "Layers": names}]).encode()
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def test_an_image_tells_the_layer_that_brought_a_package(run, knowledge, tmp_path) -> None:
    old = {"app/node_modules/lodash/package.json": b'{"name": "lodash", "version": "4.17.11"}'}
    gone = {"srv/requests-2.19.1.dist-info/METADATA": b"Name: requests\nVersion: 2.19.1\n"}
    archive = image(tmp_path / "app.tar", old | gone, {"srv/.wh.requests-2.19.1.dist-info": b""})
    document = json.loads(run("scan", archive, "--data-dir", knowledge, "--format", "json").out)
    assert document["target"]["tags"] == ["app:1"]
    assert [(row["id"], row["layer"]) for row in document["findings"]] == [
        ("CVE-2019-10744", document["target"]["layers"][0])
    ]


def test_a_known_layer_is_not_read_again(run, knowledge, tmp_path) -> None:
    archive = image(
        tmp_path / "app.tar", {"node_modules/lodash/package.json": b'{"name":"lodash","version":"4.17.11"}'}
    )
    words = ("scan", archive, "--data-dir", knowledge, "--format", "json")
    first = run(*words)
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert run(*words).out == first.out
    run(*words, "--cache-dir", tmp_path / "other", "--no-cache")
    assert not (tmp_path / "other").exists()


def test_offline_refuses_registries(run, knowledge) -> None:
    ran = run("scan", "image:example.com/app:1", "--offline", "--data-dir", knowledge)
    assert ran.status == 2
    assert "--offline" in ran.err


@pytest.mark.parametrize("words", [("CVE-2018-18074",), ("GHSA-x84v-xcm2-53pg", "requests")])
def test_explain_prints_the_derivation(run, knowledge, project, words) -> None:
    ran = run("scan", project, "--data-dir", knowledge, "--explain", *words)
    assert ran.status == 0
    assert "PYSEC-2018-28" in ran.out
    assert "2.20.0" in ran.out


def test_explain_takes_the_package_before_the_target(run, knowledge, project) -> None:
    ran = run("scan", "--data-dir", knowledge, "--explain", "CVE-2018-18074", "idna", project)
    assert ran.status == 0
    assert "idna" in ran.out


def test_only_what_an_older_snapshot_did_not_know(run, knowledge, project, tmp_path) -> None:
    mirror = tmp_path / "mirror" / "osv" / "npm"
    mirror.mkdir(parents=True)
    with zipfile.ZipFile(mirror / "all.zip", "w") as archive:
        record = {
            "id": "GHSA-jf85-cpcp-j695",
            "modified": "2024-01-01T00:00:00Z",
            "aliases": ["CVE-2019-10744"],
            "affected": [
                {
                    "package": {"ecosystem": "npm", "name": "lodash"},
                    "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "4.17.12"}]}],
                }
            ],
        }
        archive.writestr("a.json", json.dumps(record))
    assert run("intel", "build", "--mirror", tmp_path / "mirror", "--data-dir", tmp_path / "older").status == 0
    ran = run("scan", project, "--data-dir", knowledge, "--since-snapshot", tmp_path / "older", "--format", "json")
    assert [row["id"] for row in json.loads(ran.out)["findings"]] == ["CVE-2018-18074"]


def test_sbom_lists_what_is_inside(run, project, tmp_path) -> None:
    ran = run("sbom", project, "--format", "json")
    assert ran.status == 0
    assert [row["purl"] for row in json.loads(ran.out)["packages"]] == [
        "pkg:npm/lodash@4.17.11",
        "pkg:pypi/idna@3.7",
        "pkg:pypi/requests@2.19.1",
    ]
    assert "lodash" in run("sbom", project).out
    assert run("sbom", project, "--format", "sarif").status == 2


@pytest.mark.parametrize("name", ["cyclonedx", "spdx"])
def test_an_sbom_of_ours_can_be_scanned(run, knowledge, project, tmp_path, name) -> None:
    path = tmp_path / f"bom.{name}.json"
    run("sbom", project, "--format", f"{name}={path}")
    ran = run("scan", path, "--data-dir", knowledge, "--format", "json")
    assert findings(ran) == BOTH
    assert json.loads(ran.out)["target"]["kind"] == "sbom"


def test_a_version_without_order_is_told_not_passed_over(run, knowledge, tmp_path) -> None:
    component = {"type": "library", "name": "requests", "version": "one", "purl": "pkg:pypi/requests@one%20or%20so"}
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [component]}
    path = tmp_path / "bom.cdx.json"
    path.write_text(json.dumps(document))
    (gap,) = json.loads(run("scan", path, "--data-dir", knowledge, "--format", "json").out)["not_compared"]
    assert gap["advisory"] == "PYSEC-2018-28"
    assert "1 packages were not compared with every advisory" in run("scan", path, "--data-dir", knowledge).out
