"""Where things are kept when nobody says otherwise (https://specifications.freedesktop.org/basedir-spec/)."""

import os
from pathlib import Path

from assay.errors import Invalid


def data_folder(given: Path | None) -> Path:
    """The folder of intel snapshots."""
    return given or _under("XDG_DATA_HOME", ".local/share")


def cache_folder(given: Path | None) -> Path | None:
    """The folder of what can be made anew; None for a user without a home, who can do without."""
    try:
        return given or _under("XDG_CACHE_HOME", ".cache")
    except Invalid:
        return None


def _under(variable: str, fallback: str) -> Path:
    root = os.environ.get(variable)
    try:
        return (Path(root) if root else Path.home() / fallback) / "assay"
    except RuntimeError as error:
        raise Invalid(f"this user has no home directory: set {variable}, or name the folder itself") from error
