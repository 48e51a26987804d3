"""Where things are kept when nobody says otherwise (https://specifications.freedesktop.org/basedir-spec/)."""

import os
from pathlib import Path


def data_folder(given: Path | None) -> Path:
    """The folder of intel snapshots."""
    return given or _under("XDG_DATA_HOME", ".local/share")


def cache_folder(given: Path | None) -> Path:
    """The folder of what can be made anew."""
    return given or _under("XDG_CACHE_HOME", ".cache")


def _under(variable: str, fallback: str) -> Path:
    root = os.environ.get(variable)
    return (Path(root) if root else Path.home() / fallback) / "assay"
