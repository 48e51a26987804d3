"""The files inside a publisher's tar archive, streamed, within limits."""

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from assay.errors import LimitExceeded, Unreadable
from assay.intel.reading import STREAM, open_stream

_MEMBERS = 5_000_000


def tar_members(
    path: Path, wanted: Callable[[str], bool], *, limit: int = 64 << 20, total: int = 16 * STREAM
) -> Iterator[tuple[str, bytes | Unreadable]]:
    """Name and content of each wanted regular file of a tar archive, compressed or not, in its order.

    A file larger than ``limit`` bytes is Unreadable in its place. Raises Unreadable when the archive is broken and
    LimitExceeded beyond five million entries or ``total`` decompressed bytes.
    """
    with open_stream(path, total) as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for number, member in enumerate(archive):
                    if number >= _MEMBERS:
                        raise LimitExceeded(f"{path.name}: more than {_MEMBERS} entries")
                    vars(archive)["members"].clear()  # tarfile would remember every entry
                    if not member.isreg() or not wanted(member.name):
                        continue
                    if member.size > limit:
                        yield member.name, LimitExceeded(f"{member.name}: {member.size} bytes, the limit is {limit}")
                        continue
                    file = archive.extractfile(member)
                    yield member.name, file.read() if file is not None else b""
        except (tarfile.TarError, EOFError, ValueError, OSError, OverflowError) as error:
            raise Unreadable(f"{path.name}: broken tar archive ({error})") from error
