"""What the readers of executable formats have in common: named sections, and memory that is backed by the file."""

from collections.abc import Sequence
from dataclasses import dataclass

from assay.extract.window import Window


@dataclass(frozen=True, slots=True)
class Part:
    """A section or segment: ``size`` bytes at ``offset`` of the file, seen at ``address`` by the running program.

    ``data`` is whether the program may write it and not execute it.
    """

    name: str
    offset: int
    size: int
    address: int
    data: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """An executable: its named sections, and the segments that are loaded."""

    window: Window
    sections: Sequence[Part]
    segments: Sequence[Part]

    def section(self, *names: str) -> Part | None:
        """The first section with one of these names."""
        return next((part for part in self.sections if part.name in names), None)

    def content(self, part: Part, limit: int) -> bytes:
        """The part's bytes in the file, at most ``limit``."""
        return self.window.read(part.offset, min(part.size, limit))

    def at(self, address: int, length: int) -> bytes:
        """The bytes that the program sees at ``address``; fewer, or none, where the file does not back them."""
        for part in self.segments:
            inside = address - part.address
            if 0 <= inside < part.size:
                return self.window.read(part.offset + inside, min(length, part.size - inside))
        return b""
