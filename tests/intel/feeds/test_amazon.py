import gzip
import hashlib
from datetime import UTC, datetime

import pytest

from assay.errors import LimitExceeded, NotFound, Unavailable, Unreadable
from assay.intel import amazon
from assay.intel.amazon import AmazonLinux
from assay.intel.feed import Covers, Malformed
from assay.intel.mirror import FolderMirror
from assay.intel.updateinfo import Build, Location, updateinfo_location, updates
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Reference

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def update(identifier, packages, cves=("CVE-2023-1",), severity="important"):
    references = "".join(f'<reference href="https://x.example/{cve}" id="{cve}" title="" type="cve"/>' for cve in cves)
    listed = "".join(
        f'<package arch="{arch}" epoch="{epoch}" name="{name}" release="{release}" version="{version}">'
        f"<filename>Packages/{name}.rpm</filename></package>"
        for name, epoch, version, release, arch in packages
    )
    return (
        f'<update author="linux-security@amazon.com" from="l" status="final" type="security" version="1.4">'
        f"<id>{identifier}</id><title>Amazon Linux - {identifier}: {severity}</title>"
        f'<issued date="2023-03-01 10:00"/><updated date="2023-03-02 11:30"/><severity>{severity}</severity>'
        f"<description>Package updates</description><references>{references}</references>"
        f'<pkglist><collection short="amazon-linux-2"><name>Amazon Linux 2</name>{listed}</collection></pkglist></update>'
    )


def write(folder, repository, *parts):
    path = folder / repository / "updateinfo.xml.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(f'<?xml version="1.0"?><updates>{"".join(parts)}</updates>'.encode()))


KERNEL = ("kernel", "0", "4.14.300", "1.amzn2", "x86_64")


def test_an_update_becomes_an_advisory(tmp_path):
    write(
        tmp_path, "al2/core",
        update("ALAS2-2023-100", [KERNEL, ("bind", "32", "9.11.4", "26.amzn2", "x86_64"), ("bind", "32", "9.11.4", "26.amzn2", "i686"),
                                  ("bind", "32", "9.11.4", "26.amzn2", "src")], ("CVE-2023-0001", "CVE-2023-0002")),
        update("ALAS2-2023-101", [KERNEL], cves=()),
        "<update><title>without id</title></update>",
    )  # fmt: skip
    advisory, malformed, covers = AmazonLinux().parse(tmp_path)
    assert advisory == Advisory(
        id="ALAS2-2023-100",
        source="amazon",
        affected=(
            AffectedPackage(
                "rpm", "amzn:2", "bind", (AffectedRange(fixed="32:9.11.4-26.amzn2"),), severity="important"
            ),
            AffectedPackage(
                "rpm", "amzn:2", "kernel", (AffectedRange(fixed="4.14.300-1.amzn2"),), severity="important"
            ),
        ),
        cves=("CVE-2023-0001", "CVE-2023-0002"),
        summary="Amazon Linux - ALAS2-2023-100: important",
        details="Package updates",
        severity="important",
        references=(
            Reference("https://alas.aws.amazon.com/AL2/ALAS-2023-100.html", "ADVISORY"),
            Reference("https://x.example/CVE-2023-0001"),
            Reference("https://x.example/CVE-2023-0002"),
        ),
        published=datetime(2023, 3, 1, 10, tzinfo=UTC),
        modified=datetime(2023, 3, 2, 11, 30, tzinfo=UTC),
    )
    assert isinstance(malformed, Malformed)
    assert covers == Covers("amzn:2")


@pytest.mark.parametrize(
    ("repository", "version", "expected"),
    [
        ("al2/extras/kernel-5.10", "5.10.165", ("amzn:2", "5.10", "5.10.165-1")),
        ("al2/extras/kernel-5.10", "1.2", ("amzn:2", "0", "1.2-1")),
        ("al2/extras/php8.1", "8.10", ("amzn:2", "0", "8.10-1")),
        ("al2/extras/nginx1", "1.22.1", ("amzn:2", "1", "1.22.1-1")),
        ("al2/extras/docker", "20.10", ("amzn:2", "0", "20.10-1")),
        ("al2023/core", "6.1.10", ("amzn:2023", "0", "6.1.10-1")),
        ("al1/updates", "4.14.1", ("amzn:1", "0", "4.14.1-1")),
    ],
)
def test_a_topic_fixes_its_own_version_line_only(tmp_path, repository, version, expected):
    write(tmp_path, repository, update("ALAS-1", [("p", "0", version, "1", "x86_64")], ("CVE-2023-0001",)))
    advisory = next(iter(AmazonLinux().parse(tmp_path)))
    assert isinstance(advisory, Advisory)
    (package,) = advisory.affected
    assert (package.scope, package.ranges[0].introduced, package.ranges[0].fixed) == expected


def test_pages_are_named_by_release(tmp_path):
    for repository, identifier in (("al1/updates", "ALAS-2018-1"), ("al2023/core", "ALAS2023-2023-001")):
        write(tmp_path, repository, update(identifier, [KERNEL], ("CVE-2023-0001",)))
    pages = [record.references[0].url for record in AmazonLinux().parse(tmp_path) if isinstance(record, Advisory)]
    assert pages == [
        "https://alas.aws.amazon.com/ALAS-2018-1.html", "https://alas.aws.amazon.com/AL2023/ALAS-2023-001.html",
    ]  # fmt: skip


def test_other_places_are_told(tmp_path):
    write(tmp_path, "other/core", update("ALAS-1", [KERNEL]))
    assert list(AmazonLinux().parse(tmp_path)) == [
        Malformed("other/core/updateinfo.xml.gz", "not below al1, al2 or al2023")
    ]
    with pytest.raises(Unreadable, match="no updateinfo"):
        list(AmazonLinux().parse(tmp_path / "empty"))


def repository(data, digest=None):
    digest = hashlib.sha256(data).hexdigest() if digest is None else digest
    return (
        '<repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="primary"><location href="p.xml"/></data>'
        f'<data type="updateinfo"><checksum type="sha256">{digest}</checksum>'
        '<location href="repodata/updateinfo.xml.gz"/></data></repomd>'
    ).encode()


def publisher(answers, monkeypatch, data, digest=None):
    mirrors = {"al2/core": "https://cdn/2/mirror.list", "al2/extras/gone": "https://cdn/gone/mirror.list"}
    monkeypatch.setattr(amazon, "_MIRRORS", mirrors)
    site = answers(
        {
            "https://cdn/2/mirror.list": b"http://cdn.$region/x\nhttps://cdn/2/hash\n",
            "https://cdn/2/hash/repodata/repomd.xml": repository(data, digest),
            "https://cdn/2/hash/repodata/updateinfo.xml.gz": data,
        }
    )
    original = site.get

    def get(url, into, /, **options):
        if "gone" in url:
            raise NotFound(url)
        return original(url, into, **options)

    site.get = get
    return site


def test_updateinfo_is_found_through_the_mirror_list_and_read_when_it_changed(tmp_path, answers, monkeypatch):
    data = gzip.compress(b"<updates/>")
    site = publisher(answers, monkeypatch, data)
    first = AmazonLinux().fetch(site, tmp_path, None, NOW)
    assert first.changed
    assert first.validators == {"al2/core": hashlib.sha256(data).hexdigest()}
    site.asked.clear()
    assert not AmazonLinux().fetch(site, tmp_path, first, NOW).changed
    assert site.asked == ["https://cdn/2/mirror.list", "https://cdn/2/hash/repodata/repomd.xml"]
    assert list(AmazonLinux().parse(tmp_path)) == [Covers("amzn:2")]


def test_a_file_that_is_not_the_one_described_is_refused(tmp_path, answers, monkeypatch):
    site = publisher(answers, monkeypatch, b"data", digest="0" * 64)
    with pytest.raises(Unavailable, match="not the file that"):
        AmazonLinux().fetch(site, tmp_path, None, NOW)
    assert not (tmp_path / "al2/core/updateinfo.xml.gz").exists()


def test_a_mirror_list_without_mirrors_is_unavailable(tmp_path, answers, monkeypatch):
    site = publisher(answers, monkeypatch, b"data")
    site.answers["https://cdn/2/mirror.list"] = b"<html>"
    with pytest.raises(Unavailable, match="names no mirror"):
        AmazonLinux().fetch(site, tmp_path, None, NOW)


def test_a_repository_without_updateinfo_is_not_found(tmp_path, answers, monkeypatch):
    site = publisher(answers, monkeypatch, b"data")
    site.answers["https://cdn/2/hash/repodata/repomd.xml"] = b"<repomd/>"
    with pytest.raises(NotFound, match="no updateinfo"):
        AmazonLinux().fetch(site, tmp_path, None, NOW)


def test_a_mirror_folder_may_hold_the_files(tmp_path):
    write(tmp_path / "mirror" / "amazon", "al2/core", update("ALAS2-1", [KERNEL], ("CVE-2023-0001",)))
    AmazonLinux().fetch(FolderMirror(tmp_path / "mirror"), tmp_path / "out", None, NOW)
    assert len(list(AmazonLinux().parse(tmp_path / "out"))) == 2


def test_modules_epochs_and_dates_of_other_publishers(tmp_path):
    (tmp_path / "updateinfo.xml").write_text(
        '<updates><update type="security"><id>X-1</id><title>nodejs (CVE-2024-0001)</title><issued date="1700000000"/>'
        '<references><reference id="1" title="CVE-2024-0002 nodejs: x" href="ftp://no"/></references><pkglist>'
        '<collection><module name="nodejs" stream="16" version="8"/><package name="nodejs" epoch="1" version="16.1" '
        'release="2"/><package name="" version="1"/></collection></pkglist></update>'
        "<update><id>X-2</id><title>t (CVE-2024-0003)</title></update></updates>"
    )
    first, second = updates(tmp_path / "updateinfo.xml")
    assert not isinstance(first, Unreadable)
    assert first.builds == (Build("nodejs", "1:16.1-2", "", "nodejs:16"),)
    assert (first.cves, first.issued, first.references) == (
        ("CVE-2024-0002",),
        datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        (),
    )
    assert not isinstance(second, Unreadable)
    assert second.cves == ("CVE-2024-0003",)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", Unreadable),
        ("<updates><update>", Unreadable),
        ('<!DOCTYPE x [<!ENTITY a "b">]><updates>&a;</updates>', Unreadable),
        ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><updates><update><id>&x;</id></update></updates>', Unreadable),
        ('<?xml version="1.0" encoding="nonsense"?><updates/>', Unreadable),
        ("<updates>" + "<a>" * 200, LimitExceeded),
    ],
)
def test_hostile_xml_is_refused(tmp_path, text, error):
    (tmp_path / "updateinfo.xml").write_text(text)
    with pytest.raises(error):
        list(updates(tmp_path / "updateinfo.xml"))


def test_where_updateinfo_lies(tmp_path):
    (tmp_path / "repomd.xml").write_bytes(repository(b"x", "ab"))
    assert updateinfo_location(tmp_path / "repomd.xml") == Location("repodata/updateinfo.xml.gz", "ab")


def test_extras_alone_do_not_cover_a_release(tmp_path):
    write(tmp_path, "al2/extras/docker", update("ALASDOCKER-2023-1", [("docker", "0", "20.10", "1", "x86_64")]))
    assert not [record for record in AmazonLinux().parse(tmp_path) if isinstance(record, Covers)]
