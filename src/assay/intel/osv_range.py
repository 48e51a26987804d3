"""OSV's timelines of events as ranges (https://ossf.github.io/osv-schema/#evaluation)."""

from collections.abc import Iterable, Sequence

from assay.errors import Invalid
from assay.intel.osv_schema import OsvEvent
from assay.model.advisory import AffectedRange
from assay.model.ecosystem import Ecosystem
from assay.versions.ranges import ranges_of_events

_Event = tuple[str, str]
"""(introduced, fixed, last_affected or limit; version)."""


def ranges_of(events: Sequence[OsvEvent], ecosystem: Ecosystem) -> tuple[AffectedRange, ...]:
    """The ranges between the events of one timeline.

    Timelines that alternate between beginnings and ends, as nearly all do, are read as written; others in the
    ecosystem's order. Where a version has no order, every end closes the last beginning: such a range cannot be
    compared, but it is not lost. A timeline of ends alone begins with the first version.
    """
    timeline = [part for event in events for part in _parts(event)]
    if timeline and not any(kind == "introduced" for kind, _ in timeline):
        timeline.insert(0, ("introduced", "0"))
    if _alternates(timeline):
        return _as_written(timeline)
    try:
        return ranges_of_events(ecosystem, [{kind: version} for kind, version in timeline])
    except Invalid:
        return _as_written(timeline)


def _parts(event: OsvEvent) -> Iterable[_Event]:
    """Some publishers write a beginning and its end as one event, which the format forbids."""
    if event.introduced is not None:
        yield "introduced", event.introduced
    if event.fixed is not None:
        yield "fixed", event.fixed
    elif event.last_affected is not None:
        yield "last_affected", event.last_affected
    elif event.limit is not None and event.limit != "*":
        yield "limit", event.limit


def _alternates(timeline: Sequence[_Event]) -> bool:
    return all(
        kind == "introduced" if at % 2 == 0 else kind in {"fixed", "last_affected"}
        for at, (kind, _) in enumerate(timeline)
    )


def _as_written(timeline: Iterable[_Event]) -> tuple[AffectedRange, ...]:
    found: list[AffectedRange] = []
    start: str | None = None
    for kind, version in timeline:
        if kind == "introduced":
            start = version if start is None else start
        elif start is not None:
            last = version if kind == "last_affected" else None
            found.append(AffectedRange(start, None if last is not None else version, last))
            start = None
    if start is not None:
        found.append(AffectedRange(start))
    return tuple(found)
