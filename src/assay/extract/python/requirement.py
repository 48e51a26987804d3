"""One line of a requirements file: which package, and which version does it name.

Requirement specifiers: https://peps.python.org/pep-0508/; the file's own rules:
https://pip.pypa.io/en/stable/reference/requirements-file-format/.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote, urlsplit

from assay.model.ecosystem import Ecosystem, normal_name

_COMMENT = re.compile(r"(?<!\S)#.*$")
_OPTIONS = re.compile(r"\s-.*$", re.DOTALL)
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
_INCLUDE = re.compile(r"(?:-r|--requirement|(?P<constraint>-c|--constraint))(?:\s*=\s*|\s*)(?P<path>[^\s=].*)")
_LOCATION = re.compile(r"[./~\\]|[A-Za-z][A-Za-z0-9+.-]*:|[^\s=<>!;@\[]+(?:[/\\]|\.(?:whl|zip|tar\.gz)(?:\s|$))")
_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*+(?:\[[^\[\]]*+\])?\s*+(?P<rest>|[@(<>=!~].*)", re.DOTALL
)
_CLAUSE = re.compile(r"(?P<operator>===|==|~=|!=|<=|>=|<|>)\s*+(?P<version>[^\s<>=!~].*)", re.DOTALL)
_WHEEL = re.compile(r"[^-]+-(?P<version>[^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl")
_SDIST = re.compile(r"(?P<name>.+)-(?P<version>\d[^-]*)\.(?:tar\.gz|tgz|tar\.bz2|tar\.xz|zip)")
_EXACT = frozenset({"==", "==="})
_NAMES_A_VERSION = frozenset({"==", "===", ">=", "<=", "~="})


@dataclass(frozen=True, slots=True)
class Requirement:
    """``version`` is the pin, or the limit of a single ``>=``, ``<=`` or ``~=``, or empty; ``pinned`` says which."""

    name: str
    version: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Include:
    """Another file, relative to this one; ``constraint`` files pin versions but install nothing."""

    path: str
    constraint: bool = False


class Other(Enum):
    """Lines that name no package and version: nothing to list, or something that cannot be used."""

    NOTHING = "nothing"
    UNUSABLE = "unusable"


def logical_lines(text: str) -> Iterator[str]:
    """The lines without comments, continued lines joined; a comment line ends a continuation.

    Continuation lines that hold a hash, which are most lines of a compiled file, are left out.
    """
    parts: list[str] = []
    for line in text.splitlines():
        start = line.lstrip()
        if not start and not parts:
            continue
        comment = start.startswith("#")
        continued = line.endswith("\\") and not comment
        if not (parts and start.startswith("--hash=")):
            parts.append(line[:-1] if continued else f" {line}" if comment else line)
        if continued:
            continue
        yield from _without_comment(parts)
        parts.clear()
    yield from _without_comment(parts)


def _without_comment(parts: list[str]) -> Iterator[str]:
    line = _COMMENT.sub("", "".join(parts)).strip()
    if line:
        yield line


def parse_line(line: str) -> Requirement | Include | Other:
    """What one logical line says.

    A requirement with one clause is listed with the version that the clause names, one with several only when a
    clause pins it. A direct reference (``name @ URL``) is listed when its file name states the version. Bare paths
    and URLs name a file, not a package.
    """
    if line.startswith("-"):
        include = _INCLUDE.fullmatch(line)
        return Include(include["path"].strip("\"' "), bool(include["constraint"])) if include else Other.NOTHING
    if _LOCATION.match(line):
        return Other.NOTHING
    if _VARIABLE.search(line):
        return Other.UNUSABLE
    line = _OPTIONS.sub("", line)
    found = _REQUIREMENT.fullmatch(line.partition(";")[0].strip())
    if found is None:
        return Other.UNUSABLE
    if found["rest"].startswith("@"):
        return _direct(found["name"], line.partition("@")[2].partition(" ;")[0].strip())
    return _specified(found["name"], found["rest"])


def _specified(name: str, rest: str) -> Requirement | Other:
    if rest.startswith("("):
        rest = rest.strip("() ")
    if not rest:
        return Requirement(name)
    clauses = [_CLAUSE.fullmatch(clause.strip()) for clause in rest.split(",") if clause.strip()]
    versions = [(clause["operator"], clause["version"]) for clause in clauses if clause is not None]
    if not versions or len(versions) < len(clauses):
        return Other.UNUSABLE
    for operator, version in versions:
        if operator in _EXACT and "*" not in version:
            return Requirement(name, version, pinned=True)
    operator, version = versions[0]
    if len(versions) == 1 and operator in _NAMES_A_VERSION and "*" not in version:
        return Requirement(name, version)
    return Requirement(name)


def _direct(name: str, url: str) -> Requirement | Other:
    try:
        file_name = unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return Other.UNUSABLE
    wheel = _WHEEL.fullmatch(file_name)
    if wheel:
        return Requirement(name, wheel["version"], pinned=True)
    archive = _SDIST.fullmatch(file_name)
    if archive and normal_name(Ecosystem.PYPI, archive["name"]) == normal_name(Ecosystem.PYPI, name):
        return Requirement(name, archive["version"], pinned=True)
    return Other.NOTHING
