"""Java archives, nested to any depth: which artifacts they are and which they hold.

A package that an archive is has the archive's path; one that was shaded into it has the path of its ``pom.properties``
inside. Paths through archives are joined by ``!/``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assay.errors import LimitExceeded, Unreadable
from assay.extract.contract import DATABASE, Fact, Problem, Wants
from assay.extract.java.archive import Listing, Member, open_member, read_member, read_members
from assay.extract.java.filename import Coordinates, from_repository, split_name
from assay.extract.java.identity import own_coordinates
from assay.extract.java.license import bundle_licenses
from assay.extract.java.manifest import parse_manifest, parse_properties
from assay.extract.java.pom import interpolate, parse_pom, project_values
from assay.extract.window import Window
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_EXTENSIONS = (".jar", ".war", ".ear", ".par", ".sar", ".jpi", ".hpi", ".kar", ".nar", ".lpkg", ".rar", ".aar", ".har")
_TAILS = frozenset(
    tail.encode()
    for name in ("MANIFEST.MF", "manifest.mf", "pom.properties", "pom.xml", *_EXTENSIONS)
    for tail in {name[-4:], name[-4:].upper()}
)
_POM = re.compile(r"(?:^|/)META-INF/maven/([^/]+)/([^/]+)/pom\.xml$")

_COST = 16 << 10
_LISTING = 64 << 10
_MOST_PROBLEMS = 20
_LARGEST_METADATA = 4 << 20
_LONGEST_NAME = 1024


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What one file may cost: members listed, bytes unpacked (metadata and nested archives), levels of nesting."""

    members: int = 2_000_000
    unpacked: int = 1 << 30
    depth: int = 16


@dataclass(slots=True)
class _Budget:
    """What is left of the limits while a file and its nested archives are read."""

    limits: ArchiveLimits
    members: int
    unpacked: int

    def spend(self, size: int, depth: int = 0) -> None:
        """Take the price of reading a member of ``size`` bytes; raises LimitExceeded when nothing is left."""
        if depth >= self.limits.depth:
            raise LimitExceeded(f"archives nested more than {self.limits.depth} deep")
        self.unpacked -= size + _COST
        if self.unpacked < 0:
            raise LimitExceeded(f"not read: nested archives of more than {self.limits.unpacked} bytes")


@dataclass(slots=True)
class _Contents:
    """The members of one archive that say something."""

    manifest: Member | None = None
    properties: list[Member] = field(default_factory=list)
    poms: list[Member] = field(default_factory=list)
    nested: list[Member] = field(default_factory=list)


class JavaArchive:
    """The packages in a Java archive; the rules are in ``identity``.

    Not wanted are ``.rar`` and ``.aar`` files outside of other archives: too many other things are called so.
    """

    name = "java-archive"
    version = 1
    wants = Wants(extensions=frozenset(_EXTENSIONS[:10]))
    max_size = DATABASE
    needs_siblings = False

    def __init__(self, limits: ArchiveLimits | None = None) -> None:
        self._limits = limits or ArchiveLimits()

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        if file.size == 0:
            return
        budget = _Budget(self._limits, self._limits.members, self._limits.unpacked)
        kinds: list[str] = []
        with file.open() as reader:
            for fact in _facts(Window(reader, 0, file.size), file.path, budget, 0):
                if isinstance(fact, Problem):
                    kinds.append(fact.kind)
                    if len(kinds) > _MOST_PROBLEMS:
                        continue
                yield fact
        unsaid = kinds[_MOST_PROBLEMS:]
        if unsaid:
            yield Problem(
                f"{len(unsaid)} more members could not be read", max(unsaid, key=lambda kind: kind == "limit")
            )


def _facts(window: Window, path: str, budget: _Budget, depth: int) -> Iterator[Fact]:
    listing = read_members(window, _TAILS, at_most=budget.members)
    budget.members -= listing.count
    if not listing.whole:
        kind = "limit" if budget.members <= 0 else "unreadable"
        yield Problem(f"{path}: the archive's directory was read for {listing.count} members only", kind)
    contents = _sorted_out(listing)
    yield from _packages(window, path, contents, budget)
    for member in contents.nested:
        inner = f"{path}!/{member.name}"
        try:
            budget.spend(member.size if member.method else min(member.size, _LISTING), depth)
            with open_member(window, member) as content:
                yield from _facts(content, inner, budget, depth + 1)
        except LimitExceeded as error:
            yield Problem(f"{inner}: {error}", "limit")
        except Unreadable as error:
            yield Problem(f"{inner}: {error}")


def _sorted_out(listing: Listing) -> _Contents:
    contents = _Contents()
    for member in listing.members:
        name = member.name
        if len(name) > _LONGEST_NAME:
            continue
        base = name.rpartition("/")[2]
        if base == "pom.properties":
            contents.properties.append(member)
        elif base == "pom.xml":
            if _POM.search(name):
                contents.poms.append(member)
        elif name.upper() == "META-INF/MANIFEST.MF":
            contents.manifest = contents.manifest or member
        elif base.lower().endswith(_EXTENSIONS) and member.size:
            contents.nested.append(member)
    return contents


def _packages(window: Window, path: str, contents: _Contents, budget: _Budget) -> Iterator[Fact]:
    """The archive itself and what was built into it."""
    problems: list[Problem] = []

    def read(member: Member) -> bytes:
        try:
            budget.spend(member.size)
            return read_member(window, member, limit=_LARGEST_METADATA)
        except LimitExceeded as error:
            problems.append(Problem(f"{path}!/{member.name}: {error}", "limit"))
        except Unreadable as error:
            problems.append(Problem(f"{path}: {error}"))
        return b""

    filename = path.rpartition("/")[2]
    manifest = parse_manifest(read(contents.manifest)) if contents.manifest else {}
    inside = {member.name: _from_properties(read(member), filename) for member in contents.properties}
    licenses: dict[str, tuple[str, ...]] = {}
    for member in contents.poms:
        beside = f"{member.name.removesuffix('xml')}properties"
        if not inside.get(beside):
            inside[member.name], licenses[member.name] = _from_pom(read(member), member.name, filename)
    found = {name: coordinates for name, coordinates in inside.items() if coordinates is not None}
    repository = None if "!/" in path else from_repository(path)
    own = own_coordinates(filename, manifest, list(found.values()), repository)
    stated: set[Coordinates] = set()
    if own is not None:
        stated.add(own)
        pom = next((name for name, coordinates in found.items() if coordinates == own), "")
        yield _package(own, path, bundle_licenses(manifest) or licenses.get(pom, ()))
    for name, coordinates in found.items():
        if coordinates not in stated:
            stated.add(coordinates)
            yield _package(coordinates, f"{path}!/{name}", licenses.get(name, ()))
    yield from problems


def _package(coordinates: Coordinates, path: str, licenses: Sequence[str]) -> Package:
    component = Component(Ecosystem.MAVEN, f"{coordinates.group}:{coordinates.artifact}", coordinates.version)
    return Package(component, path=path, extractor=JavaArchive.name, licenses=tuple(licenses))


def _from_properties(data: bytes, filename: str) -> Coordinates | None:
    """What ``pom.properties`` says; None when it says nothing usable."""
    return _checked(parse_properties(data), filename)


def _from_pom(data: bytes, name: str, filename: str) -> tuple[Coordinates | None, tuple[str, ...]]:
    """What a ``pom.xml`` without properties beside it says; its directories are group and artifact."""
    place = _POM.search(name)
    if place is None or not data:
        return None, ()
    try:
        pom = parse_pom(data)
    except Unreadable:
        return _checked({"groupId": place[1], "artifactId": place[2]}, filename), ()
    version = interpolate(pom.effective.version, project_values([pom]))
    return _checked({"groupId": place[1], "artifactId": place[2], "version": version}, filename), pom.licenses


def _checked(values: Mapping[str, str], filename: str) -> Coordinates | None:
    """The coordinates when they are whole; a version left out or left variable may stand in the archive's name."""
    group, artifact, version = values.get("groupId", ""), values.get("artifactId", ""), values.get("version", "")
    if not version or "${" in version:
        named, version = split_name(filename.rpartition(".")[0])
        if named != artifact:
            return None
    usable = group and artifact and version and "$" not in group + artifact
    return Coordinates(group, artifact, version) if usable and (group + artifact + version).isprintable() else None
