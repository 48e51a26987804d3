"""Debian's security tracker (https://security-tracker.debian.org/tracker/data/json).

OSV's Debian records have the fixed versions of the same tracker. This feed adds what they lack: issues nobody has
decided (undetermined), packages that were never affected, and why an open issue stays open (postponed, ignored,
end of life), with Debian's urgency words.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id
from assay.intel.feed import Covers, Download, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_files
from assay.intel.reading import decode, read_whole
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState, Reference
from assay.model.ecosystem import Ecosystem, os_scope
from assay.model.purl import release_of

_URL = "https://security-tracker.debian.org/tracker/data/json"
_FILE = "tracker.json"
_LIMIT = 1 << 30
_SUFFIXES = ("-security", "-lts")


class _Release(msgspec.Struct):
    status: str = ""
    fixed_version: str = ""
    urgency: str = ""
    nodsa: str = ""
    nodsa_reason: str = ""


class _Issue(msgspec.Struct):
    description: str = ""
    releases: dict[str, _Release] = {}


_TRACKER = msgspec.json.Decoder(dict[str, dict[str, msgspec.Raw]])
_ISSUE = msgspec.json.Decoder(_Issue)


class DebianTracker:
    """The feed ``debian``: one Advisory ``DEBIAN-CVE-...`` per issue, on source packages.

    Debian's word on an issue and a release becomes a state: ``resolved`` with a version FIXED, with version ``0`` (no
    version of the release ever had the flaw) NOT_AFFECTED; ``open`` UNFIXED, or WILL_NOT_FIX when ignored,
    FIX_DEFERRED when postponed, END_OF_LIFE when the package is out of support; ``undetermined`` UNDETERMINED.
    ``sid``, which has no number, is the scope ``debian:sid``.
    """

    name = "debian"
    urls = (_URL,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the whole tracker."""
        return fetch_files(transport, into, previous, now, (RemoteFile(_URL, _FILE, _LIMIT),))

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Issues by id, each with all its packages."""
        tracker = decode(_TRACKER, read_whole(folder / _FILE, _LIMIT), _FILE)
        issues: dict[str, list[tuple[str, msgspec.Raw]]] = {}
        for package, entries in tracker.items():
            for identifier, raw in entries.items():
                issues.setdefault(identifier, []).append((package, raw))
        scopes: set[str] = set()
        for identifier in sorted(issues):
            description, affected = "", list[AffectedPackage]()
            for package, raw in issues[identifier]:
                place = f"{_FILE}: {package} {identifier}"
                try:
                    issue = decode(_ISSUE, raw, place)
                except Unreadable as error:
                    yield Malformed(place, str(error))
                    continue
                description = description or issue.description
                affected.extend(_affected(package, issue))
            scopes.update(package.scope for package in affected)
            yield _advisory(identifier, description, affected)
        yield from (Covers(scope) for scope in sorted(scopes))


def _advisory(identifier: str, description: str, affected: list[AffectedPackage]) -> Advisory:
    cve = cve_id(identifier)
    page = f"https://security-tracker.debian.org/tracker/{identifier}"
    return Advisory(
        id=f"DEBIAN-{cve}" if cve else identifier,
        source=DebianTracker.name,
        affected=tuple(affected),
        cves=(cve,) if cve else (),
        details=description,
        references=(Reference(page, "ADVISORY"),),
    )


def _affected(package: str, issue: _Issue) -> Iterator[AffectedPackage]:
    for codename, release in issue.releases.items():
        for suffix in _SUFFIXES:
            codename = codename.removesuffix(suffix)
        known = ("debian", "sid") if codename == "sid" else release_of(codename)
        if known is None or known[0] != "debian":
            continue
        state = _state(release)
        fixed = release.fixed_version if state is FixState.FIXED else None
        yield AffectedPackage(
            ecosystem=Ecosystem.DEB.value,
            scope=os_scope(*known),
            name=package,
            ranges=() if state is FixState.NOT_AFFECTED else (AffectedRange(fixed=fixed),),
            state=state,
            severity=release.urgency,
            status_text=_words(release),
            source=True,
        )


def _state(release: _Release) -> FixState:
    if release.status == "resolved" and release.fixed_version:
        return FixState.NOT_AFFECTED if release.fixed_version == "0" else FixState.FIXED
    if release.status == "undetermined":
        return FixState.UNDETERMINED
    if release.urgency == "end-of-life":
        return FixState.END_OF_LIFE
    reasons = {"ignored": FixState.WILL_NOT_FIX, "postponed": FixState.FIX_DEFERRED}
    return reasons.get(release.nodsa_reason, FixState.UNFIXED)


def _words(release: _Release) -> str:
    words = f"{release.status}, {release.nodsa_reason}" if release.nodsa_reason else release.status
    return f"{words}: {release.nodsa}" if release.nodsa else words
