"""Vendors' own VEX documents, where the shared data is present."""

import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from matching_world import MemoryIndex, deb, inventory, rpm, statement

from assay.match.find import find_matches
from assay.match.options import MatchOptions
from assay.match.vex import read_vex
from assay.model.match import Reason

DATA = Path(os.environ.get("ASSAY_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
SAMPLES = DATA / "intel" / "native-samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared data is not here")


def test_ubuntus_openvex_applies_to_exactly_the_version_it_names() -> None:
    path = SAMPLES / "ubuntu" / "vex" / "cve" / "2023" / "CVE-2023-38545.json"
    (*statements,) = read_vex(path.read_bytes(), path.name)
    index = MemoryIndex([statement("UBUNTU-CVE-2023-38545", "ubuntu:22.04", "curl", "all", cves=["CVE-2023-38545"])])
    options = MatchOptions(date(2026, 6, 1), tuple(statements))
    fixed = deb("libcurl4", "7.81.0-1ubuntu1.24", "ubuntu:22.04", "curl")
    older = deb("libcurl4", "7.81.0-1ubuntu1.13", "ubuntu:22.04", "curl")
    result = find_matches(inventory(fixed, older, os="ubuntu:22.04"), index, options)
    assert [item.match.component for item in result.set_aside] == [fixed]
    assert [match.component for match in result.matches] == [older]


def test_red_hats_csaf_states_products_inside_releases() -> None:
    path = SAMPLES / "claircore" / "cve-2023-38545.json"
    statements = read_vex(path.read_bytes(), path.name)
    assert Counter(item.status for item in statements).keys() >= {"fixed", "not_affected"}
    assert {item.vulnerabilities[0] for item in statements} == {"CVE-2023-38545"}
    index = MemoryIndex([statement("RHSA-2023:6745", "rhel:9", "curl", "all", cves=["CVE-2023-38545"])])
    options = MatchOptions(date(2026, 6, 1), statements)
    fixed = rpm("curl", "7.76.1-26.el9_3.2", "rhel:9")
    older = rpm("curl", "7.76.1-20.el9", "rhel:9")
    result = find_matches(inventory(fixed, older, os="rhel:9"), index, options)
    assert [(item.match.component, item.reason) for item in result.set_aside] == [(fixed, Reason.VEX_FIXED)]


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("rhel/csaf/advisories/**/*.json")), ids=lambda path: path.stem)
def test_every_csaf_sample_is_read(path: Path) -> None:
    assert read_vex(path.read_bytes(), path.name)
