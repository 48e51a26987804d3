"""The one clock of the command line's use cases."""

import os
from datetime import UTC, datetime

from assay.errors import Invalid


def clock() -> datetime:
    """Now, to the second; SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/) overrides it."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid(f"SOURCE_DATE_EPOCH is no number of seconds: {text!r}") from error
