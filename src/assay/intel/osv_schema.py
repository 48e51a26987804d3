"""The OSV record format as far as it is read (https://ossf.github.io/osv-schema/)."""

import msgspec


class OsvSeverity(msgspec.Struct, frozen=True):
    """``type`` is CVSS_V2, CVSS_V3, CVSS_V4 or a vendor's scheme (Ubuntu), ``score`` a vector or a word."""

    type: str = ""
    score: str = ""


class OsvReference(msgspec.Struct, frozen=True):
    """A link and its kind (ADVISORY, FIX, WEB ...)."""

    url: str = ""
    type: str | None = "WEB"


class OsvEvent(msgspec.Struct, frozen=True):
    """One point on the timeline of a range; one of the fields is set."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


class OsvRange(msgspec.Struct, frozen=True):
    """``type`` is SEMVER, ECOSYSTEM or GIT."""

    type: str = ""
    events: list[OsvEvent] | None = None


class OsvPackage(msgspec.Struct, frozen=True):
    """The package an entry speaks of; ``ecosystem`` may carry a release (``Debian:12``)."""

    ecosystem: str = ""
    name: str = ""
    purl: str | None = None


class OsvAffected(msgspec.Struct, frozen=True):
    """One package with its affected versions; the two specific parts are left to their databases."""

    package: OsvPackage | None = None
    ranges: list[OsvRange] | None = None
    versions: list[str] | None = None
    severity: list[OsvSeverity] | None = None
    ecosystem_specific: msgspec.Raw = msgspec.Raw(b"")
    database_specific: msgspec.Raw = msgspec.Raw(b"")


class OsvRecord(msgspec.Struct, frozen=True):
    """One advisory. Publishers write null for absent, hence the many optional fields."""

    id: str
    modified: str | None = None
    published: str | None = None
    withdrawn: str | None = None
    aliases: list[str] | None = None
    upstream: list[str] | None = None
    related: list[str] | None = None
    summary: str | None = None
    details: str | None = None
    severity: list[OsvSeverity] | None = None
    affected: list[OsvAffected] | None = None
    references: list[OsvReference] | None = None
    database_specific: msgspec.Raw = msgspec.Raw(b"")


class Specific(msgspec.Struct, frozen=True):
    """What is understood of the ``database_specific`` and ``ecosystem_specific`` parts of the known databases.

    GitHub: ``severity``, ``cwe_ids``. RustSec: ``informational``, ``cvss``. Debian: ``urgency``. Ubuntu:
    ``ubuntu_priority``. SUSE and Ubuntu: ``binaries``.
    """

    severity: msgspec.Raw = msgspec.Raw(b"")
    cwe_ids: msgspec.Raw = msgspec.Raw(b"")
    informational: msgspec.Raw = msgspec.Raw(b"")
    urgency: msgspec.Raw = msgspec.Raw(b"")
    ubuntu_priority: msgspec.Raw = msgspec.Raw(b"")
    binaries: msgspec.Raw = msgspec.Raw(b"")


RECORD = msgspec.json.Decoder(OsvRecord)
_SPECIFIC = msgspec.json.Decoder(Specific)
_TEXT = msgspec.json.Decoder(str)
_TEXTS = msgspec.json.Decoder(list[str])
_BINARIES = msgspec.json.Decoder(list[dict[str, str]])
_EMPTY = Specific()


def specific(raw: msgspec.Raw) -> Specific:
    """The understood part of a free-form object; nothing where it is of another shape."""
    if len(raw) < len(b'{"":0}'):
        return _EMPTY
    try:
        return _SPECIFIC.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return _EMPTY


def text(raw: msgspec.Raw) -> str:
    """A string; empty where there is another value or none."""
    if not raw:
        return ""
    try:
        return _TEXT.decode(raw)
    except msgspec.MsgspecError:
        return ""


def texts(raw: msgspec.Raw) -> tuple[str, ...]:
    """A list of strings; empty where there is another value or none."""
    if not raw:
        return ()
    try:
        return tuple(_TEXTS.decode(raw))
    except msgspec.MsgspecError:
        return ()


def binaries(raw: msgspec.Raw) -> tuple[tuple[str, str], ...]:
    """SUSE's list of ``{binary package: fixed version}``, flattened; empty for other shapes, such as Ubuntu's."""
    if not raw:
        return ()
    try:
        entries = _BINARIES.decode(raw)
    except msgspec.MsgspecError:
        return ()
    if any("binary_name" in entry for entry in entries):
        return ()
    return tuple(dict.fromkeys(pair for entry in entries for pair in entry.items()))
