import json
from datetime import UTC, datetime

import pytest

from assay.errors import Unreadable
from assay.intel.feed import Covers, Malformed
from assay.intel.github import GitHubAdvisories
from assay.intel.github_range import Versions, parse_range
from assay.intel.mirror import FolderMirror
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Cvss, FixState, Reference
from assay.model.ecosystem import Ecosystem

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
API = "https://api.github.com/advisories?type=reviewed&per_page=100&sort=updated&direction=asc"
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
REST = {
    "ghsa_id": "GHSA-jfh8-c2jp-5v3q", "cve_id": "CVE-2021-44228", "summary": "Log4Shell", "description": "Remote code.",
    "severity": "critical", "identifiers": [{"type": "CVE", "value": "CVE-2021-44228"}],
    "references": ["https://a.example", "https://a.example"], "published_at": "2021-12-10T00:40:56Z",
    "updated_at": "2025-10-22T17:32:00Z", "withdrawn_at": None, "cvss": {"vector_string": V31, "score": 9.8},
    "cvss_severities": {"cvss_v3": {"vector_string": V31, "score": 9.8}, "cvss_v4": {"vector_string": None, "score": 0.0}},
    "cwes": [{"cwe_id": "CWE-20", "name": "x"}],
    "vulnerabilities": [
        {"package": {"ecosystem": "maven", "name": "org.apache.logging.log4j:log4j-core"},
         "vulnerable_version_range": ">= 2.13.0, < 2.15.0", "first_patched_version": "2.15.0"},
        {"package": {"ecosystem": "maven", "name": "org.x:y"}, "vulnerable_version_range": "<= 1.0", "first_patched_version": None},
        {"package": {"ecosystem": "other", "name": "z"}, "vulnerable_version_range": "<= 1.0", "first_patched_version": None},
    ],
}  # fmt: skip


def affected(name, low, fixed, last=None, state=FixState.FIXED, severity="critical", world="maven"):
    return AffectedPackage(world, world, name, (AffectedRange(low, fixed, last),), state=state, severity=severity)


LOG4SHELL = Advisory(
    id="GHSA-jfh8-c2jp-5v3q",
    source="github",
    affected=(
        affected("org.apache.logging.log4j:log4j-core", "2.13.0", "2.15.0"),
        affected("org.x:y", "0", None, "1.0", FixState.UNFIXED),
    ),
    aliases=("CVE-2021-44228",),
    summary="Log4Shell",
    details="Remote code.",
    severity="critical",
    cvss=(Cvss("3.1", V31, 9.8, "GITHUB"),),
    cwes=("CWE-20",),
    references=(Reference("https://a.example"),),
    published=datetime(2021, 12, 10, 0, 40, 56, tzinfo=UTC),
    modified=datetime(2025, 10, 22, 17, 32, tzinfo=UTC),
)


def graph(ghsa, name, versions, patched=None, ecosystem=None):
    package = {"name": name} | ({"ecosystem": ecosystem} if ecosystem else {})
    return {
        "node": {
            "advisory": {
                "identifiers": [{"type": "GHSA", "value": ghsa}, {"type": "CVE", "value": "CVE-2020-0001"}],
                "summary": "s", "references": [{"url": "https://a.example"}], "severity": "HIGH",
                "cwes": {"nodes": [{"cweId": "CWE-79"}]}, "publishedAt": "2022-06-16T23:08:02Z",
                "cvss": {"vectorString": V31, "score": 9.8}, "withdrawnAt": "2023-01-01T00:00:00Z",
            },
            "package": package, "vulnerableVersionRange": versions,
            "firstPatchedVersion": {"identifier": patched} if patched else None,
        }
    }  # fmt: skip


def test_answers_of_the_rest_interface(tmp_path):
    (tmp_path / "page.json").write_text(json.dumps([REST, {"ghsa_id": "x"}, 7]))
    *malformed, advisory = GitHubAdvisories().parse(tmp_path)
    assert advisory == LOG4SHELL
    assert malformed[0] == Malformed("page.json[1]", "an advisory without a GHSA id")
    assert len(malformed) == 2


def test_answers_of_the_graphql_interface_are_gathered_by_advisory(tmp_path):
    edges = [
        graph("GHSA-1", "Foo_Bar", "< 2", "2"),
        graph("GHSA-1", "Foo_Bar", ">= 3, < 3.1", "3.1", "PIP"),
        graph("GHSA-2", "b", "= 1.0"),
        graph("GHSA-2", "b", "whatever"),
        {"node": 7},
    ]
    (tmp_path / "pypi.json").write_text(json.dumps({"data": {"securityVulnerabilities": {"edges": edges}}}))
    broken, first, bad_range, second = GitHubAdvisories().parse(tmp_path)
    assert isinstance(broken, Malformed)
    assert bad_range == Malformed("GHSA-2: b", "not a version range: 'whatever'")
    assert isinstance(first, Advisory)
    assert first.affected == (
        affected("foo-bar", "0", "2", severity="HIGH", world="pypi"),
        affected("foo-bar", "3", "3.1", severity="HIGH", world="pypi"),
    )
    assert (first.aliases, first.cwes, first.withdrawn) == (
        ("CVE-2020-0001",),
        ("CWE-79",),
        datetime(2023, 1, 1, tzinfo=UTC),
    )
    assert isinstance(second, Advisory)
    assert [(package.versions, package.state) for package in second.affected] == [(("1.0",), FixState.UNFIXED)]


def test_pages_follow_the_link_and_later_only_updates_are_asked_for(tmp_path, answers):
    site = answers(
        {API: json.dumps([REST]).encode(), "https://api.github.com/2": b"[]"}, {API: "https://api.github.com/2"}
    )
    feed = GitHubAdvisories()
    first = feed.fetch(site, tmp_path, None, NOW)
    assert site.asked == [API, "https://api.github.com/2"]
    assert list(feed.parse(tmp_path)) == [LOG4SHELL, Covers("maven")]
    update = API + "&modified=%3E%3D2026-09-01T11%3A00%3A00%2B00%3A00"
    site.answers = {update: b"[]"}
    second = feed.fetch(site, tmp_path, first, NOW)
    assert not second.changed
    site.answers = {update: json.dumps([{**REST, "summary": "new", "updated_at": "2026-01-01T00:00:00Z"}]).encode()}
    assert feed.fetch(site, tmp_path, second, NOW).changed
    advisory, _ = feed.parse(tmp_path)
    assert isinstance(advisory, Advisory)
    assert (advisory.summary, len(advisory.affected)) == ("new", 2)


@pytest.mark.parametrize(
    ("text", "patched", "world", "expected"),
    [
        ("< 1.0", "1.0", "npm", Versions((AffectedRange("0", "1.0"),))),
        (">= 1.0, <= 1.5", None, "npm", Versions((AffectedRange("1.0", None, "1.5"),))),
        ("<= 1.5", "1.5.1", "npm", Versions((AffectedRange("0", "1.5.1"),))),
        (">= 2", None, "npm", Versions((AffectedRange("2"),))),
        ("= 1.5", None, "npm", Versions(listed=("1.5",))),
        ("> 1.2.3, < 2.0.0", "2.0.0", "npm", Versions((AffectedRange("1.2.4-0", "2.0.0"),))),
        ("> 1.2, < 2.0", "2.0", "pypi", Versions((AffectedRange("1.2", "2.0"),))),
    ],
)
def test_notations_of_ranges(text, patched, world, expected):
    assert parse_range(text, patched, Ecosystem(world)) == expected


@pytest.mark.parametrize("text", ["", "1.0", "~> 1.0", ">= 1.0 < 2.0", ">= 1.0,"])
def test_other_notations_are_unreadable(text):
    with pytest.raises(Unreadable):
        parse_range(text, None, Ecosystem.NPM)


def test_the_sample_answers(shared, tmp_path):
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "github").symlink_to(shared / "native-samples" / "vulnerablecode" / "github_api")
    feed = GitHubAdvisories()
    feed.fetch(FolderMirror(tmp_path / "mirror"), tmp_path / "out", None, NOW)
    found = list(feed.parse(tmp_path / "out"))
    assert all(isinstance(record, Advisory) for record in found)
    assert len(found) == 144
    worlds = {package.scope for record in found if isinstance(record, Advisory) for package in record.affected}
    assert worlds == {"cargo", "composer", "gem", "golang", "maven", "npm", "nuget", "pypi"}
