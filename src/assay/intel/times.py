"""Publishers' dates, which come in many spellings, as aware times in UTC."""

from datetime import UTC, date, datetime


def instant(text: str | None) -> datetime | None:
    """An ISO 8601 date or time in UTC (a time without a zone is UTC); None when it is neither."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


def day(text: str | None) -> date | None:
    """The date part of an ISO 8601 date or time; None when there is none."""
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None
