"""OSV's timelines of events as ranges (https://ossf.github.io/osv-schema/#evaluation)."""

from collections.abc import Iterable, Sequence

from assay.errors import Invalid
from assay.intel.osv_schema import OsvEvent
from assay.model.advisory import AffectedRange
from assay.model.ecosystem import Ecosystem
from assay.versions.registry import version_key


def ranges_of(events: Sequence[OsvEvent], ecosystem: Ecosystem) -> tuple[AffectedRange, ...]:
    """The ranges between the events of one timeline.

    Timelines that alternate between beginnings and ends are read as written. Others are put into the ecosystem's
    order first; where a version has no order, every end closes the last beginning.
    """
    events = [part for event in events for part in _single(event)]
    if not _alternates(events):
        events = _ordered(events, ecosystem)
    found: list[AffectedRange] = []
    start: str | None = None
    for event in events:
        if event.introduced is not None:
            start = event.introduced if start is None else start
        elif start is not None and not _is_endless(event):
            found.append(_closed(start, event))
            start = None
    if start is not None:
        found.append(AffectedRange(introduced=start))
    return tuple(found)


def _closed(start: str, event: OsvEvent) -> AffectedRange:
    if event.last_affected is not None:
        return AffectedRange(introduced=start, last_affected=event.last_affected)
    return AffectedRange(introduced=start, fixed=event.fixed if event.fixed is not None else event.limit)


def _single(event: OsvEvent) -> tuple[OsvEvent, ...]:
    """Some publishers write a beginning and its end as one event, which the format forbids."""
    if event.introduced is None or _is_endless(event):
        return (event,)
    end = OsvEvent(fixed=event.fixed, last_affected=event.last_affected, limit=event.limit)
    return (OsvEvent(introduced=event.introduced), end)


def _is_endless(event: OsvEvent) -> bool:
    """``limit: "*"`` says that there is no limit; an event without any field says nothing."""
    return event.fixed is None and event.last_affected is None and event.limit in {None, "*"}


def _alternates(events: Iterable[OsvEvent]) -> bool:
    expects_start = True
    for event in events:
        if (event.introduced is not None) is not expects_start:
            return False
        expects_start = not expects_start
    return True


def _ordered(events: Sequence[OsvEvent], ecosystem: Ecosystem) -> Sequence[OsvEvent]:
    """By version; at the same version a fix comes before a beginning and a last affected version after it."""

    def key(event: OsvEvent) -> tuple[bytes, int]:
        if event.introduced is not None:
            return (b"" if event.introduced == "0" else version_key(ecosystem, event.introduced), 1)
        if event.last_affected is not None:
            return (version_key(ecosystem, event.last_affected), 2)
        return (version_key(ecosystem, event.fixed or event.limit or ""), 0)

    timed = [event for event in events if event.introduced is not None or not _is_endless(event)]
    if timed and not any(event.introduced is not None for event in timed):
        timed.insert(0, OsvEvent(introduced="0"))
    try:
        return sorted(timed, key=key)
    except Invalid:
        return timed
