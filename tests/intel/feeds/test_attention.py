import json
from datetime import UTC, datetime

from assay.intel.attention import Attention
from assay.intel.feed import Malformed
from assay.intel.mirror import FolderMirror
from assay.model.advisory import Vulnerability

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
URL = "https://vulnerability.circl.lu/api/sighting/?page={}&per_page=1000&date_from=2026-08-02"


def sightings(*ids, count):
    data = [{"uuid": "u", "vulnerability": name, "type": "seen"} for name in ids]
    return json.dumps({"metadata": {"count": count, "page": 1, "per_page": 1000}, "data": data}).encode()


def test_sightings_of_the_last_month_are_counted(tmp_path, answers):
    site = answers(
        {
            URL.format(1): sightings("CVE-2024-0001", "cve-2024-0002", "GHSA-xxxx", count=1500),
            URL.format(2): sightings("CVE-2024-0002", count=1500),
        }
    )
    feed = Attention()
    assert feed.fetch(site, tmp_path, None, NOW).data_at == NOW
    assert site.asked == [URL.format(1), URL.format(2)]
    counted = [Vulnerability("CVE-2024-0001", attention=1), Vulnerability("CVE-2024-0002", attention=2)]
    assert list(feed.parse(tmp_path)) == counted
    site.answers = {URL.format(1): sightings("CVE-2024-0003", count=1)}
    feed.fetch(site, tmp_path, None, NOW)
    assert list(feed.parse(tmp_path)) == [Vulnerability("CVE-2024-0003", attention=1)]


def test_anyone_may_supply_numbers(tmp_path):
    place = tmp_path / "mirror" / "attention"
    place.mkdir(parents=True)
    (place / "a.json").write_text('{"CVE-2024-0001": 5, "nonsense": 1, "CVE-2024-0009": -1}')
    (place / "b.json").write_text('[{"cve": "CVE-2024-0001", "mentions": 2}, {"cve": "CVE-2024-0002"}]')
    (place / "c.csv").write_text("cve,count\nCVE-2024-0001,10\nCVE-2024-0003,many\n")
    (place / "d.json").write_text('{"CVE-2024-0001": "x"}')
    feed = Attention()
    feed.fetch(FolderMirror(tmp_path / "mirror"), tmp_path / "out", None, NOW)
    malformed, *found = feed.parse(tmp_path / "out")
    assert isinstance(malformed, Malformed)
    assert malformed.place == "d.json"
    assert found == [Vulnerability("CVE-2024-0001", attention=17), Vulnerability("CVE-2024-0002", attention=1)]
