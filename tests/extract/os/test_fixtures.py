"""The package databases of other projects' tests, with the packages that those tests expect."""

import json
from pathlib import Path
from typing import Any

import pytest

from assay.extract.apk import Apk
from assay.extract.contract import Extractor
from assay.extract.dpkg import Dpkg
from assay.extract.opkg import Opkg
from assay.extract.rpm import Rpm
from assay.model.component import Package

# Where a rule of ours differs from the habit of the project that the file comes from.
OURS = {
    # osv-scalibr counts only packages in state "installed". A package that is unpacked and not yet configured has all
    # its files in place (dpkg(1), "Package states"), so its flaws are there as well.
    "dpkg-status/osv-scalibr/dpkg/statusfield": {"add": {("wantinstall_unpacked", "1.0", "deb")}},
    "dpkg-status/osv-scalibr/opkg/statusfield": {"add": {("wantinstall_unpacked", "1.0", "opkg")}},
    # osv-scalibr keeps the epoch apart; for us it is part of the version, since advisories compare with it.
    "rpmdb/osv-scalibr/Packages_epoch": {
        "drop": {("hello", "0.0.1-rls", "rpm")},
        "add": {("hello", "1:0.0.1-rls", "rpm")},
    },
}


def extractor_of(case: dict[str, Any]) -> tuple[Extractor, str]:
    match case["kind"]:
        case "apk-installed":
            return Apk(), "lib/apk/db/installed"
        case "rpmdb":
            return Rpm(), "var/lib/rpm/" + case["path"].rpartition("/")[2]
        case _ if "/opkg/" in case["path"]:
            return Opkg(), "usr/lib/opkg/status"
        case _ if "/status.d/" in case["path"]:
            return Dpkg(), "var/lib/dpkg/status.d/foo"
        case _:
            return Dpkg(), "var/lib/dpkg/status"


def test_every_package_database_holds_what_its_source_expects(fixtures: Path, read) -> None:
    cases = [
        case
        for case in json.loads((fixtures / "index.json").read_text())
        if case["kind"] in ("apk-installed", "dpkg-status", "rpmdb")
    ]
    assert len(cases) >= 24
    wrong = {}
    for case in cases:
        extractor, path = extractor_of(case)
        facts = read(extractor, path, (fixtures / case["path"]).read_bytes())
        components = [fact.component for fact in facts if isinstance(fact, Package)]
        found = {(component.name, component.version, component.ecosystem) for component in components}
        rule = OURS.get(case["path"], {})
        expected = {(item["name"], item["version"], item["type"]) for item in case["expected"]}
        if found != (expected - rule.get("drop", set())) | rule.get("add", set()):
            wrong[case["path"]] = found ^ expected
    assert wrong == {}


@pytest.mark.parametrize("name", ["go-rpmdb/cbl-mariner-2.0/rpmdb.sqlite", "go-rpmdb/sle15-bci/Packages.db"])
def test_a_real_rpm_database_that_breaks_off_keeps_what_is_whole(fixtures: Path, read, name: str) -> None:
    whole = (fixtures / "rpmdb" / name).read_bytes()
    facts = read(Rpm(), "var/lib/rpm/Packages", whole[: len(whole) * 3 // 4])
    packages = [fact for fact in facts if isinstance(fact, Package)]
    assert 10 <= len(packages) < 129
    assert len(packages) < len([fact for fact in facts if not isinstance(fact, Package)]) * 3
