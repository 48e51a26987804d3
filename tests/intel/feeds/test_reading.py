import bz2
import gzip
import io
import lzma
import zipfile

import msgspec
import pytest
import zstandard

from assay.errors import LimitExceeded, Unreadable
from assay.intel.reading import decode, decompressed, lines_of, open_stream, read_whole
from assay.intel.times import day, instant
from assay.intel.vectors import scoring
from assay.intel.zips import zip_members
from assay.model.advisory import Cvss

TEXT = b"one\r\ntwo\n\nfour" * 100


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, bz2.compress, zstandard.compress])
def test_a_file_is_decompressed_by_what_it_is(tmp_path, pack):
    (tmp_path / "file").write_bytes(pack(TEXT))
    assert read_whole(tmp_path / "file") == TEXT
    with pytest.raises(LimitExceeded, match="more than 100 bytes when decompressed"):
        read_whole(tmp_path / "file", 100)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_broken_compressed_data_is_unreadable(pack):
    packed = pack(bytes(range(256)) * 300)
    for broken in (packed[:-9], packed[:20], packed[:40] + bytes(b ^ 0x55 for b in packed[40:60]) + packed[60:]):
        with (
            pytest.raises(Unreadable, match="here: broken compressed data"),
            decompressed(io.BytesIO(broken), "here") as file,
        ):
            file.read()


def test_a_broken_zstd_frame_is_unreadable():
    packed = zstandard.compress(bytes(range(256)) * 300)
    with pytest.raises(Unreadable), decompressed(io.BytesIO(packed[:8] + b"\xff" * 20), "here") as file:
        file.read()


def test_a_file_that_is_not_there_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match="cannot be opened"):
        open_stream(tmp_path / "nothing")


def test_lines_are_numbered_and_bounded():
    assert list(lines_of(io.BytesIO(b"a\r\nb\n\nc"), "f")) == [(1, b"a"), (2, b"b"), (3, b""), (4, b"c")]
    with pytest.raises(LimitExceeded, match="f:1: a line"):
        list(lines_of(io.BytesIO(bytes(65 << 20)), "f"))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b'"\xff"', b'"\\ud800"', b"1e999999", b"123456789012345678901234567890"]
)
def test_documents_that_do_not_fit_are_unreadable(data):
    with pytest.raises(Unreadable, match=r"^here: "):
        decode(msgspec.json.Decoder(list[int]), data, "here")


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def test_members_of_a_zip_are_read_within_limits(tmp_path):
    path = archive(tmp_path / "a.zip", {"x/a.json": b"1", "b.txt": b"2", "c.json": b"3" * 100})
    found = list(zip_members(path, lambda name: name.endswith(".json"), limit=50))
    assert found[0] == ("x/a.json", b"1")
    assert isinstance(found[1][1], LimitExceeded)


def test_a_broken_zip_is_unreadable_and_a_broken_member_costs_only_itself(tmp_path):
    path = archive(tmp_path / "a.zip", {"a.json": bytes(range(200)), "b.json": b"2"})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    (_, first), (_, second) = zip_members(path, lambda _: True)
    assert isinstance(first, Unreadable)
    assert second == b"2"
    path.write_bytes(data[:100])
    with pytest.raises(Unreadable, match="broken zip archive"):
        list(zip_members(path, lambda _: True))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-08-01T16:27:56.712Z", "2024-08-01T16:27:56.712000+00:00"),
        ("2024-08-01T16:27:56+02:00", "2024-08-01T14:27:56+00:00"),
        ("2024-08-01T16:27:56", "2024-08-01T16:27:56+00:00"),
        ("2024-08-01", "2024-08-01T00:00:00+00:00"),
    ],
)  # fmt: skip
def test_times_are_read_as_utc(text, iso):
    found = instant(text)
    assert found is not None
    assert found.isoformat() == iso


@pytest.mark.parametrize("text", ["", None, "yesterday", "2024-13-01", "0001-01-01T00:00:00+14:00", "n/a"])
def test_what_is_no_time_is_none(text):
    assert instant(text) is None


def test_days_are_read_from_dates_and_times():
    assert str(day("2024-08-01T10:00:00Z")) == "2024-08-01"
    assert day("soon") is None


@pytest.mark.parametrize(
    ("vector", "score", "expected"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, ("3.1", 9.8)),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", None, ("3.0", 9.8)),
        ("(AV:N/AC:L/Au:N/C:P/I:P/A:P)", None, ("2.0", 7.5)),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 99.0, ("4.0", 9.3)),
    ],
)
def test_scorings_are_told_by_their_vector(vector, score, expected):
    found = scoring(vector, "me", score)
    assert isinstance(found, Cvss)
    assert (found.version, found.score) == expected


@pytest.mark.parametrize("vector", ["", "CVSS:3.1", "CVSS:5.0/AV:N", "nothing", "CVSS:3.1/" + "AV:N/" * 4000])
def test_what_is_no_vector_is_no_scoring(vector):
    assert scoring(vector, "me") is None


def test_a_vector_with_unknown_metrics_and_no_score_is_no_scoring():
    assert scoring("CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "me") is None


def test_a_member_without_a_name_is_skipped(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.json", b"1")
        with file.open(zipfile.ZipInfo(""), "w") as member:
            member.write(b"2")
    assert list(zip_members(path, lambda _: True)) == [("a.json", b"1")]
