"""Ubuntu's word on packages that have no fix, in its VEX documents and its CVE tracker.

OSV's Ubuntu records have the fixed versions and most open issues, and are what a scan of Ubuntu rests on. This feed
adds what they lack: packages that are not affected, not yet assessed, deferred, ignored or out of support.
https://documentation.ubuntu.com/security/security-updates/vex-data/
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from assay.errors import Invalid, Unreadable
from assay.intel.cve_id import cve_id
from assay.intel.feed import Download, Malformed, Record, Transport
from assay.intel.fetching import RemoteFile, fetch_listed, listed_files
from assay.intel.reading import decode, read_whole
from assay.intel.tars import tar_members
from assay.intel.times import instant
from assay.intel.ubuntu_tracker import read_tracker, scope_of_release
from assay.intel.zips import is_zip, zip_members
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState, Reference
from assay.model.ecosystem import Ecosystem
from assay.model.purl import parse_purl

_URL = "https://security-metadata.canonical.com/vex/"
_FILE = "vex-all.tar.xz"
_LIMIT = 8 << 30
_DOCUMENT = 128 << 20


class _Vulnerability(msgspec.Struct):
    name: str = ""
    description: str = ""


class _Product(msgspec.Struct):
    id: str = msgspec.field(name="@id", default="")


class _Statement(msgspec.Struct):
    vulnerability: _Vulnerability
    products: list[_Product] = []
    status: str = ""
    justification: str = ""
    action: str = msgspec.field(name="action_statement", default="")
    impact: str = msgspec.field(name="impact_statement", default="")
    timestamp: str = ""


class _Document(msgspec.Struct):
    statements: list[_Statement]
    timestamp: str = ""


_DOCUMENTS = msgspec.json.Decoder(_Document)
_ACTIONS = (
    ("decided to not fix", FixState.WILL_NOT_FIX),
    ("will not be fixed", FixState.WILL_NOT_FIX),
    ("no longer supported", FixState.END_OF_LIFE),
    ("end of", FixState.END_OF_LIFE),
    ("deferred", FixState.FIX_DEFERRED),
    ("postponed", FixState.FIX_DEFERRED),
)


class Ubuntu:
    """The feed ``ubuntu``: one Advisory ``UBUNTU-CVE-...`` per document, on source packages.

    Documents are OpenVEX (``vex-all.tar.xz`` or single files) or files of the CVE tracker (in a zip archive); a
    mirror folder may hold both under ``ubuntu/`` and ``ubuntu-cve-tracker/``. VEX calls a package fixed by the
    version that is current, not by the one that brought the fix, so its ``fixed`` is left to OSV. The feed claims no
    release to be complete.
    """

    name = "ubuntu"
    urls = (_URL + _FILE,)

    def fetch(self, transport: Transport, into: Path, previous: Download | None, now: datetime, /) -> Download:
        """Get the archive of all VEX documents."""
        files = listed_files(transport, _URL, _LIMIT) or (RemoteFile(_URL + _FILE, _FILE, _LIMIT),)
        return fetch_listed(transport, into, previous, now, files)

    def parse(self, folder: Path, /) -> Iterator[Record]:
        """Documents in the order of the files; of two on the same flaw the first is kept."""
        seen: set[str] = set()
        for place, data in _documents(folder):
            try:
                if isinstance(data, Unreadable):
                    raise data
                advisory = _read_vex(data, place) if place.endswith(".json") else read_tracker(data, place, self.name)
            except Unreadable as error:
                yield Malformed(place, str(error))
                continue
            if advisory.id not in seen and advisory.affected:
                seen.add(advisory.id)
                yield advisory


def _documents(folder: Path) -> Iterator[tuple[str, bytes | Unreadable]]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and ".part" not in path.name)
    if not paths:
        raise Unreadable(f"{folder.name}: no documents")
    for path in paths:
        if ".tar" in path.name:
            yield from tar_members(path, _is_vex, limit=_DOCUMENT)
        elif is_zip(path):
            yield from zip_members(path, _is_tracker, limit=_DOCUMENT)
        elif _is_vex(path.name):
            yield path.name, read_whole(path, _DOCUMENT)


def _is_vex(name: str) -> bool:
    base = name.rpartition("/")[2]
    return base.startswith("CVE-") and base.endswith(".json")


def _is_tracker(name: str) -> bool:
    return cve_id(name.rpartition("/")[2]) is not None


def _read_vex(data: bytes, place: str) -> Advisory:
    document = decode(_DOCUMENTS, data, place)
    first = document.statements[0].vulnerability if document.statements else _Vulnerability()
    identifier = cve_id(first.name)
    if identifier is None:
        raise Unreadable(f"{place}: names no CVE")
    affected = dict.fromkeys(package for one in document.statements for package in _affected(one))
    return Advisory(
        id=f"UBUNTU-{identifier}",
        source=Ubuntu.name,
        affected=tuple(affected),
        cves=(identifier,),
        details=first.description,
        references=(Reference(f"https://ubuntu.com/security/{identifier}", "ADVISORY"),),
        published=instant(document.statements[0].timestamp),
        modified=instant(document.timestamp),
    )


def _affected(statement: _Statement) -> Iterator[AffectedPackage]:
    """Source packages only; a package that the release does not have is no statement."""
    state = _state(statement)
    if state is None:
        return
    for product in statement.products:
        if "arch=source" not in product.id:
            continue
        try:
            purl = parse_purl(product.id)
        except Invalid:
            continue
        scope = scope_of_release(purl.qualifiers.get("distro", ""))
        if scope:
            yield AffectedPackage(
                ecosystem=Ecosystem.DEB.value,
                scope=scope,
                name=purl.name,
                ranges=() if state is FixState.NOT_AFFECTED else (AffectedRange(),),
                state=state,
                status_text=_words(statement),
                source=True,
            )


def _state(statement: _Statement) -> FixState | None:
    match statement.status:
        case "not_affected":
            return None if statement.justification == "component_not_present" else FixState.NOT_AFFECTED
        case "under_investigation":
            return FixState.UNDETERMINED
        case "affected":
            text = statement.action.partition("CVE Notes")[0].lower()
            return next((state for words, state in _ACTIONS if words in text), FixState.UNFIXED)
        case _:
            return None


def _words(statement: _Statement) -> str:
    """The status and the first sentence that explains it, without the notes for all releases."""
    text = (statement.action or statement.impact).partition(" CVE Notes")[0].strip()
    return f"{statement.status}: {text}" if text else statement.status
