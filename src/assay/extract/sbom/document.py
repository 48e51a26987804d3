"""An SBOM of any known format becomes an operating system, packages, and what could not be used of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import msgspec

from assay.errors import Invalid, LimitExceeded, Unreadable
from assay.extract.contract import Problem
from assay.extract.sbom import cyclonedx_json, spdx3, spdx_json, spdx_tag
from assay.extract.sbom.entry import Described, Entry, packages_of, system_of
from assay.model.component import Package
from assay.model.inventory import OperatingSystem

_NAMED = 20
_SPDX3_CONTEXT = b"spdx.org/rdf/3"
_BOM = b"\xef\xbb\xbf"
_WRAPPERS = 3
_CROWDED = 4 << 20
_SPARSE = 10
"""Bytes for each comma, at least, in JSON documents of a size that matters: bounds the memory for their elements."""
_SPARSE_XML = 16
"""Bytes for each tag; Syft's documents have some 36."""

Entries = Iterator[Entry | Described | Problem]


@dataclass(frozen=True, slots=True)
class Sbom:
    """What an SBOM says. ``format`` is its name and version (``CycloneDX 1.6``). Packages of the operating system
    have its scope; ``path``, ``layer`` and ``owner`` of a package are what the document says of them.
    """

    format: str
    os: OperatingSystem | None
    packages: tuple[Package, ...]
    problems: tuple[Problem, ...] = ()


def read_sbom(data: bytes, *, extractor: str = "sbom") -> Sbom:
    """Read CycloneDX 1.x (JSON, XML), SPDX 2.x (JSON, tag-value) or SPDX 3.0 (JSON-LD), also inside an in-toto
    statement or an ``{"sbom": ...}`` wrapper.

    A component without a usable package URL is named in a problem. Raises Unreadable when the document is none of
    these or breaks off before its first component.
    """
    found = detect(data)
    if found is None:
        raise Unreadable("neither CycloneDX nor SPDX in a form that is known")
    format_, entries = found
    collected = _Collected(extractor)
    try:
        for item in entries:
            collected.take(item)
    except Unreadable as error:
        if not collected.packages:
            raise
        collected.problems.append(Problem(str(error), "limit" if isinstance(error, LimitExceeded) else "unreadable"))
    return collected.sbom(format_)


class _Head(msgspec.Struct):
    """The fields by which JSON documents tell what they are, or what they wrap."""

    bom_format: str | None = msgspec.field(default=None, name="bomFormat")
    spec_version: str | None = msgspec.field(default=None, name="specVersion")
    spdx_version: str | None = msgspec.field(default=None, name="spdxVersion")
    context: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="@context")
    predicate: msgspec.Raw = msgspec.Raw()
    sbom: msgspec.Raw = msgspec.Raw()


def detect(data: bytes) -> tuple[str, Entries] | None:
    """The document's format and its entries, not yet read; None when it is no SBOM.

    Raises Unreadable when it announces itself as one but is broken, or of a version that is not known.
    """
    start = data[:4096].removeprefix(_BOM).lstrip()
    if start.startswith(b"{"):
        return _detect_json(data.removeprefix(_BOM))
    if start.startswith(b"<"):
        return _detect_xml(data)
    if b"SPDXVersion:" in data[:65536]:
        return "SPDX 2 tag-value", spdx_tag.entries(data)
    return None


def _detect_json(data: bytes | msgspec.Raw) -> tuple[str, Entries] | None:
    for _ in range(_WRAPPERS):
        head = _head(data)
        if head is None:
            return None
        if head.bom_format == "CycloneDX":
            version = head.spec_version or ""
            if not version.startswith("1."):
                raise Unreadable(f"CycloneDX {version[:20]!r} is not known")
            return f"CycloneDX {version}", cyclonedx_json.entries(_not_crowded(data))
        if head.spdx_version:
            if not head.spdx_version.startswith("SPDX-2."):
                raise Unreadable(f"SPDX version {head.spdx_version[:20]!r} is not known in this form")
            return f"SPDX {head.spdx_version[5:]}", spdx_json.entries(_not_crowded(data))
        if _SPDX3_CONTEXT in bytes(head.context):
            return "SPDX 3.0", spdx3.entries(_not_crowded(data))
        data = head.predicate if bytes(head.predicate) else head.sbom
        if not bytes(data):
            return None
    return None


def _not_crowded(data: bytes | msgspec.Raw) -> bytes:
    """The document, refused when it has more elements than an SBOM of its size can have."""
    document = bytes(data)
    if len(document) > _CROWDED and document.count(b",") > len(document) // _SPARSE:
        raise LimitExceeded("JSON document with more elements than an SBOM of its size has")
    return document


def _head(data: bytes | msgspec.Raw) -> _Head | None:
    """None for JSON that is something else; broken JSON raises only where it announced an SBOM."""
    try:
        return msgspec.json.decode(data, type=_Head)
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        start = bytes(memoryview(data)[:65536])
        if b'"bomFormat"' in start or b'"spdxVersion"' in start or _SPDX3_CONTEXT in start:
            raise Unreadable(f"SBOM is broken: {error}") from error
        return None


def _detect_xml(data: bytes) -> tuple[str, Entries] | None:
    at = data.find(b"cyclonedx.org/schema/bom", 0, 65536)
    if at < 0:
        return None
    version = data[at + 25 : at + 28].decode("ascii", "replace")
    if not version.startswith("1."):
        raise Unreadable(f"CycloneDX {version!r} is not known")
    from assay.extract.sbom import cyclonedx_xml

    if len(data) > _CROWDED and data.count(b"<") > len(data) // _SPARSE_XML:
        raise LimitExceeded("XML document with more elements than an SBOM of its size has")
    return f"CycloneDX {version}", cyclonedx_xml.entries(data)


@dataclass(slots=True)
class _Collected:
    """What the entries have said so far."""

    extractor: str
    packages: list[Package] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    systems: list[OperatingSystem] = field(default_factory=list)
    described: set[str] = field(default_factory=set)
    nameless: list[tuple[str, str]] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def take(self, item: Entry | Described | Problem) -> None:
        if isinstance(item, Described):
            self.described.add(item.ref)
        elif isinstance(item, Problem):
            self.broken.append(item.message)
        elif item.kind == "operating-system":
            system = system_of(item)
            if system:
                self.systems.append(system)
        elif not item.is_package:
            return
        elif not item.purl:
            self.nameless.append((item.ref, item.label))
        else:
            try:
                self.packages.extend(packages_of(item, self.extractor))
            except Invalid:
                self.invalid.append(f"{item.label} ({item.purl[:120]})")

    def sbom(self, format_: str) -> Sbom:
        system = self.systems[0] if self.systems else _system_of_packages(self.packages)
        scope = system.scope if system else ""
        nameless = [label for ref, label in self.nameless if ref not in self.described]
        summaries = (
            (_summary("without a package URL, which cannot be judged", nameless), "unstated"),
            (_summary("with a package URL that is none", self.invalid), "unreadable"),
            (_summary("not as the standard has them", self.broken), "unreadable"),
        )
        problems = (*self.problems, *(Problem(text, kind) for text, kind in summaries if text))
        return Sbom(format_, system, tuple(_scoped(package, scope) for package in self.packages), problems)


def _scoped(package: Package, scope: str) -> Package:
    component = package.component
    if not scope or component.scope or not component.ecosystem.is_os:
        return package
    return replace(package, component=replace(component, scope=scope))


def _summary(what: str, items: list[str]) -> str:
    if not items:
        return ""
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return f"{len(items)} components {what}: {'; '.join(items[:_NAMED])}{more}"


def _system_of_packages(packages: list[Package]) -> OperatingSystem | None:
    """Without a component for it, the system that most package URLs name."""
    scopes = Counter(package.component.scope for package in packages if package.component.scope)
    if not scopes:
        return None
    scope = max(sorted(scopes), key=scopes.__getitem__)
    name, _, version = scope.partition(":")
    return OperatingSystem(name, version, name=scope.replace(":", " "), scope=scope)
