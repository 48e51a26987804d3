"""What is remembered of a feed between two runs: its downloads, its last good data, what went wrong since."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from assay.errors import Unavailable
from assay.intel.feed import Download
from assay.intel.shelf import Count, shelf_count


class FeedState(msgspec.Struct, frozen=True, omit_defaults=True):
    """``fetched_at`` and ``data_at`` belong to the kept data; ``status`` and ``message`` to the last attempt.

    ``pending`` marks a download that was stored but not yet read.
    """

    status: str = "missing"
    message: str = ""
    fetched_at: datetime | None = None
    data_at: datetime | None = None
    validators: Mapping[str, str] = {}
    pending: bool = False


_DECODER = msgspec.json.Decoder(FeedState)


class FeedFolder:
    """``<data>/feeds/<name>``: the publisher's files as they came, what was read of them, and the state."""

    def __init__(self, data: Path, name: str) -> None:
        self.name = name
        self.folder = data / "feeds" / name
        self.files = self.folder / "files"
        self.shelf = self.folder / "records.db"
        self.fresh_shelf = self.folder / "records.new.db"
        self._state = self.folder / "state.json"

    def load(self) -> FeedState:
        """The state; that of a feed never seen when there is none or it is damaged."""
        try:
            return _DECODER.decode(self._state.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return FeedState()

    def save(self, state: FeedState) -> None:
        """Remember the state. Raises Unavailable."""
        part = self._state.with_name(self._state.name + ".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(msgspec.json.encode(state))
            part.replace(self._state)
        except OSError as error:
            raise Unavailable(f"{self._state}: cannot be written ({error.strerror})") from error

    def kept(self) -> Count | None:
        """How much the kept data hold; None when there are none."""
        return shelf_count(self.shelf)

    def previous(self, state: FeedState) -> Download | None:
        """What ``fetch`` is told of the last download."""
        if not state.validators and state.fetched_at is None:
            return None
        fetched = state.fetched_at or state.data_at
        if fetched is None or not self.files.is_dir():
            return None
        return Download(self.files, fetched, state.data_at, state.validators)


def feed_folders(data: Path) -> list[FeedFolder]:
    """All feeds that were ever read into a data folder, by name."""
    return [FeedFolder(data, path.parent.name) for path in sorted((data / "feeds").glob("*/state.json"))]
