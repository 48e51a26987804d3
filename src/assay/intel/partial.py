"""A download in progress: the bytes so far beside the target, and what is needed to continue them."""

import contextlib
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import msgspec

from assay.errors import Unavailable


class _Note(msgspec.Struct, frozen=True):
    """Which body the bytes belong to; ``validator`` goes into If-Range."""

    url: str
    validator: str


class PartFile:
    """``<target>.part`` with ``<target>.part.json``; they survive a failed run and are continued by the next.

    A part is continued only for the same address and only with a strong validator (RFC 9110 section 13.1.5), so
    bytes of two different bodies never mix.
    """

    def __init__(self, target: Path, url: str) -> None:
        self._target = target
        self._url = url
        self.path = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")
        self._append = False

    def range_headers(self) -> dict[str, str]:
        """Headers that ask for the rest, empty when there is nothing to continue."""
        note = self._read_note()
        size = self._size()
        if note is None or not size or note.url != self._url or not note.validator:
            return {}
        return {"Range": f"bytes={size}-", "If-Range": note.validator}

    def continues(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether an answer fits what was asked: not another part of the body than the missing one."""
        if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return False
        if status != HTTPStatus.PARTIAL_CONTENT:
            return True
        size = self._size()
        return bool(size) and headers.get("content-range", "").startswith(f"bytes {size}-")

    def begin(self, status: int, headers: Mapping[str, str], *, resumable: bool) -> int:
        """Prepare to store an answer that ``continues``; how many bytes are already there."""
        self._append = status == HTTPStatus.PARTIAL_CONTENT
        if self._append:
            return self._size()
        self.discard()
        validator = _strong_validator(headers) if resumable else ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if validator:
                self._note.write_bytes(msgspec.json.encode(_Note(self._url, validator)))
        except OSError as error:
            raise Unavailable(f"{self.path.parent}: cannot be written ({error.strerror})") from error
        return 0

    def open(self) -> BinaryIO:
        """The part, to write at its end."""
        try:
            return self.path.open("ab" if self._append else "wb")
        except OSError as error:
            raise Unavailable(f"{self.path}: cannot be written ({error.strerror})") from error

    def finish(self) -> None:
        """Put the complete body in the target's place, in one step."""
        try:
            self.path.replace(self._target)
            self._note.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"{self._target}: cannot be written ({error.strerror})") from error

    def discard(self) -> None:
        """Forget the bytes so far."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
            self._note.unlink(missing_ok=True)

    def _size(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def _read_note(self) -> _Note | None:
        try:
            return msgspec.json.decode(self._note.read_bytes(), type=_Note)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None


def _strong_validator(headers: Mapping[str, str]) -> str:
    etag = headers.get("etag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return headers.get("last-modified", "") if not etag else ""
