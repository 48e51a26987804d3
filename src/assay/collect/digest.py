"""Content digests: their form, and checking that bytes are what their digest says."""

import hashlib
import re
import threading

from assay.collect.stream import FileSlice
from assay.errors import Unreadable

_FORM = re.compile(r"(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})\Z")
_PIECE = 1 << 20


def is_digest(text: str) -> bool:
    """Whether ``text`` is ``algorithm:hex`` with an algorithm and a length that image formats allow."""
    return _FORM.match(text) is not None


def check_bytes(data: bytes, digest: str, place: str) -> None:
    """Raise ``Unreadable`` unless ``digest`` is well formed and that of ``data``."""
    running = RunningDigest(digest, place)
    running.update(data)
    running.check()


class RunningDigest:
    """A digest over bytes as they pass; ``check`` compares it with the expected one."""

    def __init__(self, expected: str, place: str) -> None:
        if not is_digest(expected):
            raise Unreadable(f"{place}: {expected[:100]!r} is not a digest")
        self._expected = expected
        self._place = place
        self._hash = hashlib.new(expected.partition(":")[0])
        self.update = self._hash.update

    def check(self) -> None:
        """Raise ``Unreadable`` when the bytes were not the expected ones."""
        found = f"{self._hash.name}:{self._hash.hexdigest()}"
        if found != self._expected:
            raise Unreadable(f"{self._place}: the content's digest is {found}, {self._expected} was stated")


class FileDigest:
    """The digest of a part of a file, computed beside other work: hashing releases the interpreter."""

    def __init__(self, path: str, offset: int, length: int, digest: RunningDigest) -> None:
        self._digest = digest
        self._stopped = False
        self._error: Unreadable | None = None
        self._slice = FileSlice(path, offset, length)
        self._thread: threading.Thread | None = None
        if length > _PIECE:
            self._thread = threading.Thread(target=self._run, name="digest", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        piece = bytearray(_PIECE)
        view = memoryview(piece)
        try:
            while not self._stopped and (count := self._slice.readinto(view)):
                self._digest.update(view[:count])
        except OSError as error:
            self._error = Unreadable(f"{self._slice.path}: {error}")

    def check(self) -> None:
        """Wait for the digest; raises ``Unreadable`` when it is not the expected one."""
        if self._thread is None:
            self._run()
        else:
            self._thread.join()
        if self._error is not None:
            raise self._error
        self._digest.check()

    def close(self) -> None:
        """Stop when nobody waits for the answer any more."""
        self._stopped = True
        if self._thread is not None:
            self._thread.join()
        self._slice.close()
