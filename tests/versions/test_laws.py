"""What every order must obey, on generated versions; and what hostile input must not do."""

import time
from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.errors import InvalidVersion
from assay.model.ecosystem import Ecosystem
from assay.versions.encoding import TokenTable, encode_digits
from assay.versions.registry import SCHEMES, compare

PIECES = (
    "0",
    "1",
    "2",
    "10",
    "01",
    "a",
    "b",
    "rc",
    "alpha",
    "post",
    "dev",
    "foo",
    "_p",
    "_rc",
    "Z",
    "ga",
    "sp",
    *".-+~^:!_",
    "..",
    ".0",
)
NEARLY_VERSIONS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join)
VERSIONS = NEARLY_VERSIONS.map(lambda text: "1" + text) | NEARLY_VERSIONS


def order(ecosystem: Ecosystem, left: str, right: str) -> int | None:
    try:
        return compare(ecosystem, left, right)
    except InvalidVersion:
        return None


@pytest.mark.parametrize("ecosystem", list(Ecosystem))
def test_the_order_is_total(ecosystem: Ecosystem) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.tuples(VERSIONS, VERSIONS, VERSIONS))
    def holds(versions: tuple[str, str, str]) -> None:
        for a, b, c in permutations(versions):
            ab, ba, bc, ac = (order(ecosystem, *pair) for pair in ((a, b), (b, a), (b, c), (a, c)))
            if ab is None or bc is None or ac is None:
                continue
            assert ba == -ab
            assert order(ecosystem, a, a) == 0
            if ab <= 0 and bc <= 0:
                assert ac <= 0
                assert (ac == 0) == (ab == bc == 0)

    holds()


@given(st.integers(min_value=0), st.integers(min_value=0), st.integers(min_value=0, max_value=3))
def test_digits_are_ordered_as_numbers(left: int, right: int, zeros: int) -> None:
    a, b = encode_digits("0" * zeros + str(left)), encode_digits(str(right))
    assert (a > b) - (a < b) == (left > right) - (left < right)


@pytest.mark.parametrize("size", [38, 39, 40, 41, 254, 255, 256, 257, 65535, 65536])
def test_longer_numbers_are_larger_at_every_change_of_the_code(size: int) -> None:
    nines, power = encode_digits("9" * size), encode_digits("1" + "0" * size)
    assert nines < power < encode_digits("1" + "0" * (size - 1) + "1")
    assert max(nines[0], power[0]) < 0x40


@pytest.mark.parametrize("ecosystem", list(Ecosystem))
def test_numbers_of_any_size_are_ordered(ecosystem: Ecosystem) -> None:
    huge = "9" * 100_000
    assert compare(ecosystem, f"1.{huge}.0", f"1.1{huge}.0") == -1
    assert compare(ecosystem, f"1.0{huge}.1" if ecosystem is not Ecosystem.APK else f"1.{huge}.1", f"1.{huge}.1") == 0


HOSTILE = {
    "digits": "1" * 80_000,
    "dots": "1." * 40_000 + "1",
    "zeros": "1" + ".0" * 40_000 + ".1",
    "trailing zeros": "1" + ".0" * 40_000,
    "alternating": "1a" * 40_000,
    "hyphens": "1" + "-" * 80_000,
    "identifiers": "1.0.0-" + "a." * 40_000 + "a",
    "almost identifiers": "1.0.0-" + "a." * 40_000 + "!",
    "suffixes": "1" + "_rc1" * 20_000,
    "words after zeros": "1" + ".0.a" * 20_000,
    "blanks": " " * 80_000 + "1",
    "epochs": "1:" * 40_000 + "1",
    "releases": "1" + "-ga" * 30_000 + "-1",
    "local": "1+" + "a." * 40_000 + "!",
    "legacy": "x" + ".0" * 20_000 + "-" * 20_000 + "rc",
}


@pytest.mark.parametrize("ecosystem", list(Ecosystem))
def test_long_versions_take_linear_time(ecosystem: Ecosystem) -> None:
    started = time.process_time()
    for version in HOSTILE.values():
        with suppress(InvalidVersion):
            assert len(SCHEMES[ecosystem](version)) < 8 * len(version) + 100
    assert time.process_time() - started < 10


def test_the_memo_of_tokens_is_bounded() -> None:
    table = TokenTable(encode_digits)
    for number in range(70_000):
        assert table[str(number)] == encode_digits(str(number))
    assert len(table) < 66_000
    assert table["1" * 100] == encode_digits("1" * 100)
    assert "1" * 100 not in table
