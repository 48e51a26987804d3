"""Ignore lists: what the user has decided not to act on, why, and until when.

Two notations, told by the content (docs/matching.md): YAML entries, and one identifier per line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from assay.errors import Invalid, LimitExceeded, Unreadable
from assay.match.identity import Closeness, PackageName, compare_package, package_name
from assay.model.component import Component, Package

LIMIT = 1 << 20
"""Largest ignore list that is read, in bytes."""
_DEEPEST = 32
_BRACKETS = re.compile(r"[\[\]{}]")
_KEYS = frozenset({"id", "ids", "package", "packages", "path", "paths", "reason", "owner", "expires"})
_YAML_START = re.compile(r"(?:ignore\s*:|-\s|---|%|\[|\{)")
_IDENTIFIER = re.compile(r"[A-Za-z0-9*?][A-Za-z0-9*?._:-]{0,127}\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One entry. ``ids`` are vulnerability or advisory ids; ids, package names and paths may have ``*`` and ``?``.

    Empty ``packages`` and ``paths`` fit everything. ``expires`` is the last day on which the entry holds.
    """

    document: str
    place: str
    ids: tuple[str, ...]
    packages: tuple[PackageName | str, ...] = ()
    paths: tuple[str, ...] = ()
    reason: str = ""
    owner: str = ""
    expires: date | None = None

    @property
    def words(self) -> str:
        """Where it stands, why and whose it is: ``ignore.yaml ignore[0] (not reachable, team web)``."""
        why = ", ".join(part for part in (self.reason, self.owner) if part)
        return f"{self.document} {self.place} ({why})" if why else f"{self.document} {self.place}"


def compare_rule(rule: IgnoreRule, component: Component, package: Package) -> Closeness:
    """Compare a component at one place with what an entry is limited to."""
    close = [_compare_name(item, component) for item in rule.packages] or [Closeness(0)]
    best = next((item for item in close if item.fits), None) or max(close, key=lambda item: item.score)
    if not rule.paths or any(fnmatchcase(package.path, pattern.lstrip("/")) for pattern in rule.paths):
        return Closeness(best.score + 1, best.differences)
    difference = f"path {' or '.join(rule.paths[:3])} is not {package.path or 'known'}"
    return Closeness(best.score, (*best.differences, difference))


def _compare_name(named: PackageName | str, component: Component) -> Closeness:
    if isinstance(named, PackageName):
        return compare_package(named, component)
    if fnmatchcase(component.name, named) or fnmatchcase(component.lookup_name, named):
        return Closeness(8)
    return Closeness(0, (f"package {named} is not {component.name}",))


def read_ignores(data: bytes, name: str) -> tuple[IgnoreRule, ...]:
    """The entries of an ignore list; raises Unreadable for what is no text, Invalid with the place of a wrong entry."""
    if len(data) > LIMIT:
        raise LimitExceeded(f"{name}: an ignore list of more than {LIMIT} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name}: not UTF-8 text ({error.reason} at byte {error.start})") from error
    first = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    if _YAML_START.match(first.lstrip()):
        return tuple(_from_yaml(text, name))
    return tuple(_from_lines(text, name))


def _from_lines(text: str, name: str) -> Iterator[IgnoreRule]:
    for number, line in enumerate(text.splitlines(), 1):
        stated, _, reason = f" {line}".partition(" #")
        words, place = stated.split(), f"line {number}"
        if not words:
            continue
        fields = {"id": words[0], "reason": reason.strip()}
        for word in words[1:]:
            key, colon, value = word.partition(":")
            if key == "pkg" and colon:
                fields["package"] = word
            elif key in ("exp", "path") and value:
                fields["expires" if key == "exp" else key] = value
            else:
                raise Invalid(f"{name}: {place}: {word!r} is none of exp:YYYY-MM-DD, pkg:..., path:...")
        yield _rule(fields, name, place)


def _from_yaml(text: str, name: str) -> Iterator[IgnoreRule]:
    import yaml

    for number, line in enumerate(text.splitlines(), 1):
        if _depth(line) > _DEEPEST:
            raise LimitExceeded(f"{name}: line {number} is nested more than {_DEEPEST} deep")
    try:
        # BaseLoader builds strings, lists and mappings only; SafeLoader's dates and numbers fail in untyped ways
        content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable(f"{name}: {' '.join(str(error).split())}") from error
    if isinstance(content, dict):
        others = [str(key) for key in content if key != "ignore"]
        if others:
            raise Invalid(f"{name}: unknown member {others[0]!r}; an ignore list has the member 'ignore' only")
        content = content.get("ignore")
    for number, entry in enumerate(_listed(content)):
        place = f"ignore[{number}]"
        yield _rule({"id": entry} if isinstance(entry, str) else entry, name, place)


def _depth(line: str) -> int:
    """How deep brackets nest in a line: the YAML reader's time grows with the square of it."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(line):
        depth = max(0, depth + (1 if bracket in "[{" else -1))
        deepest = max(deepest, depth)
    return deepest


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _rule(entry: object, name: str, place: str) -> IgnoreRule:
    if not isinstance(entry, dict):
        raise Invalid(f"{name}: {place} is neither an identifier nor a mapping")
    unknown = [str(key) for key in entry if key not in _KEYS]
    if unknown:
        raise Invalid(f"{name}: {place} has an unknown member {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}")

    def texts(*keys: str) -> tuple[str, ...]:
        found = [item for key in keys for item in _listed(entry.get(key))]
        if not all(isinstance(item, str) for item in found):
            raise Invalid(f"{name}: {place}.{keys[0]} is no text")
        return tuple(str(item) for item in found)

    ids = texts("id", "ids")
    wrong = next((item for item in ids if not _IDENTIFIER.match(item)), None)
    if not ids or wrong is not None:
        raise Invalid(f"{name}: {place} {f'has {wrong!r} for an' if wrong is not None else 'has no'} identifier")
    try:
        packages = tuple(
            package_name(item) if item.startswith("pkg:") else item for item in texts("package", "packages")
        )
    except Invalid as error:
        raise Invalid(f"{name}: {place}: {error}") from error
    reason, owner = " ".join(texts("reason")), " ".join(texts("owner"))
    expires = _day(" ".join(texts("expires")), f"{name}: {place}")
    return IgnoreRule(name, place, ids, packages, texts("path", "paths"), reason, owner, expires)


def _day(text: str, place: str) -> date | None:
    if not text:
        return None
    try:
        if _DAY.match(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Invalid(f"{place}: {text!r} is no day (YYYY-MM-DD)")
