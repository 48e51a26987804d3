"""How much hostile or broken input may cost before reading stops; every hit is reported, never silent."""

import time
from dataclasses import dataclass

from assay.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for reading one tree (one layer, one directory, one archive); generous for honest input.

    ``entries`` counts names. ``file_size`` bounds a file that is opened, ``raw_bytes`` the decompressed bytes of the
    tree, ``metadata_bytes`` one manifest, configuration or extended header, ``spool_bytes`` what may be written to a
    temporary file; all in bytes. ``ratio`` bounds decompressed against compressed bytes once more than ``ratio_from``
    bytes were decompressed. ``nesting`` is how deep image indexes may lie in one another. ``seconds`` is the wall time
    of reading one tree.
    """

    entries: int = 5_000_000
    file_size: int = 2 << 30
    raw_bytes: int = 64 << 30
    metadata_bytes: int = 16 << 20
    spool_bytes: int = 32 << 30
    ratio: int = 500
    ratio_from: int = 1 << 30
    nesting: int = 8
    seconds: float = 3600.0


DEFAULT_LIMITS = Limits()


class Meter:
    """Counts what reading one tree has cost so far and raises ``LimitExceeded`` when a bound is passed."""

    __slots__ = ("_deadline", "_limits", "_name", "raw")

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._deadline = time.monotonic() + limits.seconds
        self.raw = 0

    def decompressed(self, count: int, consumed: int) -> None:
        """Note ``count`` more decompressed bytes after ``consumed`` compressed ones."""
        limits = self._limits
        self.raw += count
        if self.raw > limits.raw_bytes:
            raise LimitExceeded(f"{self._name}: more than {limits.raw_bytes} bytes after decompression")
        if self.raw > limits.ratio_from and self.raw > limits.ratio * max(consumed, 1):
            raise LimitExceeded(
                f"{self._name}: {consumed} compressed bytes became {self.raw}, more than {limits.ratio} to 1"
            )
        self.check_time()

    def check_time(self) -> None:
        """Raise when the time for this tree is used up."""
        if time.monotonic() > self._deadline:
            raise LimitExceeded(f"{self._name}: reading took longer than {self._limits.seconds:g} s")

    def check_entries(self, count: int) -> None:
        """Raise when the tree has more names than allowed; looks at the clock now and then."""
        if count > self._limits.entries:
            raise LimitExceeded(f"{self._name}: more than {self._limits.entries} entries")
        if not count & 0x3FF:
            self.check_time()
