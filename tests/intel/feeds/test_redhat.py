import io
import json
import tarfile
from datetime import UTC, datetime

import pytest
import zstandard

from assay.errors import NotFound, Unavailable, Unreadable
from assay.intel import redhat
from assay.intel.feed import Covers, Malformed
from assay.intel.mirror import FolderMirror
from assay.intel.redhat import RedHat
from assay.intel.redhat_document import read_document, release_of
from assay.intel.rhel_stream import next_stream, stream_ranges
from assay.intel.rpm_version import evr, split_nevra
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Cvss, FixState, Reference

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
BASE = "https://security.access.redhat.com/data/csaf/v2/vex/"
V31 = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H"
CPES = {
    "BaseOS-9.3": "cpe:/o:redhat:enterprise_linux:9::baseos",
    "BaseOS-9.2.EUS": "cpe:/o:redhat:rhel_eus:9.2::baseos",
    "AppStream-8": "cpe:/a:redhat:enterprise_linux:8::appstream",
    "red_hat_enterprise_linux_7": "cpe:/o:redhat:enterprise_linux:7",
    "red_hat_enterprise_linux_8": "cpe:/o:redhat:enterprise_linux:8",
    "8Base-satellite": "cpe:/a:redhat:satellite:6.14::el8",
}


def document(
    statuses, remediations=(), components=None, *, identifier="CVE-2023-38545", vulnerabilities=None, threats=()
):
    """A VEX document whose product ids are ``<platform>:<component>``."""
    ids = dict.fromkeys(pid for one in statuses.values() for pid in one)
    components = components or {}
    products = [
        {"category": "product_name", "product": {"product_id": name, "name": name, "product_identification_helper": {"cpe": cpe}}}
        for name, cpe in CPES.items()
    ] + [
        {"product": {"product_id": name, "name": name, "product_identification_helper": {"purl": purl}}}
        for name, purl in components.items()
    ]  # fmt: skip
    relationships = [
        {"category": "default_component_of", "full_product_name": {"product_id": pid, "name": pid},
         "product_reference": pid.partition(":")[2], "relates_to_product_reference": pid.partition(":")[0]}
        for pid in ids
    ]  # fmt: skip
    one = {
        "cve": "CVE-2023-38545", "cwe": {"id": "CWE-119", "name": "x"}, "product_status": statuses,
        "remediations": list(remediations), "threats": list(threats), "release_date": "2023-10-11T00:00:00+00:00",
        "notes": [{"category": "description", "text": "An overflow."}, {"category": "summary", "text": "curl: overflow"}],
        "scores": [{"cvss_v3": {"vectorString": V31, "baseScore": 8.1}, "products": []}],
        "references": [{"category": "external", "url": "https://bugzilla.redhat.com/1"},
                       {"category": "self", "url": "https://access.redhat.com/security/cve/CVE-2023-38545"}],
    }  # fmt: skip
    return json.dumps(
        {
            "document": {
                "category": "csaf_vex", "title": "curl: overflow", "aggregate_severity": {"text": "Important"},
                "tracking": {"id": identifier, "current_release_date": "2025-11-21T14:31:32+00:00"},
                "publisher": {"name": "Red Hat Product Security"},
            },
            "product_tree": {"branches": [{"category": "vendor", "name": "Red Hat", "branches": products}],
                             "relationships": relationships},
            "vulnerabilities": vulnerabilities or [one],
        }
    ).encode()  # fmt: skip


def package(scope, name, state, ranges, **more):
    return AffectedPackage("rpm", scope, name, ranges, state=state, **{"severity": "Important", **more})


def test_a_vex_document_with_every_state():
    statuses = {
        "fixed": ["BaseOS-9.3:curl-0:7.76.1-26.el9_3.2.x86_64", "BaseOS-9.3:curl-0:7.76.1-26.el9_3.2.src",
                  "BaseOS-9.3:curl-debuginfo-0:7.76.1-26.el9_3.2.x86_64", "8Base-satellite:curl-0:1-1.el8sat.x86_64"],
        "known_affected": ["red_hat_enterprise_linux_7:curl.src", "red_hat_enterprise_linux_7:curl",
                           "red_hat_enterprise_linux_7:nss", "red_hat_enterprise_linux_7:libcurl"],
        "known_not_affected": ["red_hat_enterprise_linux_8:curl", "red_hat_enterprise_linux_8:curl.src"],
        "under_investigation": ["red_hat_enterprise_linux_8:libssh", "red_hat_enterprise_linux_8:libssh.src"],
    }  # fmt: skip
    remediations = [
        {"category": "vendor_fix", "details": "...", "url": "https://access.redhat.com/errata/RHSA-2023:6745", "product_ids": []},
        {"category": "no_fix_planned", "details": "Out of support scope",
         "product_ids": ["red_hat_enterprise_linux_7:curl", "red_hat_enterprise_linux_7:curl.src"]},
        {"category": "none_available", "details": "Fix deferred", "product_ids": ["red_hat_enterprise_linux_7:nss"]},
    ]  # fmt: skip
    threats = [{"category": "impact", "details": "Low", "product_ids": ["red_hat_enterprise_linux_7:nss"]}]
    assert read_document(document(statuses, remediations, threats=threats), "x", "redhat") == Advisory(
        id="REDHAT-CVE-2023-38545",
        source="redhat",
        affected=(
            package("rhel:9", "curl", FixState.FIXED, (AffectedRange(fixed="7.76.1-26.el9_3.2"),)),
            package("rhel:9", "curl", FixState.FIXED, (AffectedRange(fixed="7.76.1-26.el9_3.2"),), source=True),
            package("rhel:7", "curl", FixState.END_OF_LIFE, (AffectedRange(),), source=True, status_text="Out of support scope"),
            package("rhel:7", "curl", FixState.END_OF_LIFE, (AffectedRange(),), status_text="Out of support scope"),
            package("rhel:7", "nss", FixState.FIX_DEFERRED, (AffectedRange(),), status_text="Fix deferred", severity="Low"),
            package("rhel:7", "libcurl", FixState.UNFIXED, (AffectedRange(),)),
            package("rhel:8", "curl", FixState.NOT_AFFECTED, ()),
            package("rhel:8", "curl", FixState.NOT_AFFECTED, (), source=True),
            package("rhel:8", "libssh", FixState.UNDETERMINED, (AffectedRange(),)),
            package("rhel:8", "libssh", FixState.UNDETERMINED, (AffectedRange(),), source=True),
        ),
        cves=("CVE-2023-38545",),
        related=("RHSA-2023:6745",),
        summary="curl: overflow",
        details="An overflow.",
        severity="Important",
        cvss=(Cvss("3.1", V31, 8.1, "redhat"),),
        cwes=("CWE-119",),
        references=(
            Reference("https://access.redhat.com/security/cve/CVE-2023-38545", "ADVISORY"),
            Reference("https://bugzilla.redhat.com/1"),
        ),
        published=datetime(2023, 10, 11, tzinfo=UTC),
        modified=datetime(2025, 11, 21, 14, 31, 32, tzinfo=UTC),
    )  # fmt: skip


def test_open_packages_named_without_sources_may_be_sources():
    found = read_document(document({"known_affected": ["red_hat_enterprise_linux_8:kernel"]}), "x", "redhat")
    assert [(p.name, p.source) for p in found.affected] == [("kernel", False), ("kernel", True)]


def test_fixes_of_two_streams_do_not_disturb_each_other():
    statuses = {
        "fixed": ["BaseOS-9.3:curl-0:7.76.1-26.el9_3.2.x86_64", "BaseOS-9.2.EUS:curl-0:7.76.1-23.el9_2.4.x86_64"]
    }
    (found,) = read_document(document(statuses), "x", "redhat").affected
    assert found.ranges == (
        AffectedRange("0", "7.76.1-23.el9_2.4"), AffectedRange("7.76.1-23.el9_3", "7.76.1-26.el9_3.2")
    )  # fmt: skip


def test_a_fix_in_a_long_term_stream_leaves_the_others_open():
    statuses = {
        "fixed": ["BaseOS-9.2.EUS:curl-0:7.76.1-23.el9_2.4.x86_64"],
        "known_affected": ["BaseOS-9.3:curl"],
        "known_not_affected": ["BaseOS-9.2.EUS:curl"],
    }
    fixed, still_open, _ = read_document(document(statuses), "x", "redhat").affected
    assert (fixed.state, fixed.ranges) == (FixState.FIXED, (AffectedRange("0", "7.76.1-23.el9_2.4"),))
    assert (still_open.state, still_open.ranges) == (FixState.UNFIXED, (AffectedRange("7.76.1-23.el9_3"),))


def test_module_streams_are_kept_apart():
    text = "nodejs-0:16.1-1.module+el8.8.0+1+a.x86_64.rpm-nodejs:16"
    statuses = {
        "fixed": [f"AppStream-8:{text}"],
        "known_affected": ["red_hat_enterprise_linux_8:nodejs:18/nodejs", "red_hat_enterprise_linux_8:nodejs:20/npm"],
    }
    components = {
        text: "pkg:rpm/redhat/nodejs@16.1-1.module%2Bel8.8.0%2B1%2Ba?arch=x86_64&epoch=1&rpmmod=nodejs:16:8080:63b",
        "nodejs:20/npm": "pkg:rpmmod/redhat/nodejs@20/npm",
    }
    found = read_document(document(statuses, components=components), "x", "redhat").affected
    assert {(p.name, p.module, p.state) for p in found} == {
        ("nodejs", "nodejs:16", FixState.FIXED),
        ("nodejs", "nodejs:18", FixState.UNFIXED),
        ("npm", "nodejs:20", FixState.UNFIXED),
    }
    assert found[0].ranges == (AffectedRange("0", "1:16.1-1.module+el8.8.0+1+a"),)


def test_packages_that_relate_to_a_module_of_a_platform():
    data = json.loads(document({"fixed": ["AppStream-8:ruby:2.7:808:abc:ruby-0:2.7-1.el8.x86_64"]}))
    pid = "AppStream-8:ruby:2.7:808:abc:ruby-0:2.7-1.el8.x86_64"
    data["product_tree"]["relationships"] = [
        {"full_product_name": {"product_id": "AppStream-8:ruby:2.7:808:abc"}, "product_reference": "ruby:2.7:808:abc",
         "relates_to_product_reference": "AppStream-8"},
        {"full_product_name": {"product_id": pid}, "product_reference": "ruby-0:2.7-1.el8.x86_64",
         "relates_to_product_reference": "AppStream-8:ruby:2.7:808:abc"},
    ]  # fmt: skip
    (found,) = read_document(json.dumps(data).encode(), "x", "redhat").affected
    assert (found.scope, found.name, found.module) == ("rhel:8", "ruby", "ruby:2.7")


def test_an_erratum_covers_several_flaws_and_has_one_rating():
    data = json.loads(
        document({"fixed": ["BaseOS-9.3:curl-0:7.76.1-26.el9_3.2.x86_64"], "known_not_affected": ["BaseOS-9.3:nss"]})
    )
    second = {
        **data["vulnerabilities"][0],
        "cve": "CVE-2023-38546",
        "threats": [{"category": "impact", "details": "Low"}],
    }
    data["vulnerabilities"].insert(0, second)
    data["document"]["tracking"]["id"] = "RHSA-2023:6745"
    found = read_document(json.dumps(data).encode(), "x", "redhat")
    assert (found.id, found.cves) == ("RHSA-2023:6745", ("CVE-2023-38546", "CVE-2023-38545"))
    assert [(p.name, p.severity) for p in found.affected] == [("curl", "Important")]
    assert (found.summary, found.cvss, found.related) == ("curl: overflow", (), ())


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"document": {"tracking": {"id": "x"}}}', b'{"document": 3}'])
def test_what_is_no_document_is_unreadable(data):
    with pytest.raises(Unreadable):
        read_document(data, "x", "redhat")


@pytest.mark.parametrize(
    ("cpe", "scope"),
    [
        ("cpe:/o:redhat:enterprise_linux:9::baseos", "rhel:9"),
        ("cpe:/a:redhat:enterprise_linux:8::appstream", "rhel:8"),
        ("cpe:2.3:o:redhat:enterprise_linux:10.0:*:*:*:*:*:*:*", "rhel:10"),
        ("cpe:/o:redhat:enterprise_linux:7", "rhel:7"),
        ("cpe:/o:redhat:rhel_els:6", "rhel:6"),
        ("cpe:/o:redhat:rhel_aus:7.6::server", "rhel:7"),
        ("cpe:/a:redhat:rhel_software_collections:3::el7", "rhel:7"),
        ("cpe:/a:redhat:satellite:6.14::el8", None),
        ("cpe:/a:redhat:openshift:4.12::el8", None),
        ("cpe:/a:redhat:storage:3", None),
        ("", None),
    ],
)
def test_platforms_by_cpe(cpe, scope):
    assert release_of(cpe) == scope


@pytest.mark.parametrize(
    ("fixes", "ranges", "following"),
    [
        ([], (), ""),
        (["1-2.el9"], (AffectedRange("0", "1-2.el9"),), ""),
        (["1-1.el8", "1-2.el8"], (AffectedRange("0", "1-2.el8"),), ""),
        (["1-1.el8_6", "1-2.el8"], (AffectedRange("0", "1-1.el8_6"), AffectedRange("1-1.el8_7", "1-2.el8")), ""),
        (["1-1.el8_6.1", "1-1.el8_6.3"], (AffectedRange("0", "1-1.el8_6.3"),), "1-1.el8_7"),
        (
            ["1:2-3.module+el8.6.0+1+a", "1:2-3.module+el8.8.0+2+b"],
            (
                AffectedRange("0", "1:2-3.module+el8.6.0+1+a"),
                AffectedRange("1:2-3.module+el8.7", "1:2-3.module+el8.8.0+2+b"),
            ),
            "1:2-3.module+el8.9",
        ),
        (["1-1.el9", "no version"], (AffectedRange("0", "no version"), AffectedRange("0", "1-1.el9")), ""),
    ],
)
def test_ranges_of_streams(fixes, ranges, following):
    assert stream_ranges(fixes) == (ranges, following)


def test_the_next_stream_begins_at_the_same_base():
    assert next_stream("32:9.11.4-26.P2.el7_9.16") == "32:9.11.4-26.P2.el7_10"
    assert next_stream("2.35-4.cm2") == ""


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("bind-32:9.8.2-0.68.rc1.el6_10.17.src", ("bind", "32:9.8.2-0.68.rc1.el6_10.17", "src")),
        ("0:a-b-1-2.x86_64.rpm", ("a-b", "1-2", "x86_64")),
        ("3:a-1-2", ("a", "3:1-2", "")),
        ("drupal7-7.34-1.fc21", ("drupal7", "7.34-1.fc21", "")),
        ("curl", None),
        ("curl-1", None),
        ("-" * 5000, None),
    ],
)
def test_names_of_builds(text, parts):
    assert split_nevra(text) == parts


def test_epochs_of_zero_are_left_out():
    assert (evr("1", "2"), evr("1", "2", "0"), evr("1", "", "3"), evr("1", "2", "(none)")) == (
        "1-2",
        "1-2",
        "3:1",
        "1-2",
    )


# --- the feed ---


def archive(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return zstandard.compress(buffer.getvalue())


def vex(cve):
    text = document({"known_not_affected": ["red_hat_enterprise_linux_8:curl", "red_hat_enterprise_linux_8:curl.src"]})
    return text.replace(b"CVE-2023-38545", cve.encode())


def publisher(answers, changes, **documents):
    site = answers(
        {
            BASE + "changes.csv": "".join(f'"{path}","{time}"\n' for path, time in changes).encode(),
            BASE + "archive_latest.txt": b"csaf_vex_2026-08-30.tar.zst\n",
            BASE + "csaf_vex_2026-08-30.tar.zst": archive(
                {"2024/cve-2024-0001.json": vex("CVE-2024-0001"), "2024/cve-2024-0002.json": vex("CVE-2024-0002")}
            ),
            BASE + "deletions.csv": b'"2024/cve-2024-0002.json","2026-08-31T00:00:00+00:00"\n',
        }
    )  # fmt: skip
    site.answers.update({BASE + path: data for path, data in documents.items()})
    return site


def ids(folder):
    return [record.id for record in RedHat().parse(folder) if isinstance(record, Advisory)]


def test_the_archive_is_read_first_then_what_changed(tmp_path, answers):
    site = publisher(
        answers,
        [("2024/cve-2024-0001.json", "2026-08-01T00:00:00+00:00"), ("2024/cve-2024-0003.json", "2026-08-31T00:00:00+00:00"),
         ("../../evil.json", "2026-08-31T00:00:00+00:00"), ("2024/x.txt", "2026-08-31T00:00:00+00:00")],
        **{"2024/cve-2024-0003.json": vex("CVE-2024-0003")},
    )  # fmt: skip
    feed = RedHat()
    first = feed.fetch(site, tmp_path, None, NOW)
    assert first.data_at == datetime(2026, 8, 31, tzinfo=UTC)
    assert ids(tmp_path) == ["REDHAT-CVE-2024-0001", "REDHAT-CVE-2024-0003"]
    assert list(feed.parse(tmp_path))[-1] == Covers("rhel:8")
    site.asked.clear()
    again = feed.fetch(site, tmp_path, first, NOW)
    assert not again.changed
    assert site.asked == [BASE + "changes.csv", BASE + "deletions.csv"]
    site.answers[BASE + "changes.csv"] = b'"2024/cve-2024-0001.json","2026-09-01T00:00:00+00:00"\n'
    site.answers[BASE + "2024/cve-2024-0001.json"] = vex("CVE-2024-9999")
    assert feed.fetch(site, tmp_path, again, NOW).changed
    assert ids(tmp_path) == ["REDHAT-CVE-2024-9999", "REDHAT-CVE-2024-0003"]


def test_many_changes_lead_to_a_newer_archive(tmp_path, answers, monkeypatch):
    site = publisher(answers, [("2024/cve-2024-0001.json", "2026-08-01T00:00:00+00:00")])
    first = RedHat().fetch(site, tmp_path, None, NOW)
    monkeypatch.setattr(redhat, "_MANY", 0)
    site.answers[BASE + "changes.csv"] = b'"2024/cve-2024-0001.json","2026-08-02T00:00:00+00:00"\n'
    site.asked.clear()
    RedHat().fetch(site, tmp_path, first, NOW)
    assert BASE + "csaf_vex_2026-08-30.tar.zst" in site.asked


def test_a_pointer_to_anything_else_is_refused(tmp_path, answers):
    site = publisher(answers, [])
    for name in (b"../x_2026-08-30.tar.zst", b"<html>", b""):
        site.answers[BASE + "archive_latest.txt"] = name
        with pytest.raises(Unreadable, match="not the name of an archive"):
            RedHat().fetch(site, tmp_path, None, NOW)


def test_documents_that_vanish_are_forgotten(tmp_path, answers):
    site = publisher(answers, [("2024/cve-2024-0007.json", "2026-08-31T00:00:00+00:00")])
    original = site.get

    def get(url, into, /, **options):
        if url.endswith(("0007.json", "deletions.csv")):
            raise NotFound(url)
        return original(url, into, **options)

    site.get = get
    RedHat().fetch(site, tmp_path, None, NOW)
    assert ids(tmp_path) == ["REDHAT-CVE-2024-0001", "REDHAT-CVE-2024-0002"]


def test_a_publisher_that_does_not_answer_is_unavailable(tmp_path, answers):
    with pytest.raises(Unavailable):
        RedHat().fetch(answers({}), tmp_path, None, NOW)


def test_broken_documents_cost_only_themselves(tmp_path):
    (tmp_path / "a.tar.zst").write_bytes(
        archive({"2024/cve-2024-0001.json": b"{", "2024/cve-2024-0002.json": vex("CVE-2024-0002")})
    )
    malformed, advisory, _ = RedHat().parse(tmp_path)
    assert isinstance(malformed, Malformed)
    assert malformed.place == "2024/cve-2024-0001.json"
    assert isinstance(advisory, Advisory)
    with pytest.raises(Unreadable, match="no documents"):
        list(RedHat().parse(tmp_path / "empty"))
    (tmp_path / "a.tar.zst").write_bytes(zstandard.compress(b"no tar" * 500))
    with pytest.raises(Unreadable, match="broken tar"):
        list(RedHat().parse(tmp_path))


def test_the_sample_documents(shared, tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "redhat").symlink_to(shared / "native-samples" / "rhel" / "csaf" / "advisories")
    RedHat().fetch(FolderMirror(mirror), tmp_path / "out", None, NOW)
    found = {record.id: record for record in RedHat().parse(tmp_path / "out") if isinstance(record, Advisory)}
    assert list(found) == [
        "RHSA-2024:6163", "RHSA-2024:9371", "RHSA-2025:23414", "RHSA-2023:3821", "RHSA-2023:7025", "RHSA-2024:0811",
        "RHSA-2024:1431",
    ]  # fmt: skip
    (sudo, *_) = found["RHSA-2024:0811"].affected
    assert (sudo.scope, sudo.name, [(r.introduced, r.fixed) for r in sudo.ranges]) == (
        "rhel:9", "sudo",
        [("0", "1.9.5p2-7.el9_0.4"), ("1.9.5p2-7.el9_1", "1.9.5p2-9.el9_2.2"), ("1.9.5p2-9.el9_3", "1.9.5p2-10.el9_3")],
    )  # fmt: skip
    assert {package.module for package in found["RHSA-2023:3821"].affected} == {"ruby:2.7"}
    curl = (shared / "native-samples" / "claircore" / "cve-2023-38545.json").read_bytes()
    states = {(p.scope, p.state) for p in read_document(curl, "x", "redhat").affected}
    assert states == {("rhel:9", FixState.FIXED)} | {(f"rhel:{n}", FixState.NOT_AFFECTED) for n in (6, 7, 8)}
