"""Ignore lists: both notations, what an entry is limited to, expiry, and entries without effect."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_world import MemoryIndex, at, deb, inventory, pypi, statement

from assay.errors import Invalid, LimitExceeded, Unreadable
from assay.match.find import find_matches
from assay.match.ignore import LIMIT, read_ignores
from assay.match.options import Declared, MatchOptions, read_declared
from assay.model.match import Matches, Reason

TODAY = date(2026, 3, 1)
FLASK = pypi("flask", "2.0")
PACKAGE = at(FLASK, "srv/app/flask/METADATA")
INDEX = MemoryIndex(
    [
        statement("GHSA-m2qf-hxjv-5gpq", "pypi", "flask", "< 2.2.5", cves=["CVE-2023-30861"]),
        statement("GHSA-5wv5-4vpf-pj6m", "pypi", "flask", "< 2.1", cves=["CVE-2019-1010083"]),
    ],
    aliases={"PYSEC-2023-62": "CVE-2023-30861"},
)


def ignoring(text: str) -> Matches:
    declared = read_declared(text.encode(), "ignore")
    return find_matches(inventory(PACKAGE), INDEX, MatchOptions(TODAY, ignores=declared.ignores))


def ignored(text: str) -> list[str]:
    return [item.match.vulnerability for item in ignoring(text).set_aside]


def test_a_full_entry_keeps_reason_owner_and_expiry() -> None:
    result = ignoring(
        """
        # decided in the weekly meeting
        ignore:
          - id: CVE-2023-30861
            package: pkg:pypi/flask@2.0
            path: /srv/**
            reason: sessions are not cached
            owner: team web
            expires: 2026-03-01
        """
    )
    (item,) = result.set_aside
    assert (item.match.vulnerability, item.reason, item.expires) == ("CVE-2023-30861", Reason.IGNORED, date(2026, 3, 1))
    assert item.detail == "ignore ignore[0] (sessions are not cached, team web)"
    assert [match.vulnerability for match in result.matches] == ["CVE-2019-1010083"]
    assert result.notices == ()


@pytest.mark.parametrize(
    "text",
    [
        "CVE-2023-30861",
        "cve-2023-30861   # for a reason",
        "# comment\n\nCVE-2023-30861 exp:2026-03-01 pkg:pypi/flask path:srv/*",
        "PYSEC-2023-62",
        "GHSA-m2qf-hxjv-5gpq",
        "CVE-2023-*",
        "\ufeffCVE-2023-30861",
        "- CVE-2023-30861",
        "[CVE-2023-30861]",
        '{"ignore": [{"id": "CVE-2023-30861"}]}',
        "ignore: CVE-2023-30861",
        "---\nignore:\n  - ids: [CVE-2023-30861, PYSEC-2023-62]\n    packages: [django, fla*]\n    paths: [nowhere, srv/*]",
    ],
)
def test_both_notations_ids_aliases_advisories_and_wildcards(text: str) -> None:
    assert ignored(text) == ["CVE-2023-30861"]


def test_what_is_known_to_one_advisory_only_is_not_ignored_with_another() -> None:
    assert ignored("GHSA-5wv5-4vpf-pj6m") == ["CVE-2019-1010083"]
    assert ignored("") == []
    assert ignored("ignore:") == []


def test_an_entry_limited_to_a_path_splits_a_match_by_its_places() -> None:
    inside, outside = at(FLASK, "srv/app/METADATA"), at(FLASK, "opt/METADATA")
    options = MatchOptions(TODAY, ignores=read_ignores(b"CVE-2023-30861 path:srv/*", "ignore"))
    result = find_matches(inventory(inside, outside), INDEX, options)
    by_id = {match.vulnerability: match for match in result.matches}
    assert by_id["CVE-2023-30861"].packages == (outside,)
    assert [item.match.packages for item in result.set_aside] == [(inside,)]


def test_an_expired_entry_does_not_apply_and_says_so() -> None:
    result = ignoring("CVE-2023-30861 exp:2026-02-28 # soon")
    assert len(result.matches) == 2
    assert result.notices == ("ignore line 1 (soon): CVE-2023-30861 expired on 2026-02-28, so it no longer applies",)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("CVE-2023-30861 pkg:pypi/flask@3.0", "the nearest is pkg:pypi/flask@2.0: version 3.0 is not 2.0"),
        ("CVE-2023-30861 path:opt/*", "the nearest is pkg:pypi/flask@2.0: path opt/* is not srv/app/flask/METADATA"),
        ("- {id: CVE-2023-30861, package: django}", "the nearest is pkg:pypi/flask@2.0: package django is not flask"),
        (
            "- {id: CVE-2023-30861, packages: [pkg:pypi/django, pkg:pypi/flask@9]}",
            "the nearest is pkg:pypi/flask@2.0: version 9 is not 2.0",
        ),
        (
            "CVE-2020-1 pkg:pypi/flask",
            "pkg:pypi/flask@2.0 is installed, but is not known to have that vulnerability",
        ),
        ("CVE-2023-30862", "CVE-2023-30861 is found here and differs in one character"),
        ("CVE-2020-1", "nothing here comes near it"),
    ],
)
def test_an_entry_without_effect_is_reported_with_what_comes_nearest(text: str, nearest: str) -> None:
    (notice,) = ignoring(text).notices
    assert notice.partition(" matched nothing: ")[2] == nearest


def test_a_second_entry_for_the_same_match_is_not_without_effect() -> None:
    result = ignoring("CVE-2023-30861 # first\nCVE-2023-* # second")
    assert [item.detail for item in result.set_aside] == ["ignore line 1 (first)"]
    assert result.notices == ()


def test_an_entry_for_a_match_that_a_fact_sets_aside_is_not_without_effect() -> None:
    index = MemoryIndex([statement("CVE-2024-1", "debian:12", "linux", "all")])
    headers = deb("linux-libc-dev", "6.1", source="linux")
    options = MatchOptions(TODAY, ignores=read_ignores(b"CVE-2024-1", "ignore"))
    result = find_matches(inventory(headers), index, options)
    assert [item.reason for item in result.set_aside] == [Reason.KERNEL_COMPANION]
    assert result.notices == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CVE-2023-1 exp:2026-02-30", "ignore: line 1: '2026-02-30' is no day"),
        ("CVE-2023-1 exp:tomorrow", "'tomorrow' is no day"),
        ("CVE-2023-1 until:2026", "'until:2026' is none of exp:YYYY-MM-DD, pkg:..., path:..."),
        ("CVE-2023-1 path:", "'path:' is none of"),
        ("CVE-2023-1 pkg:nonsense", "ignore: line 1: package URL without type or name"),
        ("this is no list of anything", "'is' is none of"),
        ("§§§", "line 1 has '§§§' for an identifier"),
        ("vulnerabilities:\n  - id: x", "line 1 has 'vulnerabilities:' for an identifier|unknown|none of"),
        ("- id: CVE-1\n  expire: 2026-01-01", "ignore[0] has an unknown member 'expire'; known are expires, id"),
        ("- reason: none", "ignore[0] has no identifier"),
        ("- id: [[CVE-1]]", "ignore[0].id is no text"),
        ("- [CVE-1]", "ignore[0] is neither an identifier nor a mapping"),
        ("ignore: []\nother: 1", "unknown member 'other'"),
        ("- {id: CVE-1, expires: 2026-13-01}", "'2026-13-01' is no day"),
        ("- {id: CVE-1, expires: 20260101}", "'20260101' is no day"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_ignores(text.encode(), "ignore")
    assert any(part in str(caught.value) for part in message.split("|"))


@pytest.mark.parametrize(
    "data",
    [
        b"- \xff",
        b"- {",
        b"- &a [*b]",
        b"[" * 1_000_000,
        b"[\n" * 2_000,
        b"- [[]" * 100,
        b"- ? [a]\n  : b",
        b"- !!python/object:os.system x\n-\t",
    ],
)
def test_what_is_no_text_or_no_yaml_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(Unreadable, match="ignore: "):
        read_ignores(data, "ignore")


def test_an_absurdly_long_list_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        read_ignores(b"#" * (LIMIT + 1), "ignore")


def test_tags_of_yaml_build_nothing() -> None:
    (rule,) = read_ignores(b"- id: !!python/name:os.system CVE-1", "ignore")
    assert rule.ids == ("CVE-1",)


def test_a_vex_document_and_an_ignore_list_are_told_apart_by_content() -> None:
    vex = read_declared(b'{"@context": "https://openvex.dev/ns", "statements": []}', "x")
    assert (vex.statements, vex.ignores) == ((), ())
    assert len(read_declared(b'{"ignore": ["CVE-1"]}', "x").ignores) == 1
    assert len(read_declared(b'["CVE-1"]', "x").ignores) == 1


NOISE = st.sampled_from(["ignore:", "- ", "id: ", "CVE-2023-30861", "{", "}", "[", "]", "\n", "exp:", "pkg:pypi/flask", '"', "#", "  ", ": ", "expires: 2026-01-01", "*", "&a", "<bom>", '"statements"', '"@context"', "path:", ","])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(NOISE | st.text(max_size=3), max_size=30).map("".join) | st.binary(max_size=60))
def test_any_input_is_read_or_refused_with_its_name(noise: str | bytes) -> None:
    data = noise if isinstance(noise, bytes) else noise.encode("utf-8", "surrogatepass")
    declared, refusal = Declared(), "noise.txt: "
    try:
        declared = read_declared(data, "noise.txt")
    except (Invalid, Unreadable) as error:
        refusal = str(error)
    assert refusal.startswith("noise.txt: ")
    options = MatchOptions(TODAY, declared.statements, declared.ignores)
    assert len(find_matches(inventory(PACKAGE), INDEX, options).matches) <= 2
