"""CVE identifiers as publishers write them (https://www.cve.org/About/Process#CVERecordLifecycle)."""

import re

_WHOLE = re.compile(r"CVE-(?:19|20)\d\d-\d{4,19}\Z", re.ASCII)
_ANYWHERE = re.compile(r"\bCVE-(?:19|20)\d\d-\d{4,19}\b", re.ASCII | re.IGNORECASE)
_CWE = re.compile(r"CWE-\d{1,5}\b", re.ASCII)


def cve_id(text: str) -> str | None:
    """The identifier in its one spelling; None when the text is not one."""
    found = text.strip().upper()
    return found if _WHOLE.match(found) else None


def cve_ids_in(text: str) -> tuple[str, ...]:
    """All identifiers in a text, in order, each once."""
    return tuple(dict.fromkeys(found.upper() for found in _ANYWHERE.findall(text)))


def cwe_ids_in(text: str) -> tuple[str, ...]:
    """All weakness identifiers (``CWE-79``) in a text, in order, each once."""
    return tuple(dict.fromkeys(_CWE.findall(text)))
