"""Many versions against many ranges at once: sorted keys, and two bisections for each range.

With n distinct keys and m ranges this decides n x m range tests in (n + m) log n steps.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from assay.versions.ranges import Bounds


def spans(ordered: Sequence[bytes], bounds: Iterable[Bounds | None]) -> list[tuple[int, int]]:
    """For each bounds the half-open span of ``ordered`` (keys in ascending order) that lies within them.

    Bounds of None (a range whose versions cannot be ordered) have an empty span: they decide nothing.
    """
    end = len(ordered)
    found: list[tuple[int, int]] = []
    for entry in bounds:
        if entry is None:
            found.append((0, 0))
            continue
        low, high, inclusive = entry
        start = 0 if low is None else bisect_left(ordered, low)
        if high is None:
            stop = end
        elif inclusive:
            stop = bisect_right(ordered, high, start)
        else:
            stop = bisect_left(ordered, high, start)
        found.append((start, stop))
    return found


def hits(keys: Sequence[bytes], bounds: Sequence[Bounds | None]) -> Iterator[tuple[int, list[int]]]:
    """For each bounds that hold a key: the position of the bounds, and the positions in ``keys`` that they hold.

    The keys may come in any order and repeat; the positions of one bounds are in ascending order of their keys.
    """
    positions = sorted(range(len(keys)), key=keys.__getitem__)
    ordered = [keys[position] for position in positions]
    for place, (start, stop) in enumerate(spans(ordered, bounds)):
        if start < stop:
            yield place, positions[start:stop]
