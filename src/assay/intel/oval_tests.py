"""OVAL's tests on rpm packages: which package is compared with which version, and how.

https://oval.mitre.org/language/version5.11/ovaldefinition/documentation/linux-definitions-schema.html. A criterion
names a test, the test an object (the package's name) and a state (the version). Publishers also say it in the
criterion's comment, which is used where the test is missing or says less.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element  # only the type; reading is defusedxml's

from assay.intel.reading import open_stream
from assay.intel.xml_stream import children, elements, local_name, text_of

_LIMIT = 16 << 30


@dataclass(frozen=True, slots=True)
class PackageTest:
    """``operation`` is less, less_or_equal, greater, greater_or_equal, equal, any (all versions) or none (the
    publisher's word that the package is not affected); ``version`` is empty for the last two.
    """

    name: str
    operation: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Another kind of criterion: the platform, the architecture, an enabled module stream, or a mark of the build."""

    kind: str
    text: str


_OPERATIONS = {
    "less than": "less",
    "6": "less",
    "less than or equal": "less_or_equal",
    "7": "less_or_equal",
    "greater than": "greater",
    "greater than or equal": "greater_or_equal",
    "equals": "equal",
}
_PACKAGE = (
    (re.compile(r"(?:Package )?(?P<name>\S+) is earlier than (?P<version>[^\s,]+)"), "less"),
    (re.compile(r"(?:Package )?(?P<name>\S+) is greater than (?P<version>[^\s,]+)"), "greater"),
    (re.compile(r"Package (?P<name>\S+) is installed with version (?P<version>\S+) or earlier"), "less_or_equal"),
    (re.compile(r"(?P<name>\S+) is not affected"), "none"),
    (re.compile(r"(?P<name>\S+) is affected"), "any"),
    (re.compile(r"(?P<name>\S+)-(?P<version>[^\s-]+-[^\s-]+) is installed"), "less"),
)
_CONDITION = (
    (re.compile(r".* arch is (\S+)"), "arch"),
    (re.compile(r"Module (\S+) is enabled"), "module"),
    (re.compile(r".* is (ksplice|fips)[- ]based"), "mark"),
    (re.compile(r"(.*) is signed with .*"), "signature"),
    (re.compile(r"(.* .*) is installed"), "platform"),
)


class Tests:
    """The tests, objects and states of one file, by id."""

    def __init__(self, path: Path) -> None:
        self._objects: dict[str, str] = {}
        self._states: dict[str, tuple[str, str]] = {}
        self._tests: dict[str, tuple[str, str]] = {}
        wanted = frozenset({"rpminfo_test", "rpminfo_object", "rpminfo_state"})
        with open_stream(path, _LIMIT) as file:
            for element in elements(file, path.name, wanted):
                self._add(element)

    def _add(self, element: Element) -> None:
        identifier = element.get("id", "")
        match local_name(element):
            case "rpminfo_test":
                self._tests[identifier] = _reference(element, "object"), _reference(element, "state")
            case "rpminfo_object":
                self._objects[identifier] = text_of(element, "name")
            case _:
                evr = next(children(element, "evr"), None)
                if evr is not None and evr.text:
                    operation = _OPERATIONS.get(evr.get("operation", "equals"), "")
                    self._states[identifier] = operation, without_zero_epoch(evr.text.strip())

    def read(self, criterion: Element) -> PackageTest | Condition | None:
        """What a criterion asks; None when it is not about packages in any way we know."""
        comment = criterion.get("comment", "").strip()
        for pattern, kind in _CONDITION:
            found = pattern.fullmatch(comment)
            if found is not None:
                return Condition(kind, found[1])
        name, operation, version = self._stated(criterion.get("test_ref", ""))
        said = _said(comment)
        if said is None:
            return PackageTest(name, operation, version) if name and operation else None
        if said.operation in {"any", "none"} or not version:
            return said
        return PackageTest(name or said.name, operation or said.operation, version)

    def _stated(self, identifier: str) -> tuple[str, str, str]:
        subject, state = self._tests.get(identifier, ("", ""))
        operation, version = self._states.get(state, ("", ""))
        return self._objects.get(subject, ""), operation, version


def without_zero_epoch(evr: str) -> str:
    """``0:1.2-3`` is ``1.2-3``."""
    return evr.removeprefix("0:")


def _reference(test: Element, name: str) -> str:
    found = next(children(test, name), None)
    return "" if found is None else found.get(f"{name}_ref", "")


def _said(comment: str) -> PackageTest | None:
    for pattern, operation in _PACKAGE:
        found = pattern.match(comment)
        if found is not None:
            version = found.groupdict().get("version", "")
            return PackageTest(found["name"], operation, without_zero_epoch(version or ""))
    return None
