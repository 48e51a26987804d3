"""Publishers' own severity words, and which rating each stands for."""

import re
from collections.abc import Mapping

from assay.model.report import Severity

_FIRST = re.compile(r"[a-z0-9]+(?:[ _-]+[a-z0-9]+)*")
_SEPARATORS = re.compile(r"[ _-]+")

WORDS: Mapping[str, Severity] = {
    # https://ubuntu.com/security/cves/about#priority
    "untriaged": Severity.UNTRIAGED,
    "negligible": Severity.INFORMATIONAL,
    "low": Severity.LOW,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
    # https://security-team.debian.org/security_tracker.html#severity-levels
    "unimportant": Severity.INFORMATIONAL,
    "not yet assigned": Severity.UNTRIAGED,
    "end of life": Severity.UNTRIAGED,
    # https://access.redhat.com/security/updates/classification, also Oracle, AlmaLinux, Rocky, SUSE, Amazon Linux
    "moderate": Severity.MEDIUM,
    "important": Severity.HIGH,
    # Amazon Linux updateinfo, Arch and Photon
    "severe": Severity.CRITICAL,
    "unknown": Severity.UNTRIAGED,
    "unspecified": Severity.UNTRIAGED,
    "undefined": Severity.UNTRIAGED,
    "pending": Severity.UNTRIAGED,
    # CVSS 3 and 4 call a score of 0 "None"; NVD, GitHub and RustSec write it as a word
    "none": Severity.INFORMATIONAL,
    "info": Severity.INFORMATIONAL,
    "informational": Severity.INFORMATIONAL,
    "minor": Severity.LOW,
    "major": Severity.HIGH,
}
"""Lower-case words with single spaces."""


def rating_of_word(word: str) -> Severity:
    """The rating a publisher's word stands for; UNTRIAGED for an empty or unknown word.

    Case, ``_`` and ``-`` do not matter, nor does what follows the word: Debian marks a guess with stars
    (``medium**``), and some feeds write ``Important: kernel security update``.
    """
    found = _FIRST.match(word.strip().lower()[:64])
    return WORDS.get(_SEPARATORS.sub(" ", found[0]), Severity.UNTRIAGED) if found else Severity.UNTRIAGED
