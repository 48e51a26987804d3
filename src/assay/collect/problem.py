"""What a tree could not show: kept beside its entries, so that the rest can be used and the gap is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from assay.model.tree import Tree


@dataclass(frozen=True, slots=True, order=True)
class TreeProblem:
    """One place of a tree that could not be read. ``path`` is empty when no path can be named.

    ``kind`` is ``unreadable`` or ``limit``, as in ``ExtractError``.
    """

    path: str
    message: str
    kind: str = "unreadable"


class ReadableTree(Tree, Protocol):
    """A tree that remembers what it could not show; ``problems`` grows while ``entries`` is consumed.

    ``complete`` turns true when ``entries`` came to its end and, where a digest was to be verified, that was right:
    only then does what was read stand for the whole tree and may be kept under its digest.
    """

    @property
    def problems(self) -> Sequence[TreeProblem]: ...
    @property
    def complete(self) -> bool: ...


class ProblemList:
    """Problems in the order they were met; a hostile tree cannot make the list grow without bound."""

    MOST = 1000

    __slots__ = ("_more", "items")

    def __init__(self) -> None:
        self.items: list[TreeProblem] = []
        self._more = 0

    def add(self, path: str, message: str, kind: str = "unreadable") -> None:
        """Remember a problem; past ``MOST`` only their number is kept, in the last item."""
        if len(self.items) < self.MOST:
            self.items.append(TreeProblem(path, message, kind))
            return
        self._more += 1
        self.items[self.MOST :] = [TreeProblem("", f"{self._more} more problems of this tree are not listed")]
