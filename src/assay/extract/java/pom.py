"""Maven's project files: what a ``pom.xml`` says, its parents' words included.

https://maven.apache.org/pom.html and https://maven.apache.org/ref/current/maven-model-builder/.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from assay.errors import Unreadable
from assay.extract.java.filename import Coordinates
from assay.extract.xmltree import child, child_text, children, local, read_xml

_PROPERTY = re.compile(r"\$\{([^${}]+)\}")
_LONGEST_VALUE = 1024
_DEEPEST_VALUE = 16


@dataclass(frozen=True, slots=True)
class Dependency:
    """One ``<dependency>`` as written, variables included."""

    group: str
    artifact: str
    version: str
    scope: str


@dataclass(frozen=True, slots=True)
class Pom:
    """One project file as written. ``relative_path`` leads to the parent's; it is "" when Maven must not look there."""

    coordinates: Coordinates
    parent: Coordinates | None = None
    relative_path: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    dependencies: Sequence[Dependency] = ()
    managed: Sequence[Dependency] = ()
    licenses: tuple[str, ...] = ()

    @property
    def effective(self) -> Coordinates:
        """The project's identity; group and version are the parent's where it states none."""
        parent = self.parent or Coordinates()
        own = self.coordinates
        return Coordinates(own.group or parent.group, own.artifact, own.version or parent.version)


def parse_pom(data: bytes) -> Pom:
    """Read a project file with those of its profiles that are active by default; raises Unreadable when it is none."""
    root = read_xml(data)
    if local(root) != "project":
        raise Unreadable(f"not a Maven project: its root element is {local(root)[:80]!r}")
    parts = [root, *_active_profiles(root)]
    parent = child(root, "parent")
    properties = {
        local(item): item.text.strip()
        for part in parts
        for item in (child(part, "properties") or ())
        if item.text and len(item.text) <= _LONGEST_VALUE
    }
    return Pom(
        _coordinates(root),
        _coordinates(parent) if parent is not None else None,
        _relative_path(parent),
        properties,
        [dependency for part in parts for dependency in _dependencies(part)],
        [dependency for part in parts for dependency in _dependencies(child(part, "dependencyManagement"))],
        tuple(filter(None, (child_text(item, "name") for item in children(child(root, "licenses"), "license")))),
    )


def interpolate(text: str, values: Mapping[str, str]) -> str:
    """The text with ``${name}`` replaced as far as the values are known; what explodes or circles stays as it is."""
    for _ in range(_DEEPEST_VALUE):
        if "${" not in text or len(text) > _LONGEST_VALUE:
            return text
        replaced = _PROPERTY.sub(lambda match: values.get(match[1].strip(), match[0]), text)
        if replaced == text or len(replaced) > _LONGEST_VALUE:
            return text
        text = replaced
    return text


def project_values(family: Sequence[Pom]) -> Mapping[str, str]:
    """What variables stand for in a project whose parents follow it in ``family``."""
    values: dict[str, str] = {}
    for pom in reversed(family):
        values.update(pom.properties)
    own, parent = family[0].effective, family[0].parent or Coordinates()
    for prefix in ("project.", "pom.", ""):
        for name, value in (("groupId", own.group), ("artifactId", own.artifact), ("version", own.version)):
            if value and (prefix or name not in values):
                values[prefix + name] = value
    for name, value in (("groupId", parent.group), ("artifactId", parent.artifact), ("version", parent.version)):
        if value:
            values[f"project.parent.{name}"] = values[f"parent.{name}"] = value
    return values


def _active_profiles(root: Element) -> Iterator[Element]:
    for profile in children(child(root, "profiles"), "profile"):
        if child_text(profile, "activation", "activeByDefault") == "true":
            yield profile


def _relative_path(parent: Element | None) -> str:
    if parent is None:
        return ""
    stated = child(parent, "relativePath")
    return "../pom.xml" if stated is None else (stated.text or "").strip()


def _coordinates(element: Element) -> Coordinates:
    return Coordinates(
        child_text(element, "groupId"), child_text(element, "artifactId"), child_text(element, "version")
    )


def _dependencies(part: Element | None) -> Iterator[Dependency]:
    for item in children(child(part, "dependencies"), "dependency"):
        found = _coordinates(item)
        yield Dependency(found.group, found.artifact, found.version, child_text(item, "scope"))
