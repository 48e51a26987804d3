import json
from datetime import UTC, date, datetime

import pytest

from assay.errors import Unavailable
from assay.intel.feed import Lifecycle, Malformed
from assay.intel.lifecycle import PRODUCTS, EndOfLifeDates
from assay.intel.lifecycle_table import DATED, TABLE
from assay.intel.mirror import FolderMirror

NOW = datetime(2026, 9, 20, 12, 0, tzinfo=UTC)
BASE = "https://endoflife.date/api/v1/products/"


def ends(folder):
    return {record.scope: record.end for record in EndOfLifeDates().parse(folder) if isinstance(record, Lifecycle)}


def test_the_table_alone_answers_offline(tmp_path, answers):
    feed = EndOfLifeDates()
    download = feed.fetch(answers({}), tmp_path, None, NOW)
    assert (download.data_at, download.changed) == (datetime(2026, 9, 17, tzinfo=UTC), True)
    assert not feed.fetch(answers({}), tmp_path, download, NOW).changed
    found = ends(tmp_path)
    assert found["debian:10"] == date(2024, 6, 30)
    assert found["ubuntu:22.04"] == date(2027, 4, 1)
    assert found["amzn:2"] == date(2026, 6, 30)
    assert found["alpine:3.11"] == date(2021, 11, 1)
    assert found["mariner:2.0"] == date(2025, 7, 31)
    assert "debian:14" not in found


def test_the_table_names_a_source_for_every_distribution():
    assert {row.distribution for row in TABLE} == {*PRODUCTS.values(), "mariner"}
    assert all(row.source.startswith("https://") for row in TABLE)
    assert all(
        date(2010, 1, 1) < date.fromisoformat(end) < date(2045, 1, 1) for row in TABLE for end in row.ends.values()
    )
    assert date(2026, 9, 17) == DATED


def test_the_site_replaces_rows_of_the_table(tmp_path, answers):
    releases = [
        {"name": "13", "isEol": False, "eolFrom": "2031-01-01"},
        {"name": "14", "isEol": False, "eolFrom": None},
        {"name": "1.1", "isEol": True, "eolFrom": None},
        {"name": "2", "eolFrom": "soon"},
        {"eolFrom": "2031-01-01"},
        7,
    ]
    body = json.dumps({"result": {"name": "debian", "releases": releases}}).encode()
    feed = EndOfLifeDates()
    site = answers({f"{BASE}{product}": b'{"result": {"name": "other"}}' for product in PRODUCTS})
    site.answers[f"{BASE}debian"] = body
    download = feed.fetch(site, tmp_path, None, NOW)
    assert download.data_at == NOW
    found = ends(tmp_path)
    assert (found["debian:13"], found["debian:14"], found["debian:12"]) == (date(2031, 1, 1), None, date(2028, 6, 30))
    assert "debian:2" not in found
    (malformed,) = [record for record in feed.parse(tmp_path) if isinstance(record, Malformed)]
    assert malformed.place == "debian.json: debian releases[5]"
    with pytest.raises(Unavailable):
        feed.fetch(answers({}), tmp_path, download, NOW)


def test_answers_of_the_older_interface(tmp_path):
    (tmp_path / "azure-linux.json").write_text('[{"cycle": "2.0", "eol": "2025-07-30"}, {"cycle": 4, "eol": false}]')
    found = ends(tmp_path)
    assert found["mariner:2.0"] == date(2025, 7, 30)
    assert found["azurelinux:4"] is None


def test_a_broken_answer_is_told(tmp_path):
    (tmp_path / "debian.json").write_text("{")
    (malformed,) = [record for record in EndOfLifeDates().parse(tmp_path) if isinstance(record, Malformed)]
    assert malformed.place == "debian.json"


def test_a_mirror_may_hold_the_answers(tmp_path):
    place = tmp_path / "mirror" / "lifecycle" / "alpine-linux"
    place.parent.mkdir(parents=True)
    place.write_text('{"result": {"name": "alpine-linux", "releases": [{"name": "3.24", "eolFrom": "2028-05-01"}]}}')
    EndOfLifeDates().fetch(FolderMirror(tmp_path / "mirror"), tmp_path / "out", None, NOW)
    assert ends(tmp_path / "out")["alpine:3.24"] == date(2028, 5, 1)


def test_the_sample_answer(shared, tmp_path):
    (tmp_path / "all.json").write_bytes((shared / "native-samples" / "eol" / "valid-eol-response.json").read_bytes())
    found = ends(tmp_path)
    assert (found["ubuntu:24.04"], found["ubuntu:18.04"]) == (date(2029, 4, 25), date(2023, 4, 26))
