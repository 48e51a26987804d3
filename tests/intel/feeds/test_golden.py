"""Every vendor's own samples, read and compared as a whole. Rewritten with ASSAY_UPDATE_GOLDEN=1, reviewed as diffs."""

import json
import os
from pathlib import Path

import pytest

from assay.intel.alpine import AlpineSecurity
from assay.intel.arch import ArchLinux
from assay.intel.azurelinux import AzureLinux
from assay.intel.debian import DebianTracker
from assay.intel.fedora import Fedora
from assay.intel.github import GitHubAdvisories
from assay.intel.oracle import OracleLinux
from assay.intel.photon import PhotonOs
from assay.intel.redhat import RedHat
from assay.intel.suse import Suse
from assay.intel.ubuntu import Ubuntu

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "debian": (DebianTracker(), {"debian/input/debian.json": "tracker.json"}),
    "alpine": (AlpineSecurity(), {f"alpine/input/secdb/v3.15/{name}.yaml": f"{name}.yaml" for name in ("main", "community")}),
    "redhat": (
        RedHat(),
        {
            "claircore/cve-2023-38545.json": "cve-2023-38545.json",
            "claircore/rhsa-2022-0011.json": "rhsa-2022-0011.json",
            "rhel/csaf/advisories/2024/rhsa-2024_6163.json": "rhsa-2024_6163.json",
            "rhel/csaf/advisories/2025/rhsa-2025_23414.json": "rhsa-2025_23414.json",
            "rhel/csaf/advisories/rhsa-2024_0811.json": "rhsa-2024_0811.json",
        },
    ),
    "oracle": (OracleLinux(), {f"oracle/{name}": f"{name}.xml" for name in ("mock_data", "mock_ksplice_data", "mock_per_arch_data")}),
    "suse": (Suse(), {"sles/suse_truncated.xml": "suse.xml"}),
    "azurelinux": (
        AzureLinux(),
        {"mariner/azure-linux-truncated-3.0-oval.xml": "azl.xml", "mariner/mariner-truncated-2.0-oval.xml": "cm.xml"},
    ),
    "photon": (PhotonOs(), {f"photon/input/cve_data_photon{n}.json": f"cve_data_photon{n}.json" for n in ("1.0", "4.0")}),
    "arch": (ArchLinux(), {"arch/input/arch-advisories/all.json": "all.json"}),
    "fedora": (Fedora(), {"fedora/input": "input", "fedora/merge-input": "merge-input"}),
    "ubuntu": (Ubuntu(), {"ubuntu/vex/cve/2023/CVE-2023-38545.json": "CVE-2023-38545.json"}),
    "github": (
        GitHubAdvisories(),
        {f"vulnerablecode/github_api/{name}.json": f"{name}.json" for name in ("golang", "pypi", "maven", "nuget", "gem", "composer")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_samples_are_read_as_before(case, shared, tmp_path, plain):
    feed, files = CASES[case]
    for sample, name in files.items():
        found = shared / "native-samples" / sample
        for path in sorted(found.iterdir()) if found.is_dir() else [found]:
            target = tmp_path / name / path.name if found.is_dir() else tmp_path / name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    records = [plain(record) for record in feed.parse(tmp_path)]
    golden = GOLDEN / f"{case}.json"
    if os.environ.get("ASSAY_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n")
    assert records == json.loads(golden.read_text())
