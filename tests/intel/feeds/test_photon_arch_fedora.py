import json
from datetime import UTC, datetime

import pytest

from assay.errors import Unreadable
from assay.intel.arch import ArchLinux
from assay.intel.fedora import Fedora
from assay.intel.feed import Covers, Ignored, Malformed
from assay.intel.mirror import FolderMirror
from assay.intel.photon import PhotonOs
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState, Reference

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def entry(cve, package, fixed, status="Fixed"):
    return {"cve_id": cve, "pkg": package, "cve_score": 7.8, "aff_ver": "all versions before are vulnerable",
            "res_ver": fixed, "status": status}  # fmt: skip


def test_photons_metadata(tmp_path):
    entries = [
        entry("CVE-2023-38545", "curl", "7.88.1-4.ph4"), entry("CVE-2023-38545", "httpd", "NA", "Not Affected"),
        entry("CVE-2023-38545", "linux", None, "Open"), entry("BDSA-2025-0719", "krb5", "1.17-15.ph4"),
        entry("CVE-2023-38545", "python3", "NA"), entry("CVE-2023-38545", "x", "1", "Strange"), 7,
    ]  # fmt: skip
    (tmp_path / "cve_data_photon4.0.json").write_text(json.dumps(entries))
    (tmp_path / "photon_versions.json").write_text("{}")
    strange, seven, other, curl, covers, ignored = PhotonOs().parse(tmp_path)
    assert [type(strange), type(seven)] == [Malformed, Malformed]
    assert isinstance(other, Advisory)
    assert (other.id, other.aliases, other.cves) == ("PHOTON-BDSA-2025-0719", ("BDSA-2025-0719",), ())
    assert isinstance(curl, Advisory)
    fixed = (AffectedRange(fixed="7.88.1-4.ph4"),)
    assert curl.affected == tuple(
        AffectedPackage("rpm", "photon:4.0", name, ranges, state=state, status_text=words, source=source)
        for name, ranges, state, words in (
            ("curl", fixed, FixState.FIXED, "Fixed"),
            ("httpd", (), FixState.NOT_AFFECTED, "Not Affected"),
            ("linux", (AffectedRange(),), FixState.UNFIXED, "Open"),
        )
        for source in (False, True)
    )
    assert covers == Covers("photon:4.0")
    assert isinstance(ignored, Ignored)
    assert ignored.count == 1
    with pytest.raises(Unreadable, match="no CVE metadata"):
        list(PhotonOs().parse(tmp_path / "empty"))


def test_photons_files_are_fetched(tmp_path):
    place = tmp_path / "mirror" / "packages.vmware.com" / "photon" / "photon_cve_metadata" / "cve_data_photon5.0.json"
    place.parent.mkdir(parents=True)
    place.write_text("[]")
    PhotonOs().fetch(FolderMirror(tmp_path / "mirror"), tmp_path / "out", None, NOW)
    assert list(PhotonOs().parse(tmp_path / "out")) == [Covers("photon:5.0")]


def group(name, status, fixed=None, packages=("curl",), issues=("CVE-2024-1234",)):
    return {"name": name, "packages": list(packages), "affected": "8.4.0-1", "fixed": fixed, "severity": "High",
            "status": status, "type": "code execution", "issues": list(issues), "advisories": ["ASA-202401-01"]}  # fmt: skip


def test_archs_groups(tmp_path, answers):
    groups = [
        group("AVG-1", "Fixed", "8.5.0-1", ("curl", "lib32-curl", "curl")), group("AVG-2", "Vulnerable"),
        group("AVG-3", "Not affected"), group("AVG-4", "Testing", "9-1"), group("AVG-5", "Fixed"), group("AVG-6", "Odd"), 1,
    ]  # fmt: skip
    ArchLinux().fetch(
        answers({"https://security.archlinux.org/all.json": json.dumps(groups).encode()}), tmp_path, None, NOW
    )
    first, second, third, fourth, *broken, covers = ArchLinux().parse(tmp_path)
    assert first == Advisory(
        id="AVG-1",
        source="arch",
        affected=tuple(
            AffectedPackage(
                "rpm", "arch", name, (AffectedRange(fixed="8.5.0-1"),), severity="High", status_text="Fixed"
            )
            for name in ("curl", "lib32-curl")
        ),
        cves=("CVE-2024-1234",),
        related=("ASA-202401-01",),
        summary="code execution",
        severity="High",
        references=(Reference("https://security.archlinux.org/AVG-1", "ADVISORY"),),
    )
    states = [record.affected[0].state for record in (second, third, fourth) if isinstance(record, Advisory)]
    assert states == [FixState.UNFIXED, FixState.NOT_AFFECTED, FixState.UNFIXED]
    assert [type(record) for record in broken] == [Malformed] * 3
    assert covers == Covers("arch")


def update(alias, release="F40", prefix="FEDORA", **more):
    return {
        "alias": alias, "title": "curl-8.0-1.fc40", "display_name": "curl security update", "notes": "Fixes CVE-2025-0009",
        "severity": "medium", "type": "security", "status": "stable", "date_pushed": "2025-01-15 12:00:00",
        "url": f"https://bodhi.fedoraproject.org/updates/{alias}",
        "release": {"name": release, "version": "40", "id_prefix": prefix},
        "bugs": [{"title": "CVE-2025-0001 curl: overflow"}, {"title": None}],
        "builds": [{"nvr": "curl-8.0-1.fc40", "type": "rpm", "epoch": 2}, {"nvr": "curl-app-1-1", "type": "flatpak"}], **more,
    }  # fmt: skip


def test_fedoras_updates(tmp_path):
    others = [
        update("FEDORA-EPEL-1", prefix="FEDORA-EPEL"), update("FEDORA-2", status="testing"),
        update("FEDORA-3", bugs=[]), {"alias": "x"}, update("FEDORA-1", title="again"),
    ]  # fmt: skip
    (tmp_path / "page.json").write_text(json.dumps({"updates": [update("FEDORA-1"), *others], "page": 1, "pages": 1}))
    (tmp_path / "single.json").write_text(json.dumps(update("FEDORA-4", url="")))
    first, third, malformed, fourth, covers, ignored = Fedora().parse(tmp_path)
    assert first == Advisory(
        id="FEDORA-1",
        source="fedora",
        affected=(
            AffectedPackage(
                "rpm", "fedora:40", "curl", (AffectedRange(fixed="2:8.0-1.fc40"),), severity="medium", source=True
            ),
        ),
        cves=("CVE-2025-0001",),
        summary="curl security update",
        details="Fixes CVE-2025-0009",
        severity="medium",
        references=(Reference("https://bodhi.fedoraproject.org/updates/FEDORA-1", "ADVISORY"),),
        published=datetime(2025, 1, 15, 12, tzinfo=UTC),
    )
    assert isinstance(third, Advisory)
    assert third.cves == ("CVE-2025-0009",)
    assert isinstance(malformed, Malformed)
    assert isinstance(fourth, Advisory)
    assert fourth.references[0].url == "https://bodhi.fedoraproject.org/updates/FEDORA-4"
    assert covers == Covers("fedora:40")
    assert isinstance(ignored, Ignored)
    assert ignored.count == 2


def bodhi(page, since=""):
    address = "https://bodhi.fedoraproject.org/updates/?type=security&status=stable&rows_per_page=100"
    return f"{address}&page={page}{since}"


def test_bodhi_is_read_page_by_page_then_what_was_pushed_since(tmp_path, answers):
    def page(number, pages, *updates):
        return json.dumps({"updates": updates, "page": number, "pages": pages}).encode()

    site = answers({bodhi(1): page(1, 2, update("FEDORA-1")), bodhi(2): page(2, 2, update("FEDORA-2"))})
    feed = Fedora()
    first = feed.fetch(site, tmp_path, None, NOW)
    assert site.asked == [bodhi(1), bodhi(2)]
    since = "&pushed_since=2026-08-30"
    site.answers = {bodhi(1, since): page(1, 1)}
    second = feed.fetch(site, tmp_path, first, NOW)
    assert not second.changed
    site.answers = {bodhi(1, since): page(1, 1, update("FEDORA-3"))}
    assert feed.fetch(site, tmp_path, second, NOW).changed
    ids = [record.id for record in feed.parse(tmp_path) if isinstance(record, Advisory)]
    assert ids == ["FEDORA-3", "FEDORA-1", "FEDORA-2"]
