"""Which version closes a vulnerability, and what its publisher says about a fix."""

from collections.abc import Iterator, Sequence

from assay.match.statement import Outcome, Tested, contains, is_open_ended, key_of
from assay.model.advisory import FixState
from assay.model.ecosystem import Ecosystem

_MOST_FINAL_FIRST = (FixState.END_OF_LIFE, FixState.WILL_NOT_FIX, FixState.FIX_DEFERRED)


def fix_of(ecosystem: Ecosystem, deciding: Sequence[Tested]) -> tuple[FixState, str]:
    """State and fixing version for a vulnerability whose ``deciding`` statements were all tested on one component.

    The version is the lowest that any of the statements names as a fix, that is greater than the installed one and
    that none of them calls affected: with ``< 1.5`` and ``>= 1.4, < 1.6`` together not 1.5 closes it but 1.6. Without
    one the state is the most final word of those that hold, else UNFIXED. Where those that hold only name the last
    affected version, or list versions, later ones are not affected but none is named: UNDETERMINED.
    """
    fix = min(_fixes(ecosystem, deciding), default=None)
    if fix is not None:
        return FixState.FIXED, fix[1]
    holding = [item for item in deciding if item.outcome is Outcome.HOLDS]
    said = {item.candidate.affected.state for item in holding}
    unnamed = FixState.UNFIXED if any(is_open_ended(ecosystem, item) for item in holding) else FixState.UNDETERMINED
    return next((state for state in _MOST_FINAL_FIRST if state in said), unnamed), ""


def _fixes(ecosystem: Ecosystem, deciding: Sequence[Tested]) -> Iterator[tuple[bytes, str]]:
    """Versions that close it, with their keys. Only statements on the same version are compared: one on the source
    package says nothing about the versions of the binary one.
    """
    view = next(item.view for item in deciding if item.outcome is Outcome.HOLDS)
    installed = key_of(ecosystem, view.version)
    if installed is None:
        return
    peers = [item.candidate for item in deciding if item.view == view]
    named = {part.fixed for candidate in peers for part in candidate.affected.ranges}
    for version in sorted(version for version in named if version is not None):
        key = key_of(ecosystem, version)
        if key is None or key <= installed:
            continue
        if not any(contains(candidate, ecosystem, version, key) for candidate in peers):
            yield key, version
