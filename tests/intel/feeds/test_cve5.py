import json
import lzma
import time
import zipfile
from datetime import UTC, datetime

import pytest

from assay.errors import Unreadable
from assay.intel.cve5 import CveList
from assay.intel.feed import Malformed
from assay.intel.mirror import FolderMirror
from assay.model.advisory import Cvss, Reference, Vulnerability

RECORD = {
    "cveMetadata": {"cveId": "CVE-2024-1234", "state": "PUBLISHED", "datePublished": "2024-02-01T10:00:00",
                    "dateUpdated": "2024-08-01T19:28:27.733Z"},
    "containers": {
        "cna": {
            "providerMetadata": {"shortName": "redhat"},
            "title": "Curl: overflow",
            "descriptions": [{"lang": "es", "value": "malo"}, {"lang": "en-US", "value": "An overflow."}],
            "metrics": [
                {"cvssV3_1": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8}},
                {"cvssV2_0": {"vectorString": "AV:N/AC:L/Au:N/C:P/I:P/A:P", "baseScore": 7.5}},
                {"other": {"type": "Red Hat severity rating", "content": {"value": "Important"}}},
            ],
            "problemTypes": [{"descriptions": [{"description": "CWE-122 Heap-based overflow", "lang": "en"}]}],
            "references": [{"url": "https://a.example/x", "tags": ["x_refsource_MISC"]},
                           {"url": "https://b.example/fix", "tags": ["patch", "vendor-advisory"]}],
        },
        "adp": [
            {
                "providerMetadata": {"shortName": "CISA-ADP"},
                "metrics": [{"other": {"type": "ssvc", "content": {"options": [{"Exploitation": "poc"}, {"Automatable": "no"}]}}},
                            {"other": {"type": "kev", "content": {"dateAdded": "2024-03-01"}}},
                            {"other": {"type": "strange", "content": [1, 2]}}],
                "problemTypes": [{"descriptions": [{"cweId": "CWE-122"}, {"cweId": "CWE-787"}]}],
                "references": [{"url": "https://a.example/x", "tags": ["exploit"]}],
            }
        ],
    },
}  # fmt: skip
EXPECTED = Vulnerability(
    id="CVE-2024-1234",
    summary="Curl: overflow",
    details="An overflow.",
    cvss=(
        Cvss("3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, "redhat"),
        Cvss("2.0", "AV:N/AC:L/Au:N/C:P/I:P/A:P", 7.5, "redhat"),
    ),
    severities=(("redhat", "Important"),),
    cwes=("CWE-122", "CWE-787"),
    references=(Reference("https://a.example/x", "EXPLOIT"), Reference("https://b.example/fix", "FIX")),
    published=datetime(2024, 2, 1, 10, tzinfo=UTC),
    modified=datetime(2024, 8, 1, 19, 28, 27, 733000, tzinfo=UTC),
    ssvc=(("Exploitation", "poc"), ("Automatable", "no")),
)
REJECTED = {
    "cveMetadata": {"cveId": "CVE-2024-9", "state": "REJECTED"},
    "containers": {"cna": {"rejectedReasons": [{"lang": "en", "value": "Not a flaw."}]}},
}
REJECTED["cveMetadata"]["cveId"] = "CVE-2024-99999"
LINES = b"\n".join(json.dumps(record).encode() for record in (RECORD, REJECTED)) + b"\n"


def test_a_record_yields_what_all_its_containers_say(tmp_path):
    (tmp_path / "records.jsonl.xz").write_bytes(lzma.compress(LINES))
    first, second = CveList().parse(tmp_path)
    assert first == EXPECTED
    assert second == Vulnerability("CVE-2024-99999", details="Not a flaw.", rejected=True)


def test_single_files_in_folders(tmp_path):
    (tmp_path / "2024" / "1xxx").mkdir(parents=True)
    (tmp_path / "2024" / "1xxx" / "CVE-2024-1234.json").write_text(json.dumps(RECORD))
    (tmp_path / "delta.json").write_text("{}")
    assert list(CveList().parse(tmp_path)) == [EXPECTED]


def test_the_zip_of_the_repository(tmp_path):
    with zipfile.ZipFile(tmp_path / "cvelist", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cvelistV5-main/cves/delta.json", "{}")
        archive.writestr("cvelistV5-main/cves/2024/1xxx/CVE-2024-1234.json", json.dumps(RECORD))
        archive.writestr("cvelistV5-main/cves/2024/1xxx/CVE-2024-1235.json", "{}")
    first, second = CveList().parse(tmp_path)
    assert first == EXPECTED
    assert isinstance(second, Malformed)
    assert second.place == "cvelistV5-main/cves/2024/1xxx/CVE-2024-1235.json"


def test_a_broken_line_costs_only_itself(tmp_path):
    (tmp_path / "cvelist").write_bytes(b'{"cveMetadata": {"cveId": "CVE-1"}, "containers": {"cna": {}}}\n{\n\n' + LINES)
    broken, syntax, first, _ = CveList().parse(tmp_path)
    assert broken == Malformed("cvelist:1", "cvelist:1: 'CVE-1' is not a CVE id")
    assert isinstance(syntax, Malformed)
    assert first == EXPECTED


def test_an_empty_folder_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match="no CVE records"):
        list(CveList().parse(tmp_path))


def test_the_shared_records_are_read_in_seconds(shared, tmp_path):
    CveList().fetch(FolderMirror(shared), tmp_path, None, datetime(2026, 9, 1, tzinfo=UTC))
    started = time.process_time()
    count = scored = decided = 0
    for record in CveList().parse(tmp_path):
        assert isinstance(record, Vulnerability)
        count += 1
        scored += bool(record.cvss)
        decided += bool(record.ssvc)
    assert (count, scored, decided) == (44130, 32765, 44026)
    assert time.process_time() - started < 20
