"""Everything known about an identifier."""

from datetime import UTC, datetime

import pytest

from assay.intel.feed import Covers
from assay.intel.search import search
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Cvss, Reference, Vulnerability

DJANGO = AffectedPackage("pypi", "pypi", "django", (AffectedRange("0", "1.2"),), severity="HIGH")
FLASK = AffectedPackage("pypi", "pypi", "flask", (AffectedRange("1.0", last_affected="1.9"),), severity="HIGH")
OPENSSL = AffectedPackage("deb", "debian:12", "openssl", (AffectedRange("0", "3.0"),), source=True)
GITHUB = Advisory(
    "GHSA-abcd-ef12-3456", "github", (DJANGO, FLASK), ("CVE-2024-0001",), related=("X-1",), summary="Short", details="Long",
    severity="HIGH", cvss=(Cvss("3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, "GITHUB"),), cwes=("CWE-1",),
    references=(Reference("https://example.org"),), published=datetime(2024, 1, 1, tzinfo=UTC),
    modified=datetime(2024, 1, 2, tzinfo=UTC),
)  # fmt: skip
PYPA = Advisory("PYSEC-1", "osv-pypi", (DJANGO,), ("GHSA-abcd-ef12-3456",))
DEBIAN = Advisory("DSA-1", "osv-debian", (OPENSSL,), cves=("CVE-2024-0001", "CVE-2024-0002"))
WITHDRAWN = Advisory("PYSEC-9", "osv-pypi", (DJANGO,), withdrawn=datetime(2024, 5, 5, tzinfo=UTC))


@pytest.fixture
def index(opened):
    return opened({
        "github": [GITHUB],
        "osv-pypi": [PYPA, WITHDRAWN, Covers("pypi")],
        "osv-debian": [DEBIAN, Covers("debian:12")],
        "nvd": [Vulnerability("CVE-2024-0002", details="Two"), Vulnerability("CVE-2024-0003", details="Three")],
    })  # fmt: skip


@pytest.mark.parametrize("identifier", ["CVE-2024-0001", "cve-2024-0001", " CVE-2024-0001 "])
def test_a_flaw_brings_all_advisories_that_speak_of_it(index, identifier: str) -> None:
    known = search(index, identifier)
    assert [flaw.id for flaw in known.vulnerabilities] == ["CVE-2024-0001"]
    assert known.advisories == (DEBIAN, GITHUB, PYPA)
    assert known.packages == {}


@pytest.mark.parametrize("identifier", ["GHSA-abcd-ef12-3456", "ghsa-ABCD-ef12-3456"])
def test_an_advisory_brings_its_flaw_and_the_others_on_it(index, identifier: str) -> None:
    known = search(index, identifier)
    assert [flaw.id for flaw in known.vulnerabilities] == ["CVE-2024-0001"]
    assert known.advisories == (GITHUB, DEBIAN, PYPA)


def test_a_bulletin_brings_all_its_flaws(index) -> None:
    known = search(index, "DSA-1")
    assert [flaw.id for flaw in known.vulnerabilities] == ["CVE-2024-0001", "CVE-2024-0002"]
    assert known.advisories[0] == DEBIAN


def test_a_withdrawn_record_is_still_known_without_its_statements(index) -> None:
    known = search(index, "PYSEC-9")
    assert known.vulnerabilities == ()
    assert [(record.id, record.affected, record.withdrawn) for record in known.advisories] == [
        ("PYSEC-9", (), datetime(2024, 5, 5, tzinfo=UTC))]  # fmt: skip


def test_a_flaw_nobody_wrote_an_advisory_on(index) -> None:
    known = search(index, "CVE-2024-0003")
    assert ([flaw.details for flaw in known.vulnerabilities], known.advisories) == (["Three"], ())


@pytest.mark.parametrize("name", ["django", "Django", "pypi/Django"])
def test_a_package_brings_every_statement_on_it(index, name: str) -> None:
    known = search(index, name)
    assert {key: [c.advisory for c in found] for key, found in known.packages.items()} == {
        ("pypi", "django"): ["GHSA-abcd-ef12-3456", "PYSEC-1"]
    }
    assert known.found


@pytest.mark.parametrize("name", ["nobody", "debian:12/django", "", "bad\udcff", "a\0b", "npm/django"])
def test_what_nobody_knows_is_not_found(index, name: str) -> None:
    assert not search(index, name).found
