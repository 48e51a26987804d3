"""What most feeds do to fetch: get a list of files, each only when it changed, into one folder."""

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import unquote

from assay.errors import NotFound, Unavailable, Unreadable
from assay.intel.feed import Download, Transport


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """``url`` is stored as ``name`` (a relative path) in the feed's folder, at most ``limit`` bytes of it.

    An ``optional`` file may be missing at the publisher.
    """

    url: str
    name: str
    limit: int
    optional: bool = False


@runtime_checkable
class Listing(Protocol):
    """A transport that knows what it holds: a mirror that is a folder."""

    def listing(self, url: str, /) -> list[str]:
        """The addresses of all files below ``url``, which ends with ``/``."""


def listed_files(transport: Transport, url: str, limit: int) -> tuple[RemoteFile, ...]:
    """What a mirror folder holds below ``url``, each under its own relative path; nothing for other transports."""
    if not isinstance(transport, Listing):
        return ()
    found = transport.listing(url)
    return tuple(RemoteFile(address, unquote(address.removeprefix(url)), limit) for address in found)


def fetch_files(
    transport: Transport,
    into: Path,
    previous: Download | None,
    now: datetime,
    files: Iterable[RemoteFile],
    *,
    dated: Callable[[Path], datetime | None] = lambda _folder: None,
) -> Download:
    """Bring ``into`` up to date with the publisher.

    Unchanged files are kept (linked or copied when ``previous`` lies in another folder). ``dated`` reads the
    publisher's date of the data from the folder. Raises what the transport raises, NotFound too when every file is
    optional and none is there; validators of files already stored are then lost, so that they are read again.
    """
    validators: dict[str, str] = {}
    changed = previous is None
    present = 0
    for file in files:
        target = into / file.name
        known = _known(previous, file.name)
        try:
            fresh = transport.get(file.url, target, validators=known, limit=file.limit)
        except NotFound:
            if not file.optional:
                raise
            changed |= bool(known)
            target.unlink(missing_ok=True)
            continue
        present += 1
        if fresh is None:
            _keep(previous, file.name, into)
            fresh = known
        else:
            changed = True
        validators |= _remember(file.name, fresh, target)
    if not present:
        raise NotFound(f"{into.name}: the publisher has none of the files")
    try:
        data_at = dated(into)
    except Unreadable:
        data_at = None
    return Download(into, fetched_at=now, data_at=data_at, validators=validators, changed=changed)


def fetch_listed(
    transport: Transport,
    into: Path,
    previous: Download | None,
    now: datetime,
    files: Collection[RemoteFile],
    *,
    dated: Callable[[Path], datetime | None] = lambda _folder: None,
) -> Download:
    """Like ``fetch_files`` for all files there are: what else an earlier fetch left is removed, also when nothing is
    remembered of that fetch because its files could not be read.
    """
    gone = _forget(into, {file.name for file in files})
    download = fetch_files(transport, into, previous, now, files, dated=dated)
    return replace(download, changed=download.changed or gone)


def _forget(into: Path, names: Collection[str]) -> bool:
    """Remove files that are not of the list, but for parts of unfinished downloads; whether there were any."""
    stored = [path for path in into.rglob("*") if path.is_file() and ".part" not in path.name]
    gone = [path for path in stored if path.relative_to(into).as_posix() not in names]
    for path in gone:
        path.unlink(missing_ok=True)
    return bool(gone)


def _known(previous: Download | None, name: str) -> dict[str, str]:
    """The validators of a file, none when the file on disk is not the one they were given for."""
    if previous is None:
        return {}
    prefix = f"{name}|"
    known = {key.removeprefix(prefix): value for key, value in previous.validators.items() if key.startswith(prefix)}
    try:
        size = (previous.folder / name).stat().st_size
    except OSError:
        return {}
    return known if known.pop("size", "") == str(size) else {}


def _remember(name: str, validators: Mapping[str, str], target: Path) -> dict[str, str]:
    size = {"size": str(target.stat().st_size)}
    return {f"{name}|{key}": value for key, value in {**validators, **size}.items() if key != "next"}


def _keep(previous: Download | None, name: str, into: Path) -> None:
    """Have an unchanged file in the new folder as well."""
    target = into / name
    if previous is None or previous.folder == into or target.exists():
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.hardlink_to(previous.folder / name)
        except OSError:
            shutil.copyfile(previous.folder / name, target)
    except OSError as error:
        raise Unavailable(f"{target}: cannot be written ({error.strerror})") from error
