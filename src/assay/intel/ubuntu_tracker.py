"""One file of the Ubuntu CVE tracker (https://git.launchpad.net/ubuntu-cve-tracker/tree/README) as one Advisory.

Lines of the form ``<release>_<package>: <status> (<detail>)`` state what holds for a source package of a release.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from assay.errors import Unreadable
from assay.intel.cve_id import cve_id
from assay.intel.osv_ecosystem import world_of
from assay.intel.times import instant
from assay.intel.vectors import scoring
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Cvss, FixState, Reference
from assay.model.ecosystem import Ecosystem, os_scope
from assay.model.purl import release_of

_FIELD = re.compile(r"([A-Za-z][\w./+-]*(?:_[A-Za-z0-9][A-Za-z0-9.+-]*)?):(?:[ \t]+(.*))?\Z")
_STATUS = re.compile(r"([\w-]+)(?:\s*\((.*)\))?\Z")
_VECTOR = re.compile(r"\s*(\w+):\s+(CVSS:\S+)(?:\s+\[(\d+(?:\.\d)?))?")
_NOTICE = re.compile(r"USN-\d{1,6}-\d{1,3}")
_END = re.compile(r"end[ -]of[ -](?:life|standard[ -]support|support)|no longer supported", re.IGNORECASE)
_STATES = {
    "released": FixState.FIXED,
    "needed": FixState.UNFIXED,
    "pending": FixState.UNFIXED,
    "active": FixState.UNFIXED,
    "deferred": FixState.FIX_DEFERRED,
    "ignored": FixState.WILL_NOT_FIX,
    "needs-triage": FixState.UNDETERMINED,
    "not-affected": FixState.NOT_AFFECTED,
}


def read_tracker(data: bytes, place: str, source: str) -> Advisory:
    """Read one file. Raises Unreadable for a file without a candidate."""
    fields = _fields(data.decode("utf-8", "replace"))
    identifier = cve_id(fields.get("Candidate", [""])[0])
    if identifier is None:
        raise Unreadable(f"{place}: names no candidate")
    references = [line for line in fields.get("References", []) if line.startswith(("http://", "https://"))]
    page = f"https://ubuntu.com/security/{identifier}"
    return Advisory(
        id=f"UBUNTU-{identifier}",
        source=source,
        affected=tuple(_affected(fields)),
        cves=(identifier,),
        related=tuple(dict.fromkeys(_NOTICE.findall(" ".join(references)))),
        details=" ".join(fields.get("Description", [])),
        severity=_first_word(fields, "Priority"),
        cvss=tuple(dict.fromkeys(_scorings(fields.get("CVSS", [])))),
        references=(Reference(page, "ADVISORY"), *(Reference(url) for url in dict.fromkeys(references) if url != page)),
        published=instant(_date(fields, "PublicDateAtUSN")) or instant(_date(fields, "PublicDate")),
    )


def _fields(text: str) -> Mapping[str, list[str]]:
    """Values by field; the lines of a field are stripped, the first one is what stands beside the name."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line[:1] in {" ", "\t"}:
            lines.append(line.strip())
        elif line and not line.startswith("#") and (field := _FIELD.match(line)):
            lines = found.setdefault(field[1], [])
            if field[2]:
                lines.append(field[2].strip())
    return found


def _first_word(fields: Mapping[str, list[str]], name: str) -> str:
    values = fields.get(name) or [""]
    return values[0].partition(" ")[0]


def _date(fields: Mapping[str, list[str]], name: str) -> str:
    return (fields.get(name) or [""])[0].replace(" UTC", "").replace(" ", "T")


def _scorings(lines: list[str]) -> Iterator[Cvss]:
    for line in lines:
        found = _VECTOR.match(line)
        if found is not None:
            scorer = "NVD" if found[1] == "nvd" else found[1]
            made = scoring(found[2], scorer, float(found[3]) if found[3] else None)
            if made is not None:
                yield made


def _affected(fields: Mapping[str, list[str]]) -> Iterator[AffectedPackage]:
    for name, values in fields.items():
        release, underscore, package = name.partition("_")
        scope = scope_of_release(release) if underscore and values else ""
        status = _STATUS.match(values[0]) if scope else None
        if status is None or status[1] not in _STATES:
            continue
        state, detail = _STATES[status[1]], (status[2] or "").strip()
        if state is FixState.WILL_NOT_FIX and _END.search(detail):
            state = FixState.END_OF_LIFE
        if state is FixState.FIXED and not detail:
            continue
        fixed = detail if state is FixState.FIXED else None
        yield AffectedPackage(
            ecosystem=Ecosystem.DEB.value,
            scope=scope,
            name=package,
            ranges=() if state is FixState.NOT_AFFECTED else (AffectedRange(fixed=fixed),),
            state=state,
            severity=_first_word(fields, f"Priority_{package}") or _first_word(fields, "Priority"),
            status_text=values[0],
            source=True,
        )


@lru_cache(maxsize=4096)
def scope_of_release(text: str) -> str:
    """``jammy`` is ubuntu:22.04; ``esm-infra/bionic`` and ``trusty/esm`` are what Ubuntu Pro adds. Empty for
    upstream, snaps and products.
    """
    first, _, second = text.partition("/")
    pro = first.startswith("esm") or second == "esm"
    known = release_of(second if pro and second != "esm" else text if not pro else first)
    if known is None or known[0] != "ubuntu":
        return ""
    return world_of(f"Ubuntu:Pro:{known[1]}").scope if pro else os_scope(*known)
