"""What the formats of SBOMs have in common: entries that name software, and what an entry says about a package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.inventory import OperatingSystem
from assay.model.purl import component_of, source_of_rpm

_IMAGES = ("pkg:oci/", "pkg:docker/")
_NOT_PACKAGES = frozenset(
    "file device device-driver firmware data container platform machine-learning-model cryptographic-asset "
    "operating-system".split()
)
_SOURCE_PREFIX = "built package from: "  # Trivy's SPDX
_TRIVY = "aquasecurity:trivy:"
_INSPECTOR = "amazon:inspector:sbom_generator:"
_PATHS = ("syft:location:0:path", f"{_TRIVY}FilePath", f"{_INSPECTOR}source_path", "amazon:inspector:sbom_scanner:path")
_LAYERS = ("assay:layer", "syft:location:0:layerID", f"{_TRIVY}LayerDiffID", f"{_INSPECTOR}layer_diff_id")


@dataclass(frozen=True, slots=True)
class Entry:
    """One component of CycloneDX or package of SPDX, as written.

    ``kind`` is CycloneDX's component type or SPDX's primary purpose in lower case, "" when unknown. ``subject`` marks
    what the whole document is about. ``vendor`` is the supplier's or publisher's name.
    """

    name: str
    version: str = ""
    purl: str = ""
    kind: str = ""
    ref: str = ""
    subject: bool = False
    dev: bool = False
    vendor: str = ""
    source_info: str = ""
    licenses: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    properties: Mapping[str, str] | None = None

    @property
    def label(self) -> str:
        return f"{self.name} {self.version}".strip()[:120] or self.ref[:120]

    @property
    def is_package(self) -> bool:
        """Whether it claims to be software that advisories could name.

        Not so files, images and the like; nor, without a package URL, the subject, and the nodes without a version
        that stand for a lock file.
        """
        if self.purl:
            return not self.purl.startswith(_IMAGES) and self.kind != "operating-system"
        return not self.subject and self.kind not in _NOT_PACKAGES and bool(self.version or self.kind != "application")


@dataclass(frozen=True, slots=True)
class Described:
    """The reference of an entry that the document says it is about."""

    ref: str


def packages_of(entry: Entry, extractor: str) -> list[Package]:
    """The package at each place that the entry names; raises Invalid when its package URL is none."""
    component = _component(entry)
    properties = entry.properties or {}
    paths = entry.paths or tuple(properties[key] for key in _PATHS if key in properties)[:1] or ("",)
    layer = next((properties[key] for key in _LAYERS if key in properties), "")
    owner = properties.get("assay:owner", "")
    dev = entry.dev or properties.get("cdx:npm:package:development") == "true"
    return [
        Package(component, path.lstrip("/"), layer, owner, extractor, entry.licenses, dev)
        for path in dict.fromkeys(paths)
    ]


def _component(entry: Entry) -> Component:
    component = component_of(entry.purl)
    if not component.version and entry.version:
        component = replace(component, version=entry.version, source_version=component.source_version or entry.version)
        if not component.ecosystem.is_os:
            component = replace(component, source_version="")
    if not component.ecosystem.is_os:
        return component
    properties = entry.properties or {}
    if component.source_name == component.name:
        name, version = _source(component, entry, properties)
        if name:
            component = replace(component, source_name=name, source_version=version or component.version)
    if component.ecosystem is Ecosystem.RPM and entry.vendor:
        component = replace(component, vendor=entry.vendor)
    return component


def _source(component: Component, entry: Entry, properties: Mapping[str, str]) -> tuple[str, str]:
    """The source package where the package URL does not name it: by the properties of Syft and Trivy."""
    if entry.source_info.startswith(_SOURCE_PREFIX):
        name, _, version = entry.source_info.removeprefix(_SOURCE_PREFIX).strip().rpartition(" ")
        return name, version
    has = properties.get
    if trivy := has(f"{_TRIVY}SrcName"):
        return trivy, _version(*(has(_TRIVY + part, "") for part in ("SrcEpoch", "SrcVersion", "SrcRelease")))
    if source := has("syft:metadata:source"):
        return source, has("syft:metadata:sourceVersion", "")
    if filename := has("syft:metadata:sourceRpm"):
        return source_of_rpm(filename, component.version)
    return has("syft:metadata:originPackage", ""), ""


def _version(epoch: str, version: str, release: str) -> str:
    text = f"{version}-{release}" if release else version
    return f"{epoch}:{text}" if epoch not in ("", "0") and text else text


def system_of(entry: Entry) -> OperatingSystem | None:
    """The operating system that an entry of that kind names; None without a name."""
    from assay.extract.osrelease import operating_system

    properties = entry.properties or {}
    name = properties.get("syft:distro:id") or entry.name
    if not name.strip():
        return None
    title = properties.get("syft:distro:prettyName") or entry.name
    return operating_system(name, properties.get("syft:distro:versionID") or entry.version, title)


def vendor_name(text: str) -> str:
    """SPDX writes suppliers as ``Organization: Red Hat, Inc.``; NOASSERTION is none."""
    name = text.removeprefix("Organization:").removeprefix("Person:").strip()
    return "" if name in ("NOASSERTION", "NONE") else name


def stated_licenses(candidates: Sequence[str]) -> tuple[str, ...]:
    """The first of SPDX's license fields that states one."""
    return next(((text,) for text in candidates if text not in ("", "NOASSERTION", "NONE")), ())
