"""rpm module streams: whether a statement on a module's build speaks of the installed build.

Streams are parallel branches of the same packages (``nodejs:16``, ``nodejs:18``), each with fixes of its own, so a fix
in one stream says nothing about another: https://docs.fedoraproject.org/en-US/modularity/. A build of a module carries
``.module`` in its release (``1.module+el8.9.0+...``) even where nobody states the stream.
"""

from dataclasses import dataclass
from enum import StrEnum

from assay.model.advisory import AffectedPackage
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem

_MARK = ".module"


class Fit(StrEnum):
    """Whether a statement is about the branch that is installed."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stream:
    """The outcome and what was compared, in words."""

    fit: Fit
    detail: str = ""


_SAME = Stream(Fit.SAME)


def compare_streams(component: Component, affected: AffectedPackage) -> Stream:
    """Compare the module stream of a component with that of a statement.

    A module's build whose stream nobody states is told from other branches by the first number of its version, and
    cannot be told at all when the component is the one without a stream.
    """
    if component.ecosystem is not Ecosystem.RPM:
        return _SAME
    ours, modular = _name_and_stream(component.module), bool(component.module) or _MARK in component.version
    theirs = _name_and_stream(affected.module)
    built_as_module = bool(theirs) or any(_MARK in (item.fixed or "") for item in affected.ranges)
    if not modular and not built_as_module:
        return _SAME
    said = f"the statement is about {_words(theirs, modular=built_as_module)}"
    if modular is not built_as_module:
        return Stream(Fit.OTHER, f"{said}, installed is {_words(ours, modular=modular)}")
    if theirs and ours:
        return _SAME if theirs == ours else Stream(Fit.OTHER, f"{said}, installed is module {ours}")
    if theirs:
        return Stream(Fit.UNKNOWN, f"{said}, and the stream of the installed build is not known")
    lines = {_line(item.fixed) for item in affected.ranges if item.fixed}
    if _line(component.version) in lines:
        return _SAME
    return Stream(Fit.OTHER, f"{said} of version line {', '.join(sorted(lines))}, installed is {component.version}")


def _words(stream: str, *, modular: bool) -> str:
    if stream:
        return f"module {stream}"
    return "a module build without a stated stream" if modular else "the package outside modules"


def _name_and_stream(label: str) -> str:
    """``nodejs:16`` of ``nodejs:16:8060020220...:d63f516d``."""
    return ":".join(label.split(":")[:2])


def _line(version: str) -> str:
    return version.rpartition(":")[2].partition("-")[0].partition(".")[0]
