"""The bulk feed of one ecosystem: its zip, its list of changes, and what is fetched when."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.errors import NotFound, Unavailable, Unreadable
from assay.intel.feed import Covers, Ignored, Malformed, Record
from assay.intel.osv_feed import OsvEcosystem, osv_feeds, osv_folders
from assay.model.advisory import Advisory

FEED = OsvEcosystem("PyPI")
NOON = datetime(2026, 8, 22, 12, tzinfo=UTC)
BUCKET = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/"


def record(identifier: str, name: str = "django", fixed: str = "1.0") -> bytes:
    events = [{"introduced": "0"}, {"fixed": fixed}]
    ranges = [{"type": "ECOSYSTEM", "events": events}, {"type": "GIT", "events": events}]
    affected = [{"package": {"ecosystem": "PyPI", "name": name}, "ranges": ranges}]
    return json.dumps({"id": identifier, "modified": "2024-01-01T00:00:00Z", "affected": affected}).encode()


def zipped(records: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in records.items():
            archive.writestr(name, data)
    return out.getvalue()


def folder_of(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def ids(records: list[Record]) -> list[str]:
    return [r.id for r in records if isinstance(r, Advisory)]


def test_a_zip_is_read_record_by_record(tmp_path: Path) -> None:
    data = {"PYSEC-1.json": record("PYSEC-1"), "README": b"no", "PYSEC-2.json": b"{", "PYSEC-3.json": record("PYSEC-3")}
    found = list(FEED.parse(folder_of(tmp_path, {"all.zip": zipped(data)})))
    assert ids(found) == ["PYSEC-1", "PYSEC-3"]
    assert [r.place for r in found if isinstance(r, Malformed)] == ["all.zip:PYSEC-2.json"]
    assert found[-2:] == [
        Covers("pypi"),
        Ignored("ranges of commits, which only the repository's history could order", 2),
    ]


def test_a_record_on_several_ecosystems_covers_only_the_one_whose_zip_it_is_in(tmp_path: Path) -> None:
    both = json.loads(record("GHSA-1"))
    both["affected"] += [{**both["affected"][0], "package": {"ecosystem": name, "name": "x"}} for name in ("npm", "")]
    folder = folder_of(tmp_path, {"all.zip": zipped({"GHSA-1.json": json.dumps(both).encode()})})
    found = list(FEED.parse(folder))
    assert [item.scope for advisory in found if isinstance(advisory, Advisory) for item in advisory.affected][:2] == [
        "pypi",
        "npm",
    ]
    assert [item.scope for item in found if isinstance(item, Covers)] == ["pypi"]


def test_bug_fix_errata_are_counted_only(tmp_path: Path) -> None:
    data = {"ALBA-1.json": b'{"id": "ALBA-2019:1"}'}
    found = list(OsvEcosystem("AlmaLinux").parse(folder_of(tmp_path, {"all.zip": zipped(data)})))
    assert found == [Ignored("errata that mend no flaw", 1)]


def test_a_folder_that_is_no_whole_feed_covers_nothing(tmp_path: Path) -> None:
    folder_of(tmp_path, {"all.zip": zipped({"PYSEC-1.json": record("PYSEC-1")})})
    assert not [r for r in OsvEcosystem("PyPI-picked").parse(tmp_path) if isinstance(r, Covers)]


def test_single_records_replace_those_of_the_zip(tmp_path: Path) -> None:
    files = {
        "all.zip": zipped({"PYSEC-1.json": record("PYSEC-1"), "PYSEC-2.json": record("PYSEC-2")}),
        "single/PYSEC-1.json": record("PYSEC-1", fixed="9.9"),
    }
    found = [r for r in FEED.parse(folder_of(tmp_path, files)) if isinstance(r, Advisory)]
    assert [(r.id, r.affected[0].ranges[0].fixed) for r in found] == [("PYSEC-2", "1.0"), ("PYSEC-1", "9.9")]


def test_a_zip_cut_off_anywhere_is_unreadable(tmp_path: Path) -> None:
    whole = zipped({"PYSEC-1.json": record("PYSEC-1"), "PYSEC-2.json": record("PYSEC-2")})
    for size in range(len(whole)):
        folder_of(tmp_path, {"all.zip": whole[:size]})
        with pytest.raises(Unreadable, match=r"all\.zip"):
            list(FEED.parse(tmp_path))


def test_a_damaged_zip_loses_records_only_with_a_word(tmp_path: Path) -> None:
    whole = zipped({"PYSEC-1.json": record("PYSEC-1"), "PYSEC-2.json": record("PYSEC-2")})
    for at in range(0, len(whole), 3):
        folder_of(tmp_path, {"all.zip": whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]})
        try:
            found = list(FEED.parse(tmp_path))
        except Unreadable:
            continue
        assert len(ids(found)) == 2 or any(isinstance(r, Malformed) for r in found) or len(found) < 4


def test_a_missing_zip_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"all\.zip"):
        list(FEED.parse(tmp_path))


@dataclass
class Publisher:
    """A ``Transport`` that serves from memory, with the content as the validator, and remembers what was asked."""

    files: dict[str, bytes]
    validator: str = "etag"
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, into: Path, /, *, validators: Mapping[str, str], limit: int) -> Mapping[str, str] | None:
        name = url.removeprefix(BUCKET)
        self.asked.append(name)
        if name not in self.files:
            raise NotFound(url)
        fresh = {self.validator: str(hash(self.files[name]))}
        if validators == fresh:
            return None
        into.parent.mkdir(parents=True, exist_ok=True)
        into.write_bytes(self.files[name])
        return fresh


def listing(**times: str) -> bytes:
    return "".join(f"{time},{name}\n" for name, time in times.items()).encode()


def publisher(validator: str = "etag") -> Publisher:
    whole = zipped({"PYSEC1.json": record("PYSEC1"), "PYSEC2.json": record("PYSEC2")})
    index = listing(PYSEC2="2024-02-02T00:00:00Z", PYSEC1="2024-01-01T00:00:00Z")
    return Publisher({"all.zip": whole, "modified_id.csv": index}, validator)


def test_the_first_fetch_gets_the_list_and_then_the_zip(tmp_path: Path) -> None:
    remote = publisher()
    first = FEED.fetch(remote, tmp_path, None, NOON)
    assert remote.asked == ["modified_id.csv", "all.zip"]
    assert (first.changed, first.data_at) == (True, datetime(2024, 2, 2, tzinfo=UTC))
    assert ids(list(FEED.parse(tmp_path))) == ["PYSEC1", "PYSEC2"]


def test_nothing_new_changes_nothing(tmp_path: Path) -> None:
    remote = publisher()
    first = FEED.fetch(remote, tmp_path, None, NOON)
    again = FEED.fetch(remote, tmp_path, first, NOON)
    assert (again.changed, again.validators) == (False, first.validators)


def test_a_few_changes_are_fetched_one_by_one(tmp_path: Path) -> None:
    remote = publisher()
    first = FEED.fetch(remote, tmp_path, None, NOON)
    remote.files["modified_id.csv"] = listing(
        PYSEC3="2024-03-03T00:00:00Z", PYSEC1="2024-03-02T00:00:00Z", PYSEC2="2024-02-02T00:00:00Z"
    )
    remote.files |= {"PYSEC3.json": record("PYSEC3"), "PYSEC1.json": record("PYSEC1", fixed="2.0")}
    remote.asked.clear()
    second = FEED.fetch(remote, tmp_path, first, NOON)
    assert remote.asked == ["modified_id.csv", "PYSEC1.json", "PYSEC3.json"]
    assert (second.changed, second.data_at) == (True, datetime(2024, 3, 3, tzinfo=UTC))
    assert ids(list(FEED.parse(tmp_path))) == ["PYSEC2", "PYSEC1", "PYSEC3"]
    remote.asked.clear()
    assert not FEED.fetch(remote, tmp_path, second, NOON).changed
    assert "PYSEC1.json" not in remote.asked


def test_an_interrupted_round_is_repeated(tmp_path: Path) -> None:
    class Broken(Publisher):
        def get(self, url: str, into: Path, /, **options: object) -> Mapping[str, str] | None:
            if url.endswith("PYSEC3.json"):
                raise Unavailable(url)
            return super().get(url, into, **options)  # type: ignore[arg-type]  # passed on as given

    remote = publisher()
    first = FEED.fetch(remote, tmp_path, None, NOON)
    remote.files["modified_id.csv"] = listing(
        PYSEC3="2024-03-03T00:00:00Z", PYSEC2="2024-02-02T00:00:00Z", PYSEC1="2024-01-01T00:00:00Z"
    )
    remote.files["PYSEC3.json"] = record("PYSEC3")
    with pytest.raises(Unavailable):
        FEED.fetch(Broken(remote.files), tmp_path, first, NOON)
    FEED.fetch(remote, tmp_path, first, NOON)
    assert ids(list(FEED.parse(tmp_path))) == ["PYSEC1", "PYSEC2", "PYSEC3"]


@pytest.mark.parametrize(
    "index",
    [
        listing(PYSEC2="2024-02-02T00:00:00Z"),
        listing(**{f"PYSEC{n}": "2025-01-01T00:00:00Z" for n in range(1, 300)}),
        listing(PYSEC9="2024-09-09T00:00:00Z", PYSEC2="2024-02-02T00:00:00Z", PYSEC1="2024-01-01T00:00:00Z"),
    ],
    ids=["a record is gone", "many changed", "no single records there"],
)
def test_else_the_whole_zip_is_fetched(tmp_path: Path, index: bytes) -> None:
    remote = publisher()
    first = FEED.fetch(remote, tmp_path, None, NOON)
    remote.files |= {"modified_id.csv": index, "all.zip": zipped({"PYSEC7.json": record("PYSEC7")})}
    assert FEED.fetch(remote, tmp_path, first, NOON).changed
    assert ids(list(FEED.parse(tmp_path))) == ["PYSEC7"]


def test_a_new_zip_replaces_single_records(tmp_path: Path) -> None:
    remote = publisher()
    first = FEED.fetch(remote, tmp_path, None, NOON)
    folder_of(tmp_path, {"single/PYSEC1.json": record("PYSEC1")})
    remote.files["modified_id.csv"] = listing(PYSEC1="2025-01-01T00:00:00Z")
    FEED.fetch(remote, tmp_path, first, NOON)
    assert not list((tmp_path / "single").iterdir())


def test_a_local_mirror_may_bring_a_new_zip_under_an_old_list(tmp_path: Path) -> None:
    mirror = publisher("mirror")
    first = FEED.fetch(mirror, tmp_path, None, NOON)
    mirror.files["all.zip"] = zipped({"PYSEC7.json": record("PYSEC7")})
    assert FEED.fetch(mirror, tmp_path, first, NOON).changed
    assert ids(list(FEED.parse(tmp_path))) == ["PYSEC7"]


def test_a_publisher_without_a_list_is_read_whole(tmp_path: Path) -> None:
    remote = publisher()
    del remote.files["modified_id.csv"]
    first = FEED.fetch(remote, tmp_path, None, NOON)
    assert (first.changed, first.data_at) == (True, None)
    assert not FEED.fetch(remote, tmp_path, first, NOON).changed


@pytest.mark.parametrize("index", [b"", b"\xff\xfe", b"no comma\n", b"2024,../../etc/passwd\n2024,a/b\n"])
def test_a_list_that_is_none_leads_to_the_whole_zip(tmp_path: Path, index: bytes) -> None:
    remote = publisher()
    first = FEED.fetch(remote, tmp_path, None, NOON)
    remote.files |= {"modified_id.csv": index, "all.zip": zipped({"PYSEC7.json": record("PYSEC7")})}
    assert FEED.fetch(remote, tmp_path, first, NOON).changed
    assert ids(list(FEED.parse(tmp_path))) == ["PYSEC7"]
    assert not list(tmp_path.glob("**/passwd*"))


def test_feeds_are_named_after_their_folders(tmp_path: Path) -> None:
    assert [feed.name for feed in osv_feeds()][:7] == [
        "osv-pypi", "osv-npm", "osv-go", "osv-maven", "osv-rubygems", "osv-crates-io", "osv-packagist"]  # fmt: skip
    assert OsvEcosystem("Rocky Linux").urls == (
        "https://osv-vulnerabilities.storage.googleapis.com/Rocky%20Linux/all.zip",
        "https://osv-vulnerabilities.storage.googleapis.com/Rocky%20Linux/modified_id.csv",
    )
    folder_of(tmp_path, {"osv/Maven-victims/all.zip": b"", "osv/PyPI/all.zip": b"", "osv/empty/x": b""})
    assert [feed.name for feed in osv_folders(tmp_path)] == ["osv-maven-victims", "osv-pypi"]
