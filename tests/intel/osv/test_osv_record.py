"""Records of the publishers OSV gathers, read whole."""

import contextlib
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import Unreadable
from assay.intel.osv import read_record
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Cvss, FixState, Reference


def read(record: object) -> Advisory:
    return read_record(msgspec.json.encode(record), "test.json", "osv-test").advisory


def affected(ecosystem: str, name: str, *events: dict[str, str], kind: str = "ECOSYSTEM", **more: object) -> object:
    package = {"ecosystem": ecosystem, "name": name}
    return {"package": package, "ranges": [{"type": kind, "events": [{"introduced": "0"}, *events]}], **more}


def test_a_github_advisory() -> None:
    record = {
        "schema_version": "1.3.0",
        "id": "GHSA-3fx5-fwvr-xrjg",
        "modified": "2021-09-22T20:19:52Z",
        "published": "2017-10-24T18:33:36Z",
        "aliases": ["CVE-2015-8315"],
        "summary": "Regular Expression Denial of Service in ms",
        "details": "Versions of `ms` prior to 0.7.1 are affected.",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],
        "affected": [affected("npm", "ms", {"fixed": "0.7.1"})],
        "references": [{"type": "ADVISORY", "url": "https://nvd.nist.gov/vuln/detail/CVE-2015-8315"}, {"url": ""}],
        "database_specific": {"cwe_ids": ["CWE-400"], "severity": "HIGH", "github_reviewed": True},
    }
    assert read(record) == Advisory(
        id="GHSA-3fx5-fwvr-xrjg",
        source="osv-test",
        affected=(AffectedPackage("npm", "npm", "ms", (AffectedRange("0", "0.7.1"),)),),
        aliases=("CVE-2015-8315",),
        summary="Regular Expression Denial of Service in ms",
        details="Versions of `ms` prior to 0.7.1 are affected.",
        severity="HIGH",
        cvss=(Cvss("3.0", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 7.5, "GITHUB"),),
        cwes=("CWE-400",),
        references=(Reference("https://nvd.nist.gov/vuln/detail/CVE-2015-8315", "ADVISORY"),),
        published=datetime(2017, 10, 24, 18, 33, 36, tzinfo=UTC),
        modified=datetime(2021, 9, 22, 20, 19, 52, tzinfo=UTC),
    )


def test_a_record_of_ubuntu_carries_its_priority_and_keeps_pro_apart() -> None:
    record = {
        "id": "UBUNTU-CVE-2018-0488",
        "upstream": ["CVE-2018-0488"],
        "related": ["CVE-2018-0488", "USN-4267-1"],
        "severity": [{"type": "Ubuntu", "score": "high"}],
        "affected": [
            affected("Ubuntu:16.04:LTS", "mbedtls", {"fixed": "2.2.1-2ubuntu0.3"}, ecosystem_specific={
                "binaries": [{"binary_name": "libmbedtls10", "binary_version": "2.2.1-2ubuntu0.3"}]}),
            affected("Ubuntu:Pro:14.04:LTS", "mbedtls"),
        ],
    }  # fmt: skip
    advisory = read(record)
    assert advisory.cves == ("CVE-2018-0488",)
    assert advisory.related == ("USN-4267-1",)
    assert advisory.severity == "high"
    assert advisory.affected == (
        AffectedPackage("deb", "ubuntu:16.04", "mbedtls", (AffectedRange("0", "2.2.1-2ubuntu0.3"),), source=True),
        AffectedPackage(
            "deb", "ubuntu-pro:14.04", "mbedtls", (AffectedRange("0"),), state=FixState.UNFIXED, source=True
        ),
    )


def test_a_notice_of_ubuntu_covers_what_its_upstream_records_are_about() -> None:
    record = {"id": "USN-5614-1", "upstream": ["UBUNTU-CVE-2021-3782", "UBUNTU-CVE-2021-3783"],
              "affected": [affected("Ubuntu:18.04:LTS", "wayland", {"fixed": "1.16.0-1ubuntu1.1"})]}  # fmt: skip
    assert read(record).cves == ("CVE-2021-3782", "CVE-2021-3783")


def test_an_older_erratum_covers_its_related_flaws() -> None:
    record = {"id": "RLSA-2024:3671", "related": ["CVE-2024-27280", "CVE-2024-27281", "RLSA-2024:1"],
              "affected": [affected("Rocky Linux:9", "ruby", {"fixed": "0:3.3.1-2.module+el9.4.0+20787+4c237fd3"})],
              "summary": "Moderate: ruby:3.3 security, bug fix, and enhancement update"}  # fmt: skip
    advisory = read(record)
    assert advisory.cves == ("CVE-2024-27280", "CVE-2024-27281")
    assert advisory.related == ("RLSA-2024:1",)
    assert advisory.affected[0].module == "ruby:3.3"
    assert advisory.affected[0].source


def test_related_flaws_of_a_language_record_are_others() -> None:
    record = {"id": "PYSEC-2024-1", "related": ["CVE-2024-1"], "affected": [affected("PyPI", "x", {"fixed": "1"})]}
    assert read(record).cves == ()


def test_a_language_record_may_be_derived_from_another() -> None:
    entry = affected("PyPI", "x", {"fixed": "1"})
    assert read({"id": "X-1", "upstream": ["GHSA-a", "CVE-2024-0001"], "affected": [entry]}).cves == (
        "GHSA-a",
        "CVE-2024-0001",
    )
    assert (
        read({"id": "X-1", "aliases": ["CVE-2024-0002"], "upstream": ["CVE-2024-0001"], "affected": [entry]}).cves == ()
    )


def test_a_record_whose_id_names_a_flaw_covers_it() -> None:
    for identifier in ("ALPINE-CVE-2014-0138", "DEBIAN-CVE-2014-0138", "CVE-2014-0138"):
        record = {"id": identifier, "affected": [affected("Alpine:v3.10", "curl", {"fixed": "7.36.0"})]}
        assert read(record).cves == ("CVE-2014-0138",)


def test_an_erratum_without_flaws_is_told_from_a_security_erratum() -> None:
    def mends(identifier: str, *related: str) -> bool:
        record = {
            "id": identifier,
            "related": related,
            "affected": [affected("AlmaLinux:8", "x", {"fixed": "1-1.el8"})],
        }
        return read_record(msgspec.json.encode(record), "x", "osv").mends_flaws

    assert not mends("ALBA-2019:1955")
    assert not mends("RHEA-2019:1955")
    assert mends("ALBA-2019:1955", "CVE-2019-1000")
    assert mends("ALSA-2023:6077")


def test_the_lowest_of_several_builds_of_a_module_is_the_fix() -> None:
    builds = (
        "2.8.5-11.module_el8.5.0+71+8f3a675d",
        "2.8.5-11.module_el8.4.0+2249+3ddf2832",
        "2.8.6-1.module_el8.3.0+1+a",
    )
    record = {"id": "ALSA-2019:1955", "summary": "satellite-5-client module update", "related": ["CVE-2019-1000"],
              "affected": [affected("AlmaLinux:8", "dnf-plugin", {"fixed": build}) for build in builds]}  # fmt: skip
    assert [package.ranges[0].fixed for package in read(record).affected] == [builds[1], builds[2]]


def test_builds_that_have_no_order_are_still_reduced_to_one() -> None:
    builds = ("1 1.el8.b", "1 1.el8.a")
    record = {"id": "ALSA-1:1", "affected": [affected("AlmaLinux:8", "x", {"fixed": build}) for build in builds]}
    assert [package.ranges[0].fixed for package in read(record).affected] == ["1 1.el8.a"]


@pytest.mark.parametrize(
    ("summary", "module"),
    [
        ("Important: nodejs:16 security update", "nodejs:16"),
        ("container-tools:rhel8 bug fix update", "container-tools:rhel8"),
        ("new module: php:7.3", "php:7.3"),
        ("Moderate: python39:3.9 and python39-devel:3.9 security update", ""),
        ("satellite-5-client module update", ""),
    ],
)
def test_the_module_stream_stands_in_the_title(summary: str, module: str) -> None:
    record = {"id": "ALSA-1:1", "summary": summary, "related": ["CVE-2020-1000"],
              "affected": [affected("AlmaLinux:8", "x", {"fixed": "1-1.module_el8.4.0+1+abc"})]}  # fmt: skip
    assert read(record).affected[0].module == module


def test_an_rpm_that_is_no_module_build_has_no_stream() -> None:
    record = {"id": "ALSA-1:1", "summary": "Important: nodejs:16 security update",
              "affected": [affected("AlmaLinux:8", "x", {"fixed": "1-1.el8"})]}  # fmt: skip
    assert read(record).affected[0].module == ""


def test_suse_lists_the_binaries_of_a_source_package() -> None:
    record = {
        "id": "SUSE-SU-2023:2222-1",
        "upstream": ["CVE-2023-28319"],
        "affected": [
            affected(
                "SUSE:Linux Enterprise Server 15 SP5",
                "curl",
                {"fixed": "8.0.1-150400.5.23.1"},
                ecosystem_specific={"binaries": [{"curl": "8.0.1-150400.5.23.1"}, {"libcurl4": "8.0.1-150400.5.23.1"}]},
            )
        ],
    }
    fix = (AffectedRange("0", "8.0.1-150400.5.23.1"),)
    assert read(record).affected == (
        AffectedPackage("rpm", "sles:15.5", "curl", fix),
        AffectedPackage("rpm", "sles:15.5", "libcurl4", fix),
    )


def test_red_hat_marks_source_packages_by_their_purl() -> None:
    entry = affected("Red Hat:enterprise_linux:9::appstream", "ruby", {"fixed": "0:3.0.4-160.el9_0"})
    assert isinstance(entry, dict)
    entry["package"]["purl"] = "pkg:rpm/redhat/ruby?arch=src"
    assert read({"id": "RHSA-2022:6585", "affected": [entry]}).affected[0].source


def test_an_informational_notice_of_rustsec() -> None:
    record = {"id": "RUSTSEC-2016-0006", "schema_version": None, "aliases": [], "affected": [affected(
        "crates.io", "cassandra", {"fixed": "0.8.2-0"}, kind="SEMVER",
        database_specific={"categories": [], "cvss": None, "informational": "unmaintained"})]}  # fmt: skip
    package = read(record).affected[0]
    assert (package.severity, package.status_text) == ("informational", "unmaintained")


def test_debians_urgency_is_kept_and_end_of_life_is_a_state() -> None:
    record = {"id": "DEBIAN-CVE-2020-1000", "affected": [
        affected("Debian:11", "a", ecosystem_specific={"urgency": "unimportant"}),
        affected("Debian:11", "b", ecosystem_specific={"urgency": "end-of-life"})]}  # fmt: skip
    words = [(package.severity, package.state) for package in read(record).affected]
    assert words == [("unimportant", FixState.UNFIXED), ("end-of-life", FixState.END_OF_LIFE)]


def test_commit_ranges_are_left_out_and_counted() -> None:
    entry = {"package": {"ecosystem": "PyPI", "name": "X_y"}, "versions": ["1.0", "1.0", "1.1"],
             "ranges": [{"type": "GIT", "repo": "https://x", "events": [{"introduced": "0"}]}]}  # fmt: skip
    bare = {"package": {"ecosystem": "PyPI", "name": "z"}, "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}
    reading = read_record(msgspec.json.encode({"id": "PYSEC-1", "affected": [entry, bare]}), "x", "osv-pypi")
    assert reading.git_ranges == 2
    assert reading.advisory.affected == (
        AffectedPackage("pypi", "pypi", "x-y", versions=("1.0", "1.1"), state=FixState.UNFIXED),
    )


def test_a_withdrawn_record_says_so() -> None:
    record = {"id": "GO-2021-1", "withdrawn": "2023-01-02T03:04:05Z", "affected": []}
    assert read(record).withdrawn == datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_parts_of_another_shape_than_any_database_writes_are_passed_over() -> None:
    record = {
        "id": "GHSA-1",
        "published": "not a date",
        "severity": [{"type": "CVSS_V3", "score": "nonsense"}, {"type": "", "score": "x"}],
        "affected": [
            affected("npm", "a", {"fixed": "1"}, ecosystem_specific=[1], database_specific={"severity": 7, "informational": {}}),
            affected("SUSE:Linux Enterprise Server 15 SP5", "b", {"fixed": "1"}, ecosystem_specific={"binaries": "x"}),
            affected("npm", "", {"fixed": "1"}),
            {"versions": ["1"]},
            {"package": {"ecosystem": "npm", "name": "c"}},
        ],
        "database_specific": {"cwe_ids": "CWE-1", "severity": None},
    }  # fmt: skip
    advisory = read(record)
    assert [package.name for package in advisory.affected] == ["a", "b"]
    assert (advisory.cvss, advisory.cwes, advisory.severity, advisory.published) == ((), (), "", None)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b'{"id": 1}', b'{"id": ""}', b"[" * 100_000, b'{"id": "x", "affected": {}}', b'{"id": "\xff"}', b"\x00",
     b'{"id": "x", "affected": [{"package": {"ecosystem": ["x"]}}]}', b'{"id": "a b"}'],
)  # fmt: skip
def test_a_broken_record_names_its_place(data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"all\.zip:x\.json"):
        read_record(data, "all.zip:x.json", "osv-test")


@given(st.binary(max_size=60), st.integers(0, 300))
def test_any_bytes_are_a_record_or_unreadable(noise: bytes, at: int) -> None:
    whole = msgspec.json.encode({"id": "GHSA-1", "affected": [affected("npm", "a", {"fixed": "1"})]})
    with contextlib.suppress(Unreadable):
        read_record(whole[:at] + noise + whole[at + len(noise) :], "x", "osv")
