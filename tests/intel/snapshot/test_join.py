"""Publishers' ids of one flaw are joined; ids of different flaws are not."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.intel.join import Join, Names


def flaws_of(*records: Names) -> list[tuple[str, ...]]:
    join = Join(records)
    return [join.flaws(names) for names in records]


def test_a_record_is_known_by_its_cve() -> None:
    assert flaws_of(Names("GHSA-a", ("CVE-2024-0001",))) == [("CVE-2024-0001",)]
    assert flaws_of(Names("CVE-2024-0001", ("GHSA-a",))) == [("CVE-2024-0001",)]


def test_a_record_without_a_cve_is_known_by_githubs_id_else_by_the_first() -> None:
    assert flaws_of(Names("PYSEC-1", ("GHSA-a",))) == [("GHSA-a",)]
    assert flaws_of(Names("RUSTSEC-1", ("MAL-1",))) == [("MAL-1",)]
    assert flaws_of(Names("RUSTSEC-1")) == [("RUSTSEC-1",)]


def test_a_record_learns_its_cve_from_another_record() -> None:
    assert flaws_of(Names("PYSEC-1", ("GHSA-a",)), Names("GHSA-a", ("CVE-2024-0001",))) == [("CVE-2024-0001",)] * 2


def test_a_chain_of_aliases_leads_to_the_cve() -> None:
    records = (
        Names("A-1", ("B-1",)),
        Names("B-1", ("C-1",)),
        Names("C-1", ("GHSA-a",)),
        Names("GHSA-a", ("CVE-2024-0001",)),
    )
    assert set(flaws_of(*records)) == {("CVE-2024-0001",)}


def test_a_record_with_two_cves_speaks_of_both_and_joins_neither() -> None:
    both = Names("GO-1", ("CVE-2024-0001", "CVE-2024-0002", "GHSA-a", "GHSA-b"))
    first, second = Names("GHSA-a", ("CVE-2024-0001",)), Names("GHSA-b", ("CVE-2024-0002",))
    assert flaws_of(both, first, second) == [
        ("CVE-2024-0001", "CVE-2024-0002"), ("CVE-2024-0001",), ("CVE-2024-0002",)]  # fmt: skip


def test_an_alias_of_a_record_with_two_cves_speaks_of_both() -> None:
    both, alias = Names("GHSA-a", ("CVE-2024-0001", "CVE-2024-0002")), Names("PYSEC-1", ("GHSA-a",))
    assert flaws_of(both, alias)[1] == ("CVE-2024-0001", "CVE-2024-0002")


def test_records_that_disagree_keep_their_own_cve() -> None:
    one, other = Names("PYSEC-1", ("GHSA-a", "CVE-2024-0001")), Names("GO-1", ("GHSA-a", "CVE-2024-0002"))
    third = Names("X-1", ("GHSA-a",))
    join = Join([one, other, third])
    assert [join.flaws(names) for names in (one, other, third)] == [
        ("CVE-2024-0001",), ("CVE-2024-0002",), ("CVE-2024-0001", "CVE-2024-0002")]  # fmt: skip
    assert dict(join.aliases()) == {"PYSEC-1": "CVE-2024-0001", "GO-1": "CVE-2024-0002"}


def test_a_bulletin_speaks_of_what_it_covers_under_canonical_ids() -> None:
    bulletin = Names("DSA-1", covers=("CVE-2024-0002", "GHSA-a", "GHSA-unknown"))
    assert flaws_of(Names("GHSA-a", ("CVE-2024-0001",)), bulletin)[1] == (
        "CVE-2024-0001", "CVE-2024-0002", "GHSA-unknown")  # fmt: skip


def test_a_bulletins_other_names_join_nothing() -> None:
    bulletin = Names("DSA-1", aliases=("GHSA-a",), covers=("CVE-2024-0001", "CVE-2024-0002"))
    assert flaws_of(bulletin, Names("GHSA-a"))[1] == ("GHSA-a",)


def test_every_id_of_one_flaw_is_an_alias_of_its_canonical_id() -> None:
    join = Join([
        Names("GHSA-a", ("CVE-2024-0001", "SNYK-1")),
        Names("PYSEC-1", ("GHSA-a",)),
        Names("UBUNTU-CVE-2024-0001", covers=("CVE-2024-0001",)),
        Names("DSA-1", covers=("CVE-2024-0001", "CVE-2024-0002")),
        Names("GHSA-b", ("GO-9",)),
        Names("CVE-2024-0009"),
    ])  # fmt: skip
    assert join.aliases() == [
        ("GHSA-a", "CVE-2024-0001"),
        ("GO-9", "GHSA-b"),
        ("PYSEC-1", "CVE-2024-0001"),
        ("SNYK-1", "CVE-2024-0001"),
        ("UBUNTU-CVE-2024-0001", "CVE-2024-0001"),
    ]


def test_two_feeds_records_of_one_id_count_together() -> None:
    assert flaws_of(Names("GHSA-a", ("CVE-2024-0001",)), Names("GHSA-a")) == [("CVE-2024-0001",)] * 2


def test_the_spelling_of_a_cve_does_not_matter() -> None:
    assert flaws_of(Names("GHSA-a", ("cve-2024-0001",))) == [("CVE-2024-0001",)]


RECORDS = (
    Names("GHSA-a", ("CVE-2024-0001",)),
    Names("PYSEC-1", ("GHSA-a", "OSV-1")),
    Names("GO-1", ("CVE-2024-0001", "CVE-2024-0002", "GHSA-b")),
    Names("OSV-1"),
    Names("GHSA-b", ("PYSEC-1",)),
)


@pytest.mark.parametrize("order", list(permutations(range(5)))[::7])
def test_the_order_of_the_records_does_not_matter(order: tuple[int, ...]) -> None:
    expected, shuffled = Join(RECORDS), Join(RECORDS[n] for n in order)
    assert [shuffled.flaws(names) for names in RECORDS] == [expected.flaws(names) for names in RECORDS]
    assert shuffled.aliases() == expected.aliases()


ids = st.sampled_from(
    ["CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003", "GHSA-a", "GHSA-b", "GO-1", "GO-2", "PYSEC-1"]
)
names = st.builds(Names, ids, st.lists(ids, max_size=3).map(tuple))


@given(st.lists(names, max_size=8), st.randoms())
def test_joining_is_sound(records: list[Names], random: object) -> None:
    join = Join(records)
    aliases = dict(join.aliases())
    for record in records:
        own = {name for name in (record.id, *record.aliases) if name.startswith("CVE-")}
        assert join.flaws(record)
        if own:
            assert set(join.flaws(record)) == own
    assert not [name for name in aliases if name.startswith("CVE-")]
    assert not [flaw for flaw in aliases.values() if flaw in aliases]
    random.shuffle(records)  # type: ignore[attr-defined]  # hypothesis' own random
    assert dict(Join(records).aliases()) == aliases
