"""Laws of matching, on random inventories and advisories."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from matching_world import MemoryIndex, at, deb, inventory, pypi, rpm, statement

from assay.match.explain import explain
from assay.match.find import find_matches
from assay.match.ignore import read_ignores
from assay.match.options import MatchOptions
from assay.match.ruling import Verdict
from assay.model.advisory import FixState
from assay.model.candidate import Candidate
from assay.model.component import Component, Package
from assay.model.inventory import Inventory
from assay.model.match import Matches

VERSIONS = [str(n) for n in range(1, 9)]
NAMES = ["openssl", "linux", "flask", "nodejs"]
FLAWS = [f"CVE-2024-{n}" for n in range(1, 5)]
OPTIONS = MatchOptions(date(2026, 1, 1), ignores=read_ignores(b"CVE-2024-4 path:a*", "ignore"))


@st.composite
def components(draw: st.DrawFn) -> Component:
    name, version = draw(st.sampled_from(NAMES)), draw(st.sampled_from([*VERSIONS, "a b"]))
    kind = draw(st.sampled_from(["deb", "rpm", "pypi"]))
    if kind == "pypi":
        return pypi(name, version)
    if kind == "rpm":
        module = draw(st.sampled_from(["", "nodejs:1", "nodejs:2"]))
        return rpm(
            draw(st.sampled_from([name, f"{name}-libs"])),
            version,
            source=name,
            module=module,
            vendor=draw(st.sampled_from(["", "AlmaLinux", "Other"])),
        )
    binary = draw(st.sampled_from([name, f"{name}-libs", f"{name}-image-6.1"]))
    return deb(binary, version, draw(st.sampled_from(["debian:12", "debian:11", ""])), name)


@st.composite
def packages(draw: st.DrawFn) -> Package:
    component = draw(components())
    owner = "" if component.ecosystem.is_os else draw(st.sampled_from(["", *NAMES, "openssl-libs"]))
    return at(component, draw(st.sampled_from(["a", "b", "c/d"])), owner=owner)


@st.composite
def statements(draw: st.DrawFn) -> Candidate:
    scope = draw(st.sampled_from(["debian:12", "debian:11", "almalinux:9", "pypi"]))
    low = draw(st.sampled_from(["0", *VERSIONS]))
    high = draw(st.sampled_from(["", "=5", "not a version", *VERSIONS]))
    return statement(
        draw(st.sampled_from(["A-1", "A-2", "A-3"])),
        scope,
        draw(st.sampled_from([*NAMES, "nodejs-libs"])),
        draw(st.sampled_from([f"{low}..{high}", "all", "", f"< 3, {low}..{high}"])),
        cves=draw(st.lists(st.sampled_from(FLAWS), min_size=1, max_size=2, unique=True)),
        source=draw(st.sampled_from(["", "debian", "alma", "osv-debian"])),
        versions=draw(st.lists(st.sampled_from(VERSIONS), max_size=2)),
        state=draw(st.sampled_from(FixState)),
        module=draw(st.sampled_from(["", "", "nodejs:1"])),
        of_source=draw(st.booleans()) if scope == "almalinux:9" else None,
    )


INVENTORIES = st.lists(packages(), max_size=6)
KNOWLEDGE = st.lists(statements(), max_size=8)
QUICK = settings(max_examples=60, deadline=None)


def matched(items: list[Package], knowledge: list[Candidate]) -> Matches:
    return find_matches(Inventory(None, tuple(items)), MemoryIndex(knowledge), OPTIONS)


@QUICK
@given(INVENTORIES, KNOWLEDGE, st.randoms())
def test_the_order_of_packages_and_advisories_does_not_matter(
    items: list[Package], knowledge: list[Candidate], random: object
) -> None:
    before = matched(items, knowledge)
    random.shuffle(items)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random
    random.shuffle(knowledge)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random
    assert matched(items, knowledge) == before


@QUICK
@given(INVENTORIES, KNOWLEDGE)
def test_saying_or_finding_something_twice_changes_nothing(items: list[Package], knowledge: list[Candidate]) -> None:
    assert matched(items * 2, knowledge * 2) == matched(items, knowledge)


@QUICK
@given(INVENTORIES, KNOWLEDGE, st.sampled_from(["debian:12", "debian:11", "almalinux:9", "pypi"]))
def test_an_unrelated_advisory_changes_nothing(items: list[Package], knowledge: list[Candidate], scope: str) -> None:
    unrelated = [statement("B-1", scope, "zlib", "all", cves=FLAWS), statement("B-2", "debian:10", "openssl", "all")]
    assert matched(items, [*unrelated, *knowledge]) == matched(items, knowledge)


@QUICK
@given(INVENTORIES, KNOWLEDGE)
def test_every_fix_is_above_what_is_installed_and_closes_its_match(
    items: list[Package], knowledge: list[Candidate]
) -> None:
    for match in matched(items, knowledge).matches:
        if not match.fixed_in:
            assert match.state is not FixState.FIXED
            continue
        old = match.component
        new = Component(
            old.ecosystem,
            old.name,
            match.fixed_in,
            old.scope,
            old.arch,
            old.source_name,
            match.fixed_in,
            old.module,
            old.vendor,
        )
        again = matched([at(new)], knowledge)
        assert int(match.fixed_in) > int(old.version)
        assert match.vulnerability not in {item.vulnerability for item in again.matches}


@QUICK
@given(INVENTORIES, KNOWLEDGE)
def test_every_place_is_accounted_for_once(items: list[Package], knowledge: list[Candidate]) -> None:
    result = matched(items, knowledge)
    seen: dict[tuple[Component, str], list[Package]] = {}
    for match in (*result.matches, *(item.match for item in result.set_aside)):
        assert match.evidence
        seen.setdefault((match.component, match.vulnerability), []).extend(match.packages)
    for (component, _), places in seen.items():
        assert sorted(places, key=str) == sorted({item for item in items if item.component == component}, key=str)


def expected(
    result: Matches, component: Component, vulnerability: str, knowledge: list[Candidate], *, named: bool
) -> Verdict:
    pair = (component, vulnerability)
    if pair in {(match.component, match.vulnerability) for match in result.matches}:
        return Verdict.AFFECTED
    if pair in {(item.match.component, item.match.vulnerability) for item in result.set_aside}:
        return Verdict.SET_ASIDE
    gaps = {item.advisory for item in result.not_compared if item.component == component}
    open_ones = {item.advisory for item in knowledge if vulnerability in item.vulnerabilities} & gaps
    return Verdict.NOT_COMPARED if open_ones or ("" in gaps and not named) else Verdict.NOT_AFFECTED


@QUICK
@given(INVENTORIES, KNOWLEDGE)
def test_an_explanation_comes_to_the_verdict_of_matching(items: list[Package], knowledge: list[Candidate]) -> None:
    unique = [
        Candidate(f"{item.advisory}-{n}", item.source, item.vulnerabilities[:1], item.affected, item.bounds)
        for n, item in enumerate(knowledge)
    ]
    result = matched(items, unique)
    content = Inventory(None, tuple(items))
    for vulnerability in FLAWS:
        for name in {item.component.name for item in items}:
            for item in explain(content, MemoryIndex(unique), vulnerability, name, OPTIONS).components:
                named = any(step.kind == "statement" and "no statement" not in step.text for step in item.steps)
                assert item.verdict is expected(result, item.component, vulnerability, unique, named=named)
                assert ([item.match] if item.match else []) == [
                    match
                    for match in result.matches
                    if (match.component, match.vulnerability) == (item.component, vulnerability)
                ]
                assert set(item.not_compared) <= set(result.not_compared)


@given(st.integers(1, 20), st.integers(1, 20))
def test_raising_a_version_to_the_fix_closes(installed: int, fixed: int) -> None:
    index = MemoryIndex([statement("A-1", "pypi", "x", f"< {fixed}")])
    assert bool(find_matches(inventory(pypi("x", str(installed))), index).matches) is (installed < fixed)
