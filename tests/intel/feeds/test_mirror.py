from pathlib import Path

import pytest

from assay.errors import Invalid, LimitExceeded, NotFound, Unavailable
from assay.intel.mirror import FolderMirror, Place, WebMirror, open_mirror, places_of
from assay.intel.transport import HttpTransport

KEV = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
EPSS = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"


def put(root: Path, path: str, text: str = "x") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def got(root: Path, url: str, into: Path) -> str:
    assert FolderMirror(root).get(url, into, validators={}, limit=100) is not None
    return into.read_text()


@pytest.mark.parametrize(
    "path",
    [
        "www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        "kev/known_exploited_vulnerabilities.json",
    ],
)
def test_a_file_is_found_by_host_and_path_or_by_feed(tmp_path, path):
    put(tmp_path / "mirror", path, "kev")
    assert got(tmp_path / "mirror", KEV, tmp_path / "out" / "kev.json") == "kev"


def test_the_newest_of_dated_files_is_taken(tmp_path):
    put(tmp_path / "mirror", "epss/epss_scores-2026-08-22.csv.gz", "new")
    put(tmp_path / "mirror", "epss/epss_scores-2025-12-01.csv.gz", "old")
    assert got(tmp_path / "mirror", EPSS, tmp_path / "epss") == "new"


def test_a_place_may_stand_for_everything_below_an_address():
    assert places_of("https://osv-vulnerabilities.storage.googleapis.com/Rocky%20Linux/all.zip") == [
        "osv-vulnerabilities.storage.googleapis.com/Rocky Linux/all.zip",
        "osv/Rocky Linux/all.zip",
    ]


def test_a_query_is_part_of_the_name():
    assert places_of("https://host/rest/cves?start=0") == ["host/rest/cves?start=0"]


@pytest.mark.parametrize("url", ["https://host/../../etc/passwd", "https://host/%2e%2e/x", "https://host/a%00b"])
def test_nothing_outside_the_mirror_is_read(url):
    with pytest.raises(Invalid):
        places_of(url)


def test_an_unchanged_file_is_not_copied_again(tmp_path):
    put(tmp_path / "m", "kev/known_exploited_vulnerabilities.json")
    mirror = FolderMirror(tmp_path / "m")
    first = mirror.get(KEV, tmp_path / "out", validators={}, limit=100)
    assert mirror.get(KEV, tmp_path / "out", validators=first, limit=100) is None
    put(tmp_path / "m", "kev/known_exploited_vulnerabilities.json", "longer")
    assert mirror.get(KEV, tmp_path / "out", validators=first, limit=100) != first


def test_what_the_mirror_lacks_is_not_found(tmp_path):
    with pytest.raises(NotFound, match="not in the mirror"):
        FolderMirror(tmp_path).get(KEV, tmp_path / "out", validators={}, limit=100)
    with pytest.raises(NotFound, match="not a folder"):
        FolderMirror(tmp_path / "nowhere")


def test_limits_hold_for_mirrors_too(tmp_path):
    put(tmp_path / "m", "kev/known_exploited_vulnerabilities.json", "x" * 50)
    with pytest.raises(LimitExceeded, match="50 bytes, the limit is 10"):
        FolderMirror(tmp_path / "m").get(KEV, tmp_path / "out", validators={}, limit=10)


def test_a_file_that_cannot_be_copied_is_told(tmp_path):
    put(tmp_path / "m", "kev/known_exploited_vulnerabilities.json")
    put(tmp_path, "file")
    with pytest.raises(Unavailable, match="cannot be copied"):
        FolderMirror(tmp_path / "m").get(KEV, tmp_path / "file" / "out", validators={}, limit=10)


def test_a_folder_lists_what_it_holds_below_an_address(tmp_path):
    put(tmp_path, "vex/2024/cve-2024-1.json")
    put(tmp_path, "host/data/vex/2023/cve 1.json")
    places = (Place("https://host/data/vex/", "vex/"),)
    assert FolderMirror(tmp_path, places).listing("https://host/data/vex/") == [
        "https://host/data/vex/2023/cve%201.json",
        "https://host/data/vex/2024/cve-2024-1.json",
    ]


def test_a_web_server_may_be_the_mirror(site, tmp_path):
    site.serve("/mirror/kev/known_exploited_vulnerabilities.json", b"kev", ETag='"1"')
    mirror = open_mirror(site.address + "/mirror", HttpTransport())
    assert isinstance(mirror, WebMirror)
    assert mirror.get(KEV, tmp_path / "out", validators={}, limit=100) == {"etag": '"1"'}
    assert [path for path, _ in site.requests] == [
        "/mirror/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        "/mirror/kev/known_exploited_vulnerabilities.json",
    ]
    with pytest.raises(NotFound):
        mirror.get(EPSS, tmp_path / "out", validators={}, limit=100)


def test_a_mirror_folder_may_be_given_as_path_or_file_address(tmp_path):
    put(tmp_path / "my mirror", "kev/known_exploited_vulnerabilities.json")
    for place in (str(tmp_path / "my mirror"), f"file://{tmp_path}/my%20mirror"):
        mirror = open_mirror(place, HttpTransport())
        assert isinstance(mirror, FolderMirror)
        assert mirror.get(KEV, tmp_path / "out", validators={}, limit=100) is not None
