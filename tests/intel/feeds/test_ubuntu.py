import io
import json
import lzma
import tarfile
import zipfile
from datetime import UTC, datetime

import pytest

from assay.errors import Unreadable
from assay.intel.feed import Malformed
from assay.intel.mirror import FolderMirror
from assay.intel.ubuntu import Ubuntu
from assay.intel.ubuntu_tracker import read_tracker, scope_of_release
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Cvss, FixState, Reference

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
TRACKER = f"""PublicDateAtUSN: 2023-10-11 06:00:00 UTC
Candidate: CVE-2023-38545
PublicDate: 2023-10-18 04:15:00 UTC
References:
 https://curl.se/docs/CVE-2023-38545.html
 https://ubuntu.com/security/notices/USN-6429-1
Description:
 This flaw makes curl
 overflow.
Notes:
 mdeslaur> affects 7.69 and higher
Priority: high
 Upstream says so
Priority_curl-old: low
CVSS:
 nvd: {V31} [9.8 CRITICAL]
 nonsense

# a comment
Patches_curl:
upstream_curl: needs-triage
trusty/esm_curl: not-affected (code not present)
esm-infra/xenial_curl: needed
bionic_curl: ignored (end of standard support)
focal_curl: ignored (too intrusive)
jammy_curl: released (7.81.0-1ubuntu1.14)
lunar_curl: deferred (2023-11-01)
mantic_curl: pending (8.2.1-1ubuntu3.1)
noble_curl: DNE
jammy_curl-old: needs-triage
focal_curl-old: released
snap_curl: needed
jammy_broken:
"""


def package(name, scope, state, words, *, fixed=None, severity="high"):
    ranges = () if state is FixState.NOT_AFFECTED else (AffectedRange(fixed=fixed),)
    return AffectedPackage("deb", scope, name, ranges, state=state, severity=severity, status_text=words, source=True)


def test_a_file_of_the_tracker():
    assert read_tracker(TRACKER.encode(), "x", "ubuntu") == Advisory(
        id="UBUNTU-CVE-2023-38545",
        source="ubuntu",
        affected=(
            package("curl", "ubuntu-pro:14.04", FixState.NOT_AFFECTED, "not-affected (code not present)"),
            package("curl", "ubuntu-pro:16.04", FixState.UNFIXED, "needed"),
            package("curl", "ubuntu:18.04", FixState.END_OF_LIFE, "ignored (end of standard support)"),
            package("curl", "ubuntu:20.04", FixState.WILL_NOT_FIX, "ignored (too intrusive)"),
            package(
                "curl", "ubuntu:22.04", FixState.FIXED, "released (7.81.0-1ubuntu1.14)", fixed="7.81.0-1ubuntu1.14"
            ),
            package("curl", "ubuntu:23.04", FixState.FIX_DEFERRED, "deferred (2023-11-01)"),
            package("curl", "ubuntu:23.10", FixState.UNFIXED, "pending (8.2.1-1ubuntu3.1)"),
            package("curl-old", "ubuntu:22.04", FixState.UNDETERMINED, "needs-triage", severity="low"),
        ),
        cves=("CVE-2023-38545",),
        related=("USN-6429-1",),
        details="This flaw makes curl overflow.",
        severity="high",
        cvss=(Cvss("3.1", V31, 9.8, "NVD"),),
        references=(
            Reference("https://ubuntu.com/security/CVE-2023-38545", "ADVISORY"),
            Reference("https://curl.se/docs/CVE-2023-38545.html"),
            Reference("https://ubuntu.com/security/notices/USN-6429-1"),
        ),
        published=datetime(2023, 10, 11, 6, tzinfo=UTC),
    )


@pytest.mark.parametrize("text", ["", "Candidate: x", "\x00\xff"])
def test_a_file_without_a_candidate_is_unreadable(text):
    with pytest.raises(Unreadable, match="names no candidate"):
        read_tracker(text.encode("latin-1"), "x", "ubuntu")


@pytest.mark.parametrize(
    ("release", "scope"),
    [
        ("jammy", "ubuntu:22.04"), ("esm-apps/focal", "ubuntu-pro:20.04"), ("esm-infra-legacy/trusty", "ubuntu-pro:14.04"),
        ("trusty/esm", "ubuntu-pro:14.04"), ("upstream", ""), ("bookworm", ""), ("snap", ""), ("product/jammy", ""), ("", ""),
    ],
)  # fmt: skip
def test_releases_of_ubuntu(release, scope):
    assert scope_of_release(release) == scope


def statement(status, products, **more):
    return {
        "vulnerability": {"name": "CVE-2023-38545", "description": "An overflow."}, "timestamp": "2023-10-11T06:00:00Z",
        "products": [{"@id": product} for product in products], "status": status, **more,
    }  # fmt: skip


def source(name, distro):
    return f"pkg:deb/ubuntu/{name}@7.81.0-1ubuntu1.24?arch=source&distro={distro}"


def vex(*statements):
    return json.dumps({"timestamp": "2026-05-20T15:02:47Z", "statements": statements}).encode()


VEX = vex(
    statement("fixed", [source("curl", "jammy")]),
    statement("affected", [source("curl", "xenial")], action_statement="This is no longer supported. CVE Notes: deferred"),
    statement("affected", [source("wget", "jammy")], action_statement="The team decided to not fix it."),
    statement("affected", [source("nss", "jammy")], action_statement="A fix is deferred."),
    statement("affected", [source("zlib", "jammy")]),
    statement("not_affected", [source("curl", "esm-infra/focal"), "pkg:deb/ubuntu/libcurl4@7?arch=amd64&distro=focal"],
              justification="vulnerable_code_not_present", impact_statement="Not affected. CVE Notes: x"),
    statement("not_affected", [source("curl", "noble")], justification="component_not_present"),
    statement("under_investigation", [source("curl", "noble"), "arch=source", source("curl", "upstream")]),
)  # fmt: skip


def test_a_vex_document(tmp_path):
    (tmp_path / "CVE-2023-38545.json").write_bytes(VEX)
    (found,) = Ubuntu().parse(tmp_path)
    assert isinstance(found, Advisory)
    assert [(p.scope, p.name, p.state, p.status_text) for p in found.affected] == [
        ("ubuntu:16.04", "curl", FixState.END_OF_LIFE, "affected: This is no longer supported."),
        ("ubuntu:22.04", "wget", FixState.WILL_NOT_FIX, "affected: The team decided to not fix it."),
        ("ubuntu:22.04", "nss", FixState.FIX_DEFERRED, "affected: A fix is deferred."),
        ("ubuntu:22.04", "zlib", FixState.UNFIXED, "affected"),
        ("ubuntu-pro:20.04", "curl", FixState.NOT_AFFECTED, "not_affected: Not affected."),
        ("ubuntu:24.04", "curl", FixState.UNDETERMINED, "under_investigation"),
    ]
    assert (found.id, found.details, found.modified) == (
        "UBUNTU-CVE-2023-38545", "An overflow.", datetime(2026, 5, 20, 15, 2, 47, tzinfo=UTC)
    )  # fmt: skip


def test_archives_of_both_kinds(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in (
            ("vex/CVE-2023-38545.json", VEX),
            ("vex/CVE-2023-1.json", b"{"),
            ("vex/CVE-2023-2.json", vex()),
            ("x", b""),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    (tmp_path / "a-vex.tar.xz").write_bytes(lzma.compress(buffer.getvalue()))
    with zipfile.ZipFile(tmp_path / "tracker.zip", "w") as archive:
        archive.writestr("active/CVE-2023-38545", TRACKER)
        archive.writestr("active/CVE-2023-38546", TRACKER.replace("38545", "38546"))
        archive.writestr("active/00boilerplate", "x")
    found = list(Ubuntu().parse(tmp_path))
    assert [record.id for record in found if isinstance(record, Advisory)] == [
        "UBUNTU-CVE-2023-38545", "UBUNTU-CVE-2023-38546"
    ]  # fmt: skip
    assert [record.place for record in found if isinstance(record, Malformed)] == [
        "vex/CVE-2023-1.json",
        "vex/CVE-2023-2.json",
    ]
    with pytest.raises(Unreadable, match="no documents"):
        list(Ubuntu().parse(tmp_path / "empty"))


def test_the_archive_is_fetched(tmp_path, answers):
    site = answers({"https://security-metadata.canonical.com/vex/vex-all.tar.xz": lzma.compress(bytes(1024))})
    Ubuntu().fetch(site, tmp_path, None, NOW)
    assert list(Ubuntu().parse(tmp_path)) == []


def test_the_shared_tracker_files(shared, tmp_path):
    Ubuntu().fetch(FolderMirror(shared), tmp_path, None, NOW)
    found = list(Ubuntu().parse(tmp_path))
    assert len(found) == 1287
    curl = next(record for record in found if isinstance(record, Advisory) and record.id == "UBUNTU-CVE-2023-38545")
    assert ("ubuntu:22.04", FixState.FIXED) in {(p.scope, p.state) for p in curl.affected}
    assert ("ubuntu:20.04", FixState.NOT_AFFECTED) in {(p.scope, p.state) for p in curl.affected}
