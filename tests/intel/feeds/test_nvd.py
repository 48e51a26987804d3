import json
from datetime import UTC, datetime, timedelta

import pytest

from assay.errors import LimitExceeded, Unavailable, Unreadable
from assay.intel import paging
from assay.intel.feed import Malformed
from assay.intel.mirror import FolderMirror
from assay.intel.nvd import NationalDatabase
from assay.model.advisory import Cvss, Reference, Vulnerability

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
API = "https://services.nvd.nist.gov/rest/json/cves/2.0"
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
RECORD = {
    "cve": {
        "id": "CVE-2023-27314", "vulnStatus": "Analyzed", "published": "2023-10-12T19:15:11.747",
        "lastModified": "2023-10-18T18:00:24.900",
        "descriptions": [{"lang": "es", "value": "malo"}, {"lang": "en", "value": "A crash."}],
        "metrics": {
            "cvssMetricV31": [
                {"source": "security-alert@netapp.com", "type": "Secondary", "cvssData": {"vectorString": V31, "baseScore": 7.5}},
                {"source": "nvd@nist.gov", "type": "Primary", "cvssData": {"vectorString": V31, "baseScore": 7.5}},
            ],
            "cvssMetricV2": [{"source": "nvd@nist.gov", "type": "Primary",
                              "cvssData": {"vectorString": "AV:N/AC:L/Au:N/C:N/I:N/A:P", "baseScore": 5.0}}],
        },
        "weaknesses": [{"description": [{"lang": "en", "value": "NVD-CWE-noinfo"}, {"lang": "en", "value": "CWE-400"}]}],
        "references": [{"url": "https://x.example", "tags": ["Vendor Advisory", "Patch"]}, {"url": "https://y.example"},
                       {"url": "https://y.example", "tags": ["Exploit"]}],
    }
}  # fmt: skip
EXPECTED = Vulnerability(
    id="CVE-2023-27314",
    details="A crash.",
    cvss=(
        Cvss("3.1", V31, 7.5, "NVD"),
        Cvss("3.1", V31, 7.5, "security-alert@netapp.com"),
        Cvss("2.0", "AV:N/AC:L/Au:N/C:N/I:N/A:P", 5.0, "NVD"),
    ),
    cwes=("CWE-400",),
    references=(Reference("https://x.example", "FIX"), Reference("https://y.example", "EXPLOIT")),
    published=datetime(2023, 10, 12, 19, 15, 11, 747000, tzinfo=UTC),
    modified=datetime(2023, 10, 18, 18, 0, 24, 900000, tzinfo=UTC),
)


def page(*records, start=0, total=None):
    body = {"startIndex": start, "totalResults": len(records) if total is None else total, "vulnerabilities": records}
    return json.dumps(body).encode()


def small(number, status="Analyzed"):
    return {"cve": {"id": f"CVE-2024-{number}", "vulnStatus": status}}


def first(index=0):
    return f"{API}?resultsPerPage=2000&startIndex={index}"


def window(start, end, index=0):
    times = [time.isoformat(timespec="milliseconds").replace(":", "%3A").replace("+", "%2B") for time in (start, end)]
    return f"{first(index)}&lastModStartDate={times[0]}&lastModEndDate={times[1]}"


def test_a_record_with_all_its_parts(tmp_path):
    (tmp_path / "page.json").write_bytes(page(RECORD, small(1000, "Rejected"), {"cve": {"id": "x"}}, 7))
    full, rejected, *broken = NationalDatabase().parse(tmp_path)
    assert full == EXPECTED
    assert rejected == Vulnerability("CVE-2024-1000", rejected=True)
    assert [type(record) for record in broken] == [Malformed, Malformed]


def test_all_pages_are_read_then_only_what_was_modified(tmp_path, answers):
    pages = answers({first(): page(small(1000), total=2), first(1): page(small(1001), start=1, total=2)})
    feed = NationalDatabase()
    one = feed.fetch(pages, tmp_path, None, NOW)
    assert (pages.asked, one.changed) == ([first(), first(1)], True)
    later = NOW + timedelta(days=200)
    middle = NOW - timedelta(hours=1) + timedelta(days=119)
    pages.answers = {
        window(NOW - timedelta(hours=1), middle): page(),
        window(middle, later): page(small(1001, "Rejected"), small(1002)),
    }
    two = feed.fetch(pages, tmp_path, one, later)
    assert two.changed
    found = [record for record in feed.parse(tmp_path) if isinstance(record, Vulnerability)]
    assert [(v.id, v.rejected) for v in found] == [
        ("CVE-2024-1001", True), ("CVE-2024-1002", False), ("CVE-2024-1000", False)
    ]  # fmt: skip
    pages.answers = {window(later - timedelta(hours=1), later + timedelta(days=1)): page()}
    three = feed.fetch(pages, tmp_path, two, later + timedelta(days=1))
    assert not three.changed
    assert len(list(feed.parse(tmp_path))) == 3


def test_a_fetch_that_breaks_off_is_continued_with_the_page_it_lacks(tmp_path, answers):
    pages = answers({first(): page(small(1000), total=2)})
    with pytest.raises(Unavailable):
        NationalDatabase().fetch(pages, tmp_path, None, NOW)
    pages.asked.clear()
    pages.answers = {first(1): page(small(1001), start=1, total=2)}
    NationalDatabase().fetch(pages, tmp_path, None, NOW + timedelta(hours=2))
    assert pages.asked == [first(1)]
    assert len(list(NationalDatabase().parse(tmp_path))) == 2


def test_after_a_day_a_broken_fetch_begins_anew(tmp_path, answers):
    pages = answers({first(): page(small(1000), total=2)})
    with pytest.raises(Unavailable):
        NationalDatabase().fetch(pages, tmp_path, None, NOW)
    pages.asked.clear()
    pages.answers = {first(): page(small(1000))}
    NationalDatabase().fetch(pages, tmp_path, None, NOW + timedelta(days=2))
    assert pages.asked == [first()]


def test_after_many_rounds_everything_is_read_again(tmp_path, answers):
    feed = NationalDatabase()
    previous = feed.fetch(answers({first(): page(small(1000))}), tmp_path, None, NOW)
    for number in range(2, 93):
        (tmp_path / "rounds" / f"{number:06d}").mkdir()
    pages = answers({first(): page(small(1001))})
    feed.fetch(pages, tmp_path, previous, NOW + timedelta(days=1))
    assert pages.asked == [first()]
    assert [record.id for record in feed.parse(tmp_path) if isinstance(record, Vulnerability)] == ["CVE-2024-1001"]


def test_an_answer_that_is_no_page_is_unreadable(tmp_path, answers):
    with pytest.raises(Unreadable):
        NationalDatabase().fetch(answers({first(): b"<html>"}), tmp_path, None, NOW)
    with pytest.raises(Unreadable, match="no data"):
        list(NationalDatabase().parse(tmp_path / "empty"))


def test_pages_without_end_stop(tmp_path, answers, monkeypatch):
    monkeypatch.setattr(paging, "_PAGES", 3)
    endless = answers({"http://x/": b"{}"})
    with pytest.raises(LimitExceeded, match="more than 3 pages"):
        paging.PageStore(tmp_path).fetch(endless, "http://x/", NOW, lambda *_: "http://x/", limit=10)


def test_the_shared_page(shared, tmp_path):
    feed = NationalDatabase()
    download = feed.fetch(FolderMirror(shared), tmp_path, None, NOW)
    assert download.data_at == datetime(2023, 10, 18, 18, 4, 18, 493000, tzinfo=UTC)
    found = list(feed.parse(tmp_path))
    assert len(found) == 38
    assert isinstance(found[0], Vulnerability)
    assert (found[0].id, found[0].cwes) == ("CVE-2023-27314", ("CWE-400",))
    assert [scoring.source for scoring in found[0].cvss] == ["NVD", "security-alert@netapp.com"]
