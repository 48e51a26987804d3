"""Which sources of a snapshot deserve a word: those that were there and could not be read."""

from assay.model.report import IntelSource

_NO_NEWS = ("not in the mirror", "has none of the files", "never read")


def never_offered(source: IntelSource) -> bool:
    """Whether a source is missing because it was never asked for or its mirror does not hold it, which is no news."""
    no_news = not source.message or any(words in source.message for words in _NO_NEWS)
    return source.status == "missing" and no_news


def broken(source: IntelSource) -> bool:
    """Whether a source could not be read, with or without former data to fall back on."""
    return source.status != "ok" and not never_offered(source)
