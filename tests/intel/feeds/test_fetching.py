from datetime import UTC, datetime

import pytest

from assay.errors import NotFound, Unreadable
from assay.intel.fetching import RemoteFile, fetch_files, fetch_listed
from assay.intel.transport import HttpTransport

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)

LATER = datetime(2026, 9, 2, tzinfo=UTC)


def files(site, **options):
    return (RemoteFile(site.address + "/a", "a", 100), RemoteFile(site.address + "/b", "deep/b", 100, **options))


def test_only_changed_files_are_read_again(site, tmp_path):
    site.serve("/a", b"one", ETag='"1"')
    site.serve("/b", b"two", ETag='"2"')
    first = fetch_files(HttpTransport(), tmp_path, None, NOW, files(site), dated=lambda _: NOW)
    assert (first.changed, first.data_at, first.fetched_at) == (True, NOW, NOW)
    site.serve("/a", b"", status=304)
    site.serve("/b", b"three", ETag='"3"')
    second = fetch_files(HttpTransport(), tmp_path, first, LATER, files(site))
    assert second.changed
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "deep" / "b").read_bytes()) == (b"one", b"three")
    site.serve("/b", b"", status=304)
    third = fetch_files(HttpTransport(), tmp_path, second, LATER, files(site))
    assert (third.changed, third.validators) == (False, second.validators)


def test_unchanged_files_follow_into_a_new_folder(site, tmp_path):
    site.serve("/a", b"one", ETag='"1"')
    site.serve("/b", b"two", ETag='"2"')
    first = fetch_files(HttpTransport(), tmp_path / "old", None, NOW, files(site))
    site.serve("/a", b"", status=304)
    site.serve("/b", b"", status=304)
    second = fetch_files(HttpTransport(), tmp_path / "new", first, LATER, files(site))
    assert (tmp_path / "new" / "deep" / "b").read_bytes() == b"two"
    assert not second.changed


def test_a_file_that_is_damaged_on_disk_is_read_again(site, tmp_path):
    site.serve("/a", b"one", ETag='"1"')
    site.serve("/b", b"two", ETag='"2"')
    first = fetch_files(HttpTransport(), tmp_path, None, NOW, files(site))
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "deep" / "b").unlink()
    site.requests.clear()
    fetch_files(HttpTransport(), tmp_path, first, LATER, files(site))
    assert all("if-none-match" not in headers for _, headers in site.requests)
    assert (tmp_path / "a").read_bytes() == b"one"


def test_an_optional_file_may_be_missing_and_may_vanish(site, tmp_path):
    site.serve("/a", b"one")
    site.serve("/b", b"two")
    first = fetch_files(HttpTransport(), tmp_path, None, NOW, files(site, optional=True))
    del site.routes["/b"]
    second = fetch_files(HttpTransport(), tmp_path, first, LATER, files(site, optional=True))
    assert second.changed
    assert not (tmp_path / "deep" / "b").exists()
    with pytest.raises(NotFound):
        fetch_files(HttpTransport(), tmp_path, first, LATER, files(site))


def test_nothing_there_at_all_is_not_found(site, tmp_path):
    gone = (RemoteFile(site.address + "/x", "x", 9, optional=True),)
    with pytest.raises(NotFound, match="none of the files"):
        fetch_files(HttpTransport(), tmp_path, None, NOW, gone)


def test_a_date_that_cannot_be_read_is_no_date(site, tmp_path):
    def broken(_):
        raise Unreadable("no date")

    site.serve("/a", b"one")
    site.serve("/b", b"two")
    assert fetch_files(HttpTransport(), tmp_path, None, NOW, files(site), dated=broken).data_at is None


def test_files_that_are_no_longer_listed_are_removed(site, tmp_path):
    site.serve("/a", b"one", ETag='"1"')
    site.serve("/b", b"two", ETag='"2"')
    first = fetch_listed(HttpTransport(), tmp_path, None, NOW, files(site))
    site.serve("/a", b"", status=304)
    second = fetch_listed(HttpTransport(), tmp_path, first, LATER, files(site)[:1])
    assert second.changed
    assert not (tmp_path / "deep" / "b").exists()
    assert not fetch_listed(HttpTransport(), tmp_path, second, LATER, files(site)[:1]).changed


def test_files_that_are_no_longer_listed_are_removed_when_nothing_is_remembered_of_them(site, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "broken.tar.zst").write_bytes(b"broken")
    (tmp_path / "a.part").write_bytes(b"half")
    site.serve("/a", b"one")
    fetch_listed(HttpTransport(), tmp_path, None, NOW, files(site)[:1])
    assert not (tmp_path / "old" / "broken.tar.zst").exists()
    assert (tmp_path / "a").read_bytes() == b"one"
