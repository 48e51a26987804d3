"""Dependencies that a Maven project declares in its ``pom.xml``.

Only the file and the parents beside it are read: what a repository would add (parents, imported bills of materials,
dependencies of dependencies) is not there. A version that only they know is empty; of a range the lower bound is taken.
Of several declarations of one artifact the first counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from assay.errors import Unreadable
from assay.extract.contract import Fact, Problem, Wants
from assay.extract.java.pom import Dependency, Pom, interpolate, parse_pom, project_values
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_MOST_PARENTS = 16
_LOWER_BOUND = re.compile(r"[\[(]\s*([^,\])\s]*)")
_NOT_SHIPPED = frozenset({"test", "provided"})


class MavenProject:
    """The direct dependencies of a project; those of scope ``test`` or ``provided`` are for development."""

    name = "maven-project"
    version = 1
    wants = Wants(names=frozenset({"pom.xml"}))
    max_size = 8 << 20
    needs_siblings = True

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        problems: list[Problem] = []
        family = [parse_pom(file.read())]
        family.extend(_parents(file, family[0], problems))
        values = project_values(family)
        managed = _managed(family, values)
        listing = Listing(self.name, Ecosystem.MAVEN, file.path)
        seen: set[str] = set()
        for dependency in (dependency for pom in family for dependency in pom.dependencies):
            group, artifact = interpolate(dependency.group, values), interpolate(dependency.artifact, values)
            name = f"{group}:{artifact}"
            if not group or not artifact or "${" in name:
                listing.reject(name[:80])
                continue
            if name in seen:
                continue
            seen.add(name)
            rule = managed.get(name)
            scope = dependency.scope or (rule.scope if rule else "")
            stated = dependency.version or (rule.version if rule else "")
            listing.add(name, _version(stated, values), dev=interpolate(scope, values) in _NOT_SHIPPED, direct=True)
        yield from listing.facts()
        yield from problems


def _parents(file: SourceFile, pom: Pom, problems: list[Problem]) -> Iterator[Pom]:
    """The parents that lie where the project says, nearest first."""
    path, seen = file.path, {file.path}
    while pom.parent is not None and pom.relative_path and len(seen) <= _MOST_PARENTS:
        path = _beside(path, pom.relative_path)
        found = file.sibling(path) if path not in seen else None
        if found is None:
            return
        seen.add(path)
        try:
            candidate = parse_pom(found.read())
        except Unreadable as error:
            problems.append(Problem(f"its parent {path} cannot be read: {error}"))
            return
        if candidate.coordinates.artifact != pom.parent.artifact:
            return
        pom = candidate
        yield pom


def _beside(path: str, relative: str) -> str:
    parts = path.split("/")[:-1]
    for part in relative.split("/"):
        if part == "..":
            if parts:
                parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    if not parts or not parts[-1].endswith(".xml"):
        parts.append("pom.xml")
    return "/".join(parts)


def _managed(family: Sequence[Pom], values: Mapping[str, str]) -> Mapping[str, Dependency]:
    """What ``dependencyManagement`` says by artifact; the nearest word counts."""
    managed: dict[str, Dependency] = {}
    for pom in family:
        for dependency in pom.managed:
            name = f"{interpolate(dependency.group, values)}:{interpolate(dependency.artifact, values)}"
            managed.setdefault(name, dependency)
    return managed


def _version(text: str, values: Mapping[str, str]) -> str:
    version = interpolate(text, values)
    bound = _LOWER_BOUND.match(version)
    if bound:
        version = bound[1]
    return "" if "${" in version else version
