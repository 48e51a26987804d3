"""SPDX 2.x as tags and values (https://spdx.github.io/spdx-spec/v2.3/): one field a line, long texts in ``<text>``."""

import io
from collections.abc import Iterator

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.extract.sbom.entry import Described, Entry, stated_licenses, vendor_name

_OTHER_SECTIONS = frozenset({"FileName", "SnippetSPDXID", "LicenseID", "Relationship", "Annotator", "Reviewer"})
_LONGEST = 4096


def entries(data: bytes) -> Iterator[Entry | Described | Problem]:
    """Every package of the document."""
    fields: dict[str, str] | None = None
    found = False
    for tag, value in _fields(data.removeprefix(b"\xef\xbb\xbf")):
        found = found or tag == "SPDXVersion"
        if tag == "PackageName" or tag in _OTHER_SECTIONS:
            if fields is not None:
                yield _entry(fields)
            fields = {"PackageName": value} if tag == "PackageName" else None
        if tag == "Relationship":
            yield from _described(value)
        elif fields is not None:
            _take(fields, tag, value)
    if fields is not None:
        yield _entry(fields)
    if not found:
        raise Unreadable("SPDX document without SPDXVersion")


def _fields(data: bytes) -> Iterator[tuple[str, str]]:
    """Tags with their values; comments are dropped, ``<text>`` may span lines."""
    open_tag, parts = "", [""]
    for raw in io.BytesIO(data):
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if open_tag:
            head, end, _ = line.partition("</text>")
            if len(parts) < _LONGEST:
                parts.append(head)
            if end:
                yield open_tag, "\n".join(parts)[:_LONGEST]
                open_tag = ""
            continue
        tag, colon, value = line.partition(":")
        if not colon or tag.startswith("#"):
            continue
        value = value.strip()
        if value.startswith("<text>"):
            head, end, _ = value[6:].partition("</text>")
            if not end:
                open_tag, parts = tag.strip(), [head]
                continue
            value = head
        yield tag.strip(), value[:_LONGEST]
    if open_tag:
        yield open_tag, "\n".join(parts)[:_LONGEST]


def _take(fields: dict[str, str], tag: str, value: str) -> None:
    if tag != "ExternalRef":
        fields.setdefault(tag, value)
        return
    _, _, rest = value.partition(" ")
    kind, _, locator = rest.strip().partition(" ")
    if kind.rpartition("/")[2] == "purl":
        fields.setdefault("purl", locator.strip())


def _described(value: str) -> Iterator[Described]:
    words = value.split()
    if len(words) >= 3 and words[1] == "DESCRIBES":
        yield Described(words[2])
    elif len(words) >= 3 and words[1] == "DESCRIBED_BY":
        yield Described(words[0])


def _entry(fields: dict[str, str]) -> Entry:
    has = fields.get
    return Entry(
        fields["PackageName"],
        has("PackageVersion", ""),
        has("purl", ""),
        has("PrimaryPackagePurpose", "").lower(),
        has("SPDXID", ""),
        vendor=vendor_name(has("PackageSupplier", "")),
        source_info=has("PackageSourceInfo", ""),
        licenses=stated_licenses((has("PackageLicenseDeclared", ""), has("PackageLicenseConcluded", ""))),
    )
