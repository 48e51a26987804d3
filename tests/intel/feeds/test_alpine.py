import json
from datetime import UTC, datetime

import pytest

from assay.errors import Unreadable
from assay.intel.alpine import AlpineSecurity
from assay.intel.feed import Covers, Malformed
from assay.intel.mirror import FolderMirror
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState, Reference

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def database(folder, name, version, *packages):
    body = {"distroversion": version, "packages": [{"pkg": package} for package in packages]}
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body))


def package(name, scope, fixed):
    if fixed is None:
        return AffectedPackage("apk", scope, name, state=FixState.NOT_AFFECTED, source=True)
    return AffectedPackage("apk", scope, name, (AffectedRange(fixed=fixed),), source=True)


def test_fixes_are_gathered_by_flaw(tmp_path):
    database(
        tmp_path,
        "v3.19/main.json",
        "v3.19",
        {
            "name": "curl",
            "secfixes": {"8.4.0-r0": ["CVE-2023-38545", "CVE-2023-38546"], "0": ["CVE-2021-22897"], "1": None},
        },
    )
    database(tmp_path, "v3.18/main.json", "v3.18",
             {"name": "curl", "secfixes": {"8.4.0-r0": ["CVE-2023-38545 CVE-2023-38546 (+ regression)"]}},
             {"name": "xen", "secfixes": {"4.17-r1": ["XSA-435", "CVE-2023-1"]}}, {"secfixes": {}})  # fmt: skip
    database(tmp_path, "edge/main.json", "edge", {"name": "curl", "secfixes": {"8.4.0-r0": ["CVE-2023-38545"]}})
    records = list(AlpineSecurity().parse(tmp_path))
    advisories = {record.id: record for record in records if isinstance(record, Advisory)}
    assert advisories["ALPINE-CVE-2023-38545"] == Advisory(
        id="ALPINE-CVE-2023-38545",
        source="alpine",
        affected=(
            package("curl", "alpine:edge", "8.4.0-r0"),
            package("curl", "alpine:3.18", "8.4.0-r0"),
            package("curl", "alpine:3.19", "8.4.0-r0"),
        ),
        cves=("CVE-2023-38545",),
        references=(Reference("https://security.alpinelinux.org/vuln/CVE-2023-38545", "ADVISORY"),),
    )
    assert advisories["ALPINE-CVE-2021-22897"].affected == (package("curl", "alpine:3.19", None),)
    assert advisories["XSA-435"].cves == ()
    assert set(advisories) == {
        "ALPINE-CVE-2021-22897", "ALPINE-CVE-2023-38545", "ALPINE-CVE-2023-38546", "XSA-435",
    }  # fmt: skip
    assert [record.place for record in records if isinstance(record, Malformed)] == ["v3.18/main.json: packages[2]"]
    assert [record.scope for record in records if isinstance(record, Covers)] == [
        "alpine:3.18", "alpine:3.19", "alpine:edge",
    ]  # fmt: skip


def test_databases_in_yaml(tmp_path):
    (tmp_path / "main.yaml").write_text(
        "distroversion: v3.15\nreponame: main\npackages:\n- pkg:\n    name: xz\n    secfixes:\n"
        "      5.2.5-r1:\n      - CVE-2022-1271\n- pkg: 3\n"
    )
    malformed, advisory, covers = AlpineSecurity().parse(tmp_path)
    assert isinstance(malformed, Malformed)
    assert malformed.place == "main.yaml: packages[1]"
    assert isinstance(advisory, Advisory)
    assert advisory.affected == (package("xz", "alpine:3.15", "5.2.5-r1"),)
    assert covers == Covers("alpine:3.15")


@pytest.mark.parametrize("text", ["{", "[1", "a: [", "distroversion: next", "&a [*a, *a]", "[" * 5000, "- \x00"])
def test_a_broken_database_costs_only_itself(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "a.yaml").write_text(text)
    records = list(AlpineSecurity().parse(tmp_path))
    assert [type(record) for record in records] == [Malformed, Malformed]


def test_no_database_at_all_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match="no databases"):
        list(AlpineSecurity().parse(tmp_path))


def test_releases_that_do_not_exist_are_skipped(tmp_path, site):
    from assay.intel.transport import HttpTransport

    class Local:
        def get(self, url, into, /, *, validators, limit):
            here = url.replace("https://secdb.alpinelinux.org", site.address)
            return HttpTransport().get(here, into, validators=validators, limit=limit)

    site.serve("/v3.19/main.json", b'{"distroversion": "v3.19", "packages": []}', ETag='"1"')
    AlpineSecurity().fetch(Local(), tmp_path, None, NOW)
    assert list(AlpineSecurity().parse(tmp_path)) == [Covers("alpine:3.19")]
    assert len(site.requests) == 56


def test_the_shared_databases(shared, tmp_path):
    AlpineSecurity().fetch(FolderMirror(shared), tmp_path, None, NOW)
    records = list(AlpineSecurity().parse(tmp_path))
    assert sum(isinstance(record, Advisory) for record in records) == 2469
    assert [record.scope for record in records if isinstance(record, Covers)][-1] == "alpine:3.9"
    assert not any(isinstance(record, Malformed) for record in records)


def test_the_shared_yaml_samples(shared, tmp_path):
    for name in ("main", "community"):
        source = shared / "native-samples" / "alpine" / "input" / "secdb" / "v3.15" / f"{name}.yaml"
        (tmp_path / f"{name}.yaml").write_bytes(source.read_bytes())
    ids = [record.id for record in AlpineSecurity().parse(tmp_path) if isinstance(record, Advisory)]
    assert len(ids) == 16
    assert {"ALPINE-CVE-2022-1271", "ALPINE-CVE-2019-13132", "ALPINE-CVE-2021-38370"} <= set(ids)


def test_a_yaml_file_that_is_nested_very_deeply_is_malformed(tmp_path):
    (tmp_path / "main.yaml").write_text("[" * 50_000)
    database(tmp_path, "v3.18/main.json", "v3.18", {"name": "curl", "secfixes": {"8.4.0-r0": ["CVE-2023-38545"]}})
    records = list(AlpineSecurity().parse(tmp_path))
    assert [record.place for record in records if isinstance(record, Malformed)] == ["main.yaml"]
    assert [record.id for record in records if isinstance(record, Advisory)] == ["ALPINE-CVE-2023-38545"]


def test_a_release_with_a_broken_file_is_not_covered(tmp_path):
    for release in ("v3.18", "v3.19"):
        database(tmp_path, f"{release}/main.json", release, {"name": "curl", "secfixes": {"8-r0": ["CVE-2023-38545"]}})
        database(tmp_path, f"{release}/community.json", release, {"name": "x", "secfixes": {"8-r0": ["CVE-2023-1"]}})
    (tmp_path / "v3.18" / "main.json").write_bytes(b"{")
    records = list(AlpineSecurity().parse(tmp_path))
    assert [record.scope for record in records if isinstance(record, Covers)] == ["alpine:3.19"]
