"""One advisory's statement against one component: does it hold?"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from assay.errors import InvalidVersion
from assay.match.lookup import View
from assay.match.module import Fit, compare_streams
from assay.model.advisory import FixState
from assay.model.candidate import Candidate
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem
from assay.versions.ranges import words_of
from assay.versions.registry import version_key

_LISTED, _OUTSIDE, _UNKNOWN = -1, -2, -3


class Outcome(StrEnum):
    """What a statement says about a component."""

    HOLDS = "affected"
    DENIES = "stated not affected"
    OUTSIDE = "outside the affected versions"
    SILENT = "about other versions only"
    OTHER_MODULE = "another module stream"
    OTHER_ARCH = "other architectures"
    UNDECIDED = "cannot be decided"


@dataclass(frozen=True, slots=True)
class Tested:
    """A statement with its outcome.

    ``span`` is the range that contains the version, in words, else all ranges; ``why`` what decided when it was not
    the versions. ``inside`` is whether the affected versions certainly contain the version, whatever else speaks
    against it.
    """

    candidate: Candidate
    view: View
    outcome: Outcome
    span: str
    why: str = ""
    inside: bool = False


@lru_cache(maxsize=1 << 17)
def key_of(ecosystem: Ecosystem, version: str) -> bytes | None:
    """The version's place in its ecosystem's order; None when it has none."""
    try:
        return version_key(ecosystem, version)
    except InvalidVersion:
        return None


def problem_of(ecosystem: Ecosystem, version: str) -> str:
    """Why a version has no place in its ecosystem's order."""
    try:
        version_key(ecosystem, version)
    except InvalidVersion as error:
        return str(error)
    return ""


def position(candidate: Candidate, ecosystem: Ecosystem, version: str, key: bytes | None) -> int:
    """Where a version lies: the index of the range that contains it, or one of three negative marks.

    -1: it is listed by itself, -2: outside, -3: unknown because it or a limit has no place in the order.
    """
    unknown = False
    for index, limits in enumerate(candidate.bounds):
        if limits is None:
            unknown = True
            continue
        low, high, inclusive = limits
        if key is None:
            if high is None and (low is None or candidate.affected.ranges[index].introduced == "0"):
                return index
            unknown = True
        elif (low is None or low <= key) and (high is None or key < high or (inclusive and key == high)):
            return index
    listed = candidate.affected.versions
    if listed:
        if version in listed or (key is not None and any(key_of(ecosystem, item) == key for item in listed)):
            return _LISTED
        unknown = unknown or key is None
    return _UNKNOWN if unknown else _OUTSIDE


def contains(candidate: Candidate, ecosystem: Ecosystem, version: str, key: bytes | None) -> bool:
    """Whether the statement's ranges or list certainly contain the version."""
    return position(candidate, ecosystem, version, key) >= _LISTED


def is_open_ended(ecosystem: Ecosystem, tested: Tested) -> bool:
    """Whether the range that contains the version goes on for ever."""
    version = tested.view.version
    place = position(tested.candidate, ecosystem, version, key_of(ecosystem, version))
    if place < 0:
        return False
    found = tested.candidate.affected.ranges[place]
    return found.fixed is None and found.last_affected is None


def is_silent(candidate: Candidate, ecosystem: Ecosystem, version: str, key: bytes | None) -> bool:
    """Whether the statement cannot matter for a verdict of "affected" or "not compared": the quick first look."""
    if candidate.affected.state is FixState.NOT_AFFECTED:
        return True
    return position(candidate, ecosystem, version, key) == _OUTSIDE


def try_statement(component: Component, view: View, candidate: Candidate) -> Tested:
    """Test one statement: versions first, then module stream, then architecture, then what it says.

    A statement of "not affected" without ranges speaks of every version.
    """
    affected, ecosystem = candidate.affected, component.ecosystem
    denies = affected.state is FixState.NOT_AFFECTED
    if denies and not affected.ranges and not affected.versions:
        place, span = _LISTED, "all versions"
    else:
        place = position(candidate, ecosystem, view.version, key_of(ecosystem, view.version))
        span = _span(candidate, view, place)
    outcome, why = _outcome(component, view, candidate, place)
    return Tested(candidate, view, outcome, span, why, inside=place >= _LISTED and not denies)


def _outcome(component: Component, view: View, candidate: Candidate, place: int) -> tuple[Outcome, str]:
    """The outcome and, where it is not the versions that decide, what does."""
    affected = candidate.affected
    denies = affected.state is FixState.NOT_AFFECTED
    if place == _OUTSIDE:
        return (Outcome.SILENT if denies else Outcome.OUTSIDE), ""
    if affected.arches and component.arch and not _arch_fits(component.arch, affected.arches):
        return Outcome.OTHER_ARCH, f"it is about {', '.join(affected.arches)}, installed is {component.arch}"
    stream = compare_streams(component, affected)
    if stream.fit is Fit.OTHER:
        return Outcome.OTHER_MODULE, stream.detail
    if place == _UNKNOWN:
        problem = problem_of(component.ecosystem, view.version)
        return Outcome.UNDECIDED, problem or "a limit of the affected versions cannot be ordered"
    if stream.fit is Fit.UNKNOWN:
        return Outcome.UNDECIDED, stream.detail
    if affected.state is FixState.UNDETERMINED:
        said = affected.status_text or "undetermined"
        return Outcome.UNDECIDED, f"its publisher has not decided whether the package is affected ({said})"
    return (Outcome.DENIES if denies else Outcome.HOLDS), ""


def _span(candidate: Candidate, view: View, place: int) -> str:
    affected = candidate.affected
    if place >= 0:
        return words_of(affected.ranges[place])
    if place == _LISTED:
        return f"= {view.version} (listed)"
    return all_ranges(candidate)


def all_ranges(candidate: Candidate) -> str:
    """All affected versions of a statement in words."""
    affected = candidate.affected
    words = [words_of(item) for item in affected.ranges]
    if affected.versions:
        count = len(affected.versions)
        words.append(f"= {affected.versions[0]} (listed)" if count == 1 else f"one of {count} listed versions")
    return " or ".join(words) or "no versions"


_ARCHES = {"amd64": "x86_64", "arm64": "aarch64", "i386": "x86", "i486": "x86", "i586": "x86", "i686": "x86"}
_ANY_ARCH = frozenset({"noarch", "all", "any"})


def _arch_fits(arch: str, arches: tuple[str, ...]) -> bool:
    if arch in _ANY_ARCH or not _ANY_ARCH.isdisjoint(arches):
        return True
    return _ARCHES.get(arch, arch) in {_ARCHES.get(item, item) for item in arches}
