import gzip
import json
from datetime import UTC, date, datetime

import pytest

from assay.errors import Unreadable
from assay.intel.epss import ExploitPrediction
from assay.intel.feed import Malformed
from assay.intel.kev import KnownExploited
from assay.intel.mirror import FolderMirror
from assay.model.advisory import Epss, Kev, Vulnerability

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def test_the_catalogue_of_exploited_flaws(tmp_path):
    entries = [
        {"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10", "dueDate": "2021-12-24", "vulnerabilityName": "Log4j2",
         "requiredAction": "Update.", "knownRansomwareCampaignUse": "Known"},
        {"cveID": "CVE-2020-0001", "dateAdded": "2022-01-10"},
        {"cveID": "CVE-x", "dateAdded": "2022-01-10"},
        {"cveID": "CVE-2020-0002", "dateAdded": "soon"},
        {"cveID": 7},
    ]  # fmt: skip
    path = tmp_path / "known_exploited_vulnerabilities.json"
    path.write_text(json.dumps({"dateReleased": "2025-08-25T17:04:19.9796Z", "vulnerabilities": entries}))
    log4j, other, *broken = KnownExploited().parse(tmp_path)
    assert log4j == Vulnerability(
        "CVE-2021-44228", kev=Kev(date(2021, 12, 10), date(2021, 12, 24), "Update.", "Log4j2", ransomware=True)
    )
    assert other == Vulnerability("CVE-2020-0001", kev=Kev(date(2022, 1, 10)))
    assert [type(record) for record in broken] == [Malformed] * 3
    assert isinstance(broken[0], Malformed)
    assert broken[0].place == "known_exploited_vulnerabilities.json: vulnerabilities[2]"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"vulnerabilities": 3}'])
def test_what_is_no_catalogue_is_unreadable(tmp_path, text):
    (tmp_path / "known_exploited_vulnerabilities.json").write_text(text)
    with pytest.raises(Unreadable):
        list(KnownExploited().parse(tmp_path))


def scores(folder, text):
    (folder / "epss_scores.csv.gz").write_bytes(gzip.compress(text.encode()))
    return list(ExploitPrediction().parse(folder))


def test_scores_with_model_version_and_date(tmp_path):
    found = scores(
        tmp_path,
        "#model_version:v2025.03.14,score_date:2025-12-26T12:55:00Z\ncve,epss,percentile\nCVE-1999-0001,0.01151,0.7802\n",
    )
    assert found == [Vulnerability("CVE-1999-0001", epss=Epss(0.01151, 0.7802, date(2025, 12, 26)))]


def test_scores_without_comment_and_percentile(tmp_path):
    found = scores(tmp_path, "epss,cve\n0.5,CVE-1999-0001\n0.1,CVE-1999-0002\n0.2,cve-1999-0003\n0.9,CVE-1999-0004\n")
    assert [(v.id, v.epss) for v in found if isinstance(v, Vulnerability)] == [
        ("CVE-1999-0001", Epss(0.5, 0.75, None)),
        ("CVE-1999-0002", Epss(0.1, 0.25, None)),
        ("CVE-1999-0003", Epss(0.2, 0.5, None)),
        ("CVE-1999-0004", Epss(0.9, 1.0, None)),
    ]


def test_lines_that_are_no_scores_are_told(tmp_path):
    found = scores(
        tmp_path, "cve,epss,percentile\nCVE-1,0.1,0.1\nCVE-1999-0001,2,0.1\nCVE-1999-0001,nan,0.1\nCVE-1999-0001\n,,\n"
    )
    assert [record.place for record in found if isinstance(record, Malformed)] == [
        "epss_scores.csv.gz:2", "epss_scores.csv.gz:3", "epss_scores.csv.gz:4", "epss_scores.csv.gz:5", "epss_scores.csv.gz:6",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "#only a comment\n", "invalid,header,format\n"])
def test_a_file_without_header_is_unreadable(tmp_path, text):
    with pytest.raises(Unreadable):
        scores(tmp_path, text)


def test_the_shared_catalogue_and_scores(shared, tmp_path):
    kev, epss = KnownExploited(), ExploitPrediction()
    download = kev.fetch(FolderMirror(shared), tmp_path, None, NOW)
    assert download.data_at == datetime(2025, 8, 25, 17, 4, 19, 979600, tzinfo=UTC)
    exploited = list(kev.parse(tmp_path))
    assert len(exploited) == 1404
    assert all(isinstance(record, Vulnerability) for record in exploited)
    assert epss.fetch(FolderMirror(shared), tmp_path, None, NOW).data_at == datetime(2026, 8, 22, tzinfo=UTC)
    predicted = list(epss.parse(tmp_path))
    assert predicted[0] == Vulnerability("CVE-2002-0367", epss=Epss(0.04919, 0.91446, date(2026, 8, 22)))
    assert len(predicted) == 1556


def test_the_sample_score_files(shared, tmp_path):
    for name, day in (("example-1.csv", date(2025, 2, 20)), ("missing-date.csv", None)):
        (tmp_path / "epss_scores.csv.gz").write_bytes((shared / "native-samples" / "epss" / name).read_bytes())
        first, *_ = ExploitPrediction().parse(tmp_path)
        assert isinstance(first, Vulnerability)
        assert first.epss == Epss(0.00383, 0.73075, day)
