"""OVAL definition files (https://oval.mitre.org/language/version5.11/) of rpm distributions, as plain values."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element  # only the type; reading is defusedxml's

from assay.intel.cve_id import cve_id, cve_ids_in
from assay.intel.oval_tests import Condition, PackageTest, Tests
from assay.intel.reading import open_stream
from assay.intel.times import instant
from assay.intel.vectors import scoring
from assay.intel.xml_stream import children, descendants, elements, local_name, text_of
from assay.model.advisory import AffectedRange, Cvss, FixState, Reference

_LIMIT = 16 << 30
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to be affected: on one of ``platforms`` (any when empty), all tests on one package hold.

    ``marks`` name special builds (ksplice, fips); ``module`` is an rpm module stream.
    """

    name: str
    tests: tuple[PackageTest, ...]
    platforms: tuple[str, ...] = ()
    arch: str = ""
    module: str = ""
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition, in its publisher's words. ``references`` are (source, id, address)."""

    id: str
    kind: str
    title: str
    description: str
    severity: str
    cves: tuple[str, ...]
    references: tuple[tuple[str, str, str], ...]
    platforms: tuple[str, ...]
    cvss: tuple[Cvss, ...]
    issued: datetime | None
    updated: datetime | None
    branches: tuple[Branch, ...]


def definitions(path: Path, source: str) -> Iterator[Definition]:
    """The definitions of a file, compressed or not, in its order; ``source`` is who scored its CVSS vectors."""
    tests = Tests(path)
    with open_stream(path, _LIMIT) as file:
        for element in elements(file, path.name, frozenset({"definition"})):
            yield _definition(element, tests, source)


def links(definition: Definition) -> tuple[Reference, ...]:
    """The definition's references as links, each once."""
    urls = dict.fromkeys(url for _, _, url in definition.references if url.startswith(("http://", "https://")))
    return tuple(Reference(url) for url in urls)


def _definition(element: Element, tests: Tests, source: str) -> Definition:
    metadata = next(children(element, "metadata"), element)
    advisory = next(children(metadata, "advisory"), metadata)
    references = tuple(
        (one.get("source", ""), one.get("ref_id", ""), _SPACES.sub("", one.get("ref_url", "")))
        for one in children(metadata, "reference")
    )
    cve_elements = list(children(advisory, "cve"))
    named = [cve for one in cve_elements for cve in cve_ids_in(one.text or "")]
    named += [cve for _, identifier, _ in references for cve in cve_ids_in(identifier)]
    title = _SPACES.sub(" ", text_of(metadata, "title"))
    own = cve_id(title)
    return Definition(
        id=element.get("id", ""),
        kind=element.get("class", ""),
        title=title,
        description=text_of(metadata, "description"),
        severity=text_of(advisory, "severity"),
        cves=(own,) if own else tuple(dict.fromkeys(named)) or cve_ids_in(title),
        references=references,
        platforms=tuple((one.text or "").strip() for one in descendants(metadata, "platform")),
        cvss=tuple(dict.fromkeys(_scorings(cve_elements, source))),
        issued=_date(advisory, "issued") or instant(text_of(advisory, "advisory_date")),
        updated=_date(advisory, "updated"),
        branches=tuple(branch for criteria in children(element, "criteria") for branch in _branches(criteria, tests)),
    )


def _date(advisory: Element, name: str) -> datetime | None:
    found = next(children(advisory, name), None)
    return None if found is None else instant(found.get("date"))


def _scorings(cves: Sequence[Element], source: str) -> Iterator[Cvss]:
    """``cvss3="7.0/CVSS:3.1/AV:L/..."``; SUSE names the scorer in the text, as ``CVE-2010-1323 at NVD``."""
    for cve in cves:
        scorer = "NVD" if (cve.text or "").rstrip().endswith("at NVD") else source
        for name in ("cvss4", "cvss3", "cvss2"):
            score, _, vector = cve.get(name, "").partition("/")
            found = scoring(vector, scorer, _number(score)) if vector else None
            if found is not None:
                yield found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


_NOWHERE = Branch("", ())


def _branches(criteria: Element, tests: Tests, context: Branch = _NOWHERE) -> Iterator[Branch]:
    """The branches below a node. Conditions in an AND hold for everything beside them."""
    read = [tests.read(child) for child in children(criteria, "criterion")]
    packages = [one for one in read if isinstance(one, PackageTest)]
    groups = list(children(criteria, "criteria"))
    if criteria.get("operator", "AND").upper() == "AND":
        for one in read:
            context = _within(context, one)
        for group in groups:
            places = _only_platforms(group, tests)
            if places:
                context = replace(context, platforms=(*context.platforms, *places))
        for name in dict.fromkeys(one.name for one in packages):
            yield replace(context, name=name, tests=tuple(one for one in packages if one.name == name))
    else:
        for one in packages:
            yield replace(context, name=one.name, tests=(one,))
    for group in groups:
        yield from _branches(group, tests, context)


def _within(context: Branch, one: PackageTest | Condition | None) -> Branch:
    if not isinstance(one, Condition):
        return context
    match one.kind:
        case "platform":
            return replace(context, platforms=(*context.platforms, one.text))
        case "arch":
            return replace(context, arch=one.text)
        case "module":
            return replace(context, module=one.text)
        case "mark":
            return replace(context, marks=context.marks | {one.text})
        case _:
            return context


def _only_platforms(group: Element, tests: Tests) -> tuple[str, ...]:
    """The platforms of a group of alternatives that consists of nothing else."""
    read = [tests.read(child) for child in group if local_name(child) == "criterion"]
    if len(read) != len(group) or not all(isinstance(one, Condition) and one.kind == "platform" for one in read):
        return ()
    return tuple(one.text for one in read if isinstance(one, Condition))


def state_of(branch: Branch) -> tuple[FixState, tuple[AffectedRange, ...]] | None:
    """The tests on a package as state and range; None when they describe no range.

    ``greater`` begins the range at its version: a range cannot begin after it, and one version too many is better
    than one too few.
    """
    low, fixed, last = "0", None, None
    for test in branch.tests:
        match test.operation:
            case "none":
                return FixState.NOT_AFFECTED, ()
            case "less":
                fixed = test.version
            case "less_or_equal":
                last = test.version
            case "greater" | "greater_or_equal":
                low = test.version
            case "any":
                pass
            case _:
                return None
    if fixed is not None:
        return FixState.FIXED, (AffectedRange(low, fixed),)
    return FixState.UNFIXED, (AffectedRange(low, None, last),)
