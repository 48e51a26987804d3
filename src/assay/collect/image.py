"""An image: its identity, its platform, and its layers, each of which opens as a tree."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.collect.compression import Compression, decompressed, detect
from assay.collect.digest import FileDigest, RunningDigest, is_digest
from assay.collect.limits import DEFAULT_LIMITS, Limits, Meter
from assay.collect.stream import FileSlice, Reader, Source
from assay.collect.tarwalk import TarTree

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. ``diff_id`` is the digest of the uncompressed archive as the image's configuration states it,
    ``digest`` and ``size`` are those of the stored bytes (``""`` where the container does not state a digest).

    ``source`` opens the stored bytes anew each time, in any process. With ``self_checking`` it verifies the digest
    itself and raises at its end. ``created_by`` is the command that made the layer, where known.
    """

    diff_id: str
    digest: str
    size: int
    media_type: str
    source: Callable[[], Source]
    created_by: str = ""
    self_checking: bool = False

    @property
    def key(self) -> str:
        """The digest that ``open_tree`` verifies, hence the key under which results of this layer can be kept."""
        return self.digest or self.diff_id

    @contextmanager
    def open_tree(self, limits: Limits = DEFAULT_LIMITS, *, verify: bool = True) -> Iterator[TarTree]:
        """The layer's entries, whiteouts included.

        At the end of ``entries`` the digest is compared and ``Unreadable`` raised when it is wrong; until then the
        bytes are only claimed to be what the image says. ``verify=False`` leaves that out.
        """
        name = f"layer {self.key}"
        with ExitStack() as stack:
            source = stack.enter_context(self.source())
            at_end: Callable[[], None] | None = None
            reader: Reader
            if isinstance(source, FileSlice) and verify and self.digest:
                check = FileDigest(source.path, source.offset, source.length, RunningDigest(self.digest, name))
                stack.callback(check.close)
                at_end = check.check
            if isinstance(source, FileSlice) and detect(source.read_at(0, 6)) is Compression.NONE:
                reader = source
            else:
                reader = decompressed(source, name, Meter(name, limits))
            if verify and not self.digest and is_digest(self.diff_id):
                reader = hashing = _HashingReader(reader, RunningDigest(self.diff_id, name))
                at_end = hashing.finish
            elif self.self_checking:
                at_end = lambda: _drain(source)  # noqa: E731
            yield TarTree(reader, name, layer=True, limits=limits, at_end=at_end)


@dataclass(frozen=True, slots=True)
class Image:
    """``name`` is how it was asked for, ``digest`` that of its manifest ("" when it has none), ``platform`` in the
    form ``linux/arm64/v8``; ``layers`` go from the lowest to the highest. ``notices`` tell what was passed over.
    """

    name: str
    digest: str
    config_digest: str
    platform: str
    tags: tuple[str, ...]
    layers: Sequence[Layer]
    notices: tuple[str, ...] = ()


class _HashingReader:
    """Passes bytes on and hashes them, for layers that state only the digest of their uncompressed form."""

    def __init__(self, reader: Reader, digest: RunningDigest) -> None:
        self._reader = reader
        self._digest = digest

    def readinto(self, buffer: "Buffer", /) -> int:
        view = memoryview(buffer)
        count = self._reader.readinto(view) or 0
        self._digest.update(view[:count])
        return count

    def finish(self) -> None:
        """Read what follows the archive's end mark and compare."""
        _drain(self)
        self._digest.check()


def _drain(reader: Reader) -> None:
    view = memoryview(bytearray(256 << 10))
    while reader.readinto(view):
        pass
