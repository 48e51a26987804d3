"""A small mirror of advisories, compiled once, and a function that runs the program."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from assay.cli.main import main

ADVISORIES = {
    "PyPI": [
        {
            "id": "PYSEC-2018-28",
            "modified": "2021-07-05T00:01:25Z",
            "published": "2018-10-09T17:29:00Z",
            "aliases": ["CVE-2018-18074", "GHSA-x84v-xcm2-53pg"],
            "summary": "Insufficiently protected credentials in requests",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
            "affected": [
                {
                    "package": {"ecosystem": "PyPI", "name": "requests"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.20.0"}]}],
                }
            ],
        }
    ],
    "npm": [
        {
            "id": "GHSA-jf85-cpcp-j695",
            "modified": "2024-01-01T00:00:00Z",
            "published": "2019-07-10T19:45:23Z",
            "aliases": ["CVE-2019-10744"],
            "database_specific": {"severity": "CRITICAL"},
            "affected": [
                {
                    "package": {"ecosystem": "npm", "name": "lodash"},
                    "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "4.17.12"}]}],
                }
            ],
        }
    ],
}


@dataclass(frozen=True)
class Ran:
    """What one run of the program left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(capfdbinary, monkeypatch, tmp_path) -> Callable[..., Ran]:
    """Run ``assay`` with the given words; caches go to a folder of the test."""
    monkeypatch.setenv("ASSAY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772366400")

    def call(*words: object) -> Ran:
        status: object = 0
        try:
            main([str(word) for word in words])
        except SystemExit as stop:
            status = stop.code or 0
        out, err = capfdbinary.readouterr()
        assert isinstance(status, int)
        return Ran(status, out.decode(), err.decode())

    return call


def write_mirror(folder: Path, advisories: dict[str, list[dict]]) -> Path:
    for ecosystem, records in advisories.items():
        target = folder / "osv" / ecosystem
        target.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target / "all.zip", "w") as archive:
            for record in records:
                archive.writestr(f"{record['id']}.json", json.dumps(record))
    return folder


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory) -> Path:
    """A data folder with a snapshot of the advisories above."""
    folder = tmp_path_factory.mktemp("knowledge")
    mirror = write_mirror(folder / "mirror", ADVISORIES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1772366400")
        try:
            main(["intel", "build", "--mirror", str(mirror), "--data-dir", str(folder / "data")])
        except SystemExit as stop:
            assert not stop.code  # noqa: PT017  a good run may end either way
    return folder / "data"


@pytest.fixture
def project(tmp_path) -> Path:
    """A source folder with a vulnerable pin, a harmless one, and an installed npm package."""
    folder = tmp_path / "project"
    (folder / "node_modules/lodash").mkdir(parents=True)
    (folder / "node_modules/lodash/package.json").write_text('{"name": "lodash", "version": "4.17.11"}')
    (folder / "requirements.txt").write_text("requests==2.19.1\nidna==3.7\n")
    return folder
