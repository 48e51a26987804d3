"""``assay intel``, as a user keeps and inspects the knowledge."""

import json
import zipfile

import pytest


def test_status_names_sources_and_what_is_missing(run, knowledge) -> None:
    ran = run("intel", "status", "--data-dir", knowledge)
    assert ran.status == 0
    assert "osv-pypi" in ran.out
    assert "Missing: " in ran.out
    document = json.loads(run("intel", "status", "--data-dir", knowledge, "--format", "json").out)
    assert {source["name"] for source in document["sources"] if source["status"] == "ok"} >= {"osv-pypi", "osv-npm"}
    assert run("intel", "status", "--data-dir", knowledge, "--format", "xml").status == 2


@pytest.mark.parametrize("identifier", ["CVE-2018-18074", "GHSA-x84v-xcm2-53pg", "PYSEC-2018-28"])
def test_search_prints_everything_known(run, knowledge, identifier: str) -> None:
    ran = run("intel", "search", identifier, "--data-dir", knowledge)
    assert ran.status == 0
    assert "CVE-2018-18074" in ran.out
    assert "pypi requests: fixed >= 0, < 2.20.0" in ran.out


def test_search_knows_packages_and_says_when_it_knows_nothing(run, knowledge) -> None:
    assert "PYSEC-2018-28" in run("intel", "search", "requests", "--data-dir", knowledge).out
    assert "nothing is known" in run("intel", "search", "CVE-1999-0001", "--data-dir", knowledge).out
    document = json.loads(run("intel", "search", "requests", "--data-dir", knowledge, "-f", "json").out)
    assert [(row["scope"], row["statements"][0]["advisory"]) for row in document["packages"]] == [
        ("pypi", "PYSEC-2018-28")
    ]


def mirror(folder, fixed: str):
    target = folder / "osv" / "PyPI"
    target.mkdir(parents=True, exist_ok=True)
    events = [{"introduced": "0"}, {"fixed": fixed}]
    record = {
        "id": "PYSEC-2018-28",
        "modified": "2021-07-05T00:01:25Z",
        "aliases": ["CVE-2018-18074"],
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "requests"},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
    }
    with zipfile.ZipFile(target / "all.zip", "w") as archive:
        archive.writestr("a.json", json.dumps(record))
    return folder


def test_a_changed_advisory_is_all_that_differs(run, tmp_path) -> None:
    for name, fixed in (("old", "2.19.0"), ("new", "2.20.0")):
        ran = run(
            "intel", "build", "--mirror", mirror(tmp_path / f"mirror-{name}", fixed), "--data-dir", tmp_path / name
        )
        assert ran.status == 0
        assert "new snapshot" in ran.out
    ran = run("intel", "diff", tmp_path / "old", tmp_path / "new")
    assert "package pypi requests" in ran.out
    document = json.loads(run("intel", "diff", tmp_path / "old", tmp_path / "new", "--format", "json").out)
    assert document["keys"] == [["pypi", "requests"]]


def test_building_again_changes_nothing(run, tmp_path) -> None:
    words = ("intel", "build", "--mirror", mirror(tmp_path / "mirror", "2.20.0"), "--data-dir", tmp_path / "data")
    assert run(*words).status == 0
    assert "nothing new" in run(*words).out
    assert "nothing new" in run("intel", "build", "--data-dir", tmp_path / "data").out


def test_sources_are_chosen_by_name(run, tmp_path) -> None:
    folder = mirror(tmp_path / "mirror", "2.20.0")
    words = ("intel", "sync", "--mirror", folder, "--data-dir", tmp_path / "data")
    assert run(*words, "--source", "osv-py*").status == 0
    ran = run(*words, "--source", "gossip")
    assert ran.status == 2
    assert "osv-pypi" in ran.err
    assert run("intel", "build", "--source", "osv-pypi", "--data-dir", tmp_path / "data").status == 2


def test_a_source_that_breaks_keeps_its_last_good_data_and_says_so(run, tmp_path) -> None:
    folder = mirror(tmp_path / "mirror", "2.20.0")
    words = ("intel", "sync", "--mirror", folder, "--data-dir", tmp_path / "data", "--source", "osv-pypi")
    assert run(*words).status == 0
    (folder / "osv/PyPI/all.zip").write_bytes(b"PK\x03\x04 cut off")
    ran = run(*words)
    assert ran.status == 4
    assert "stale: osv-pypi" in ran.err
    assert "PYSEC-2018-28" in run("intel", "search", "requests", "--data-dir", tmp_path / "data").out


def test_knowledge_of_no_package_is_never_a_success(run, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("intel", "build", "--mirror", tmp_path / "empty", "--data-dir", tmp_path / "data")
    assert ran.status == 4
    assert "no source speaks of any package" in ran.err
    assert run("intel", "build", "--mirror", tmp_path / "nowhere", "--data-dir", tmp_path / "data").status == 1


def test_a_snapshot_crosses_an_air_gap(run, knowledge, tmp_path) -> None:
    packed = tmp_path / "intel.assay"
    assert run("intel", "export", packed, "--data-dir", knowledge).status == 0
    ran = run("intel", "import", packed, "--data-dir", tmp_path / "far")
    assert ran.status == 0
    assert "PYSEC-2018-28" in run("intel", "search", "requests", "--data-dir", tmp_path / "far").out
    packed.write_bytes(packed.read_bytes()[:-10])
    ran = run("intel", "import", packed, "--data-dir", tmp_path / "other")
    assert ran.status == 1
    assert str(packed) in ran.err or packed.name in ran.err


def test_only_files_are_imported(run, tmp_path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        ran = run("intel", "import", tmp_path / name, "--data-dir", tmp_path / "data")
        assert ran.status == 1
        assert "is no file" in ran.err


def test_a_source_that_never_worked_says_why(run, tmp_path) -> None:
    folder = mirror(tmp_path / "mirror", "2.20.0")
    (folder / "osv" / "npm").mkdir()
    (folder / "osv" / "npm" / "all.zip").write_bytes(b"no zip")
    ran = run("intel", "build", "--mirror", folder, "--data-dir", tmp_path / "data")
    assert ran.status == 4
    assert "missing: osv-npm: " in ran.err
    ran = run("intel", "status", "--data-dir", tmp_path / "data")
    assert ran.status == 4
    assert [line for line in ran.out.splitlines() if line.startswith("osv-npm") and "missing" in line]
