"""Whatever a publisher's file has become, a feed yields records or says Unreadable: nothing else leaves it."""

import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile

import pytest
import zstandard

from assay.errors import Unreadable
from assay.intel.alpine import AlpineSecurity
from assay.intel.amazon import AmazonLinux
from assay.intel.arch import ArchLinux
from assay.intel.attention import Attention
from assay.intel.azurelinux import AzureLinux
from assay.intel.catalog import all_feeds
from assay.intel.cve5 import CveList
from assay.intel.debian import DebianTracker
from assay.intel.epss import ExploitPrediction
from assay.intel.exploitdb import ExploitDatabase
from assay.intel.fedora import Fedora
from assay.intel.github import GitHubAdvisories
from assay.intel.kev import KnownExploited
from assay.intel.lifecycle import EndOfLifeDates
from assay.intel.nvd import NationalDatabase
from assay.intel.oracle import OracleLinux
from assay.intel.osv_feed import OsvEcosystem
from assay.intel.photon import PhotonOs
from assay.intel.poc import ProofsOfConcept
from assay.intel.redhat import RedHat
from assay.intel.suse import Suse
from assay.intel.ubuntu import Ubuntu

OVAL = b"""<?xml version="1.0"?><oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"><definitions>
<definition id="oval:x:def:1" class="patch"><metadata><title>ELSA-2022-4803: CVE-2022-24903 x</title><affected family="unix">
<platform>Oracle Linux 7</platform></affected><reference source="CVE" ref_id="CVE-2022-24903" ref_url="https://x"/><advisory>
<severity>High</severity><issued date="2022-05-31"/><cve cvss3="8.1/CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H">CVE-2022-24903</cve>
</advisory></metadata><criteria operator="AND"><criterion test_ref="t:1" comment="Oracle Linux 7 is installed"/>
<criteria operator="OR"><criterion test_ref="t:2" comment="Package curl is earlier than 0:8.24-57.azl3"/></criteria></criteria>
</definition></definitions><tests><rpminfo_test id="t:2"><object object_ref="o:1"/><state state_ref="s:1"/></rpminfo_test></tests>
<objects><rpminfo_object id="o:1"><name>curl</name></rpminfo_object></objects><states><rpminfo_state id="s:1">
<evr operation="less than">0:8.24-57.azl3</evr></rpminfo_state></states></oval_definitions>"""
CVE5 = json.dumps(
    {
        "cveMetadata": {"cveId": "CVE-2024-1234", "state": "PUBLISHED", "datePublished": "2024-02-01T10:00:00"},
        "containers": {
            "cna": {
                "descriptions": [{"lang": "en", "value": "é"}],
                "metrics": [{"cvssV3_1": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8}},
                            {"other": {"type": "ssvc", "content": {"options": [{"Exploitation": "poc"}]}}}],
                "references": [{"url": "https://x", "tags": ["patch"]}],
            }
        },
    }
).encode()  # fmt: skip
CSAF = json.dumps(
    {
        "document": {"tracking": {"id": "CVE-2024-1234"}, "title": "x", "category": "csaf_vex"},
        "product_tree": {
            "branches": [{"branches": [{"product": {"product_id": "p", "name": "p",
                                                    "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:9"}}}]}],
            "relationships": [{"full_product_name": {"product_id": "p:c"}, "product_reference": "curl-0:1-2.el9_2.src",
                               "relates_to_product_reference": "p"}],
        },
        "vulnerabilities": [{"cve": "CVE-2024-1234", "product_status": {"fixed": ["p:c"], "known_affected": ["p:curl"]}}],
    }
).encode()  # fmt: skip
TRACKER = b"Candidate: CVE-2024-1234\nPriority: high\njammy_curl: released (1.2)\nfocal_curl: ignored (end of life)\n"
EPSS = b"#model_version:v1,score_date:2025-01-01T00:00:00Z\ncve,epss,percentile\nCVE-2024-1234,0.1,0.2\n"
UPDATEINFO = (
    b'<updates><update type="security"><id>ALAS-1</id><issued date="2023-03-01"/><references><reference id="CVE-2024-1234"'
    b' href="https://x"/></references><pkglist><collection><package name="a" version="1" release="2" epoch="0" arch="x86_64"/>'
    b"</collection></pkglist></update></updates>"
)
POC = b"# CVE\n#### Reference\n- https://x.example/1\n#### Github\n- https://github.com/a/CVE-2024-1234\n"


def zipped(name, data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def tarred(name, data):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


CASES = [
    (KnownExploited(), "known_exploited_vulnerabilities.json",
     b'{"dateReleased": "2025-08-25", "vulnerabilities": [{"cveID": "CVE-2024-1234", "dateAdded": "2024-01-01"}]}'),
    (ExploitPrediction(), "epss_scores.csv.gz", gzip.compress(EPSS)),
    (ExploitPrediction(), "epss_scores.csv.gz", EPSS),
    (CveList(), "cvelist", CVE5 + b"\n" + CVE5),
    (CveList(), "cvelist", lzma.compress(CVE5)),
    (CveList(), "cvelist", zipped("CVE-2024-1234.json", CVE5)),
    (NationalDatabase(), "page.json",
     b'{"vulnerabilities": [{"cve": {"id": "CVE-2024-1234", "descriptions": [{"lang": "en", "value": "x"}]}}]}'),
    (ExploitDatabase(), "files_exploits.csv", b'id,codes,type,date_published\n1,"CVE-2024-1234;x",dos,2024-01-01\n'),
    (ProofsOfConcept(), "poc", zipped("2024/CVE-2024-1234.md", POC)),
    (ProofsOfConcept(), "poc", b'{"cve": "CVE-2024-1234", "reference": ["https://x"], "github": []}\n'),
    (EndOfLifeDates(), "debian.json", b'{"result": {"name": "debian", "releases": [{"name": "12", "eolFrom": "2028-06-30"}]}}'),
    (Attention(), "a.json", b'{"data": [{"vulnerability": "CVE-2024-1234", "type": "seen"}], "metadata": {"count": 1}}'),
    (Attention(), "a.csv", b"cve,mentions\nCVE-2024-1234,3\n"),
    (GitHubAdvisories(), "a.json",
     b'[{"ghsa_id": "GHSA-1", "vulnerabilities": [{"package": {"ecosystem": "npm", "name": "a"}, "vulnerable_version_range": "< 1.0"}]}]'),
    (DebianTracker(), "tracker.json",
     b'{"curl": {"CVE-2024-1234": {"releases": {"bookworm": {"status": "resolved", "fixed_version": "1", "urgency": "low"}}}}}'),
    (AlpineSecurity(), "main.json",
     b'{"distroversion": "v3.19", "packages": [{"pkg": {"name": "curl", "secfixes": {"1-r0": ["CVE-2024-1234"]}}}]}'),
    (AlpineSecurity(), "main.yaml", b"distroversion: v3.19\npackages:\n- pkg:\n    name: xz\n    secfixes:\n      1-r1:\n      - CVE-2024-1234\n"),
    (RedHat(), "cve-2024-1234.json", CSAF),
    (RedHat(), "a.tar.zst", zstandard.compress(tarred("2024/cve-2024-1234.json", CSAF))),
    (AmazonLinux(), "al2/core/updateinfo.xml.gz", gzip.compress(UPDATEINFO)),
    (AmazonLinux(), "al2/core/updateinfo.xml", UPDATEINFO),
    (OracleLinux(), "a.xml", OVAL),
    (OracleLinux(), "a.xml.bz2", bz2.compress(OVAL)),
    (Suse(), "a.xml", OVAL),
    (AzureLinux(), "a.xml", OVAL),
    (PhotonOs(), "cve_data_photon4.0.json", b'[{"cve_id": "CVE-2024-1234", "pkg": "curl", "res_ver": "1-1.ph4", "status": "Fixed"}]'),
    (ArchLinux(), "all.json", b'[{"name": "AVG-1", "packages": ["curl"], "fixed": "1-1", "status": "Fixed", "issues": ["CVE-2024-1234"]}]'),
    (Fedora(), "a.json",
     (b'{"updates": [{"alias": "FEDORA-1", "type": "security", "status": "stable", "release": {"version": "40", "id_prefix": "FEDORA"},'
      b' "builds": [{"nvr": "curl-1-1.fc40"}], "bugs": [{"title": "CVE-2024-1234"}]}]}')),
    (Ubuntu(), "CVE-2024-1234.json",
     (b'{"statements": [{"vulnerability": {"name": "CVE-2024-1234"}, "status": "affected", "products":'
      b' [{"@id": "pkg:deb/ubuntu/curl@1?arch=source&distro=jammy"}]}]}')),
    (Ubuntu(), "a.zip", zipped("active/CVE-2024-1234", TRACKER)),
    (Ubuntu(), "a.tar.xz", lzma.compress(tarred("vex/CVE-2024-1234.json", b'{"statements": []}'))),
]  # fmt: skip


def read(feed, folder):
    """How many records; None when the feed says Unreadable."""
    try:
        return sum(1 for _ in feed.parse(folder))
    except Unreadable:
        return None


def mangled(data, seed):
    """Truncations, flipped bytes, inserted noise, and bytes that are special to the formats."""
    chance = random.Random(seed)
    for position in sorted({chance.randrange(len(data)) for _ in range(10)} | {0, 1, len(data) - 1}):
        yield data[:position]
    for _ in range(20):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(len(broken))] = chance.choice(
                (0, 10, 34, 45, 60, 91, 92, 123, 125, 128, 255, chance.randrange(256))
            )
        yield bytes(broken)
    for _ in range(6):
        position = chance.randrange(len(data))
        yield data[:position] + chance.randbytes(chance.randint(1, 40)) + data[position:]
    yield b"[" * 3000
    yield b'{"a":' * 3000
    yield b"\x00" * 100


@pytest.mark.parametrize(("feed", "name", "data"), CASES, ids=[f"{feed.name}-{name}" for feed, name, _ in CASES])
def test_mangled_files_are_read_or_refused(feed, name, data, tmp_path):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    assert read(feed, tmp_path)
    for broken in mangled(data, name):
        path.write_bytes(broken)
        read(feed, tmp_path)


def test_every_feed_is_mangled_here():
    named = {feed.name for feed, _, _ in CASES}
    assert {feed.name for feed in all_feeds() if not isinstance(feed, OsvEcosystem)} == named


def test_feeds_have_names_and_addresses_of_their_own():
    names = [feed.name for feed in all_feeds()]
    assert len(set(names)) == len(names)
    assert all(feed.urls and all(url.startswith("http") for url in feed.urls) for feed in all_feeds())


def test_reading_twice_yields_the_same(tmp_path):
    for number, (feed, name, data) in enumerate(CASES):
        path = tmp_path / str(number) / name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        assert list(feed.parse(tmp_path / str(number))) == list(feed.parse(tmp_path / str(number)))
