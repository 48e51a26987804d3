"""Why something is set aside, before it is known what: the common answer of all rules."""

from dataclasses import dataclass
from datetime import date

from assay.model.match import Reason


@dataclass(frozen=True, slots=True)
class Setting:
    """The reason with its detail, and the day on which it ends (the last one on which it holds)."""

    reason: Reason
    detail: str
    expires: date | None = None
