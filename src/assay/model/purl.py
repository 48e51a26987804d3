"""Package URLs: how a component is written for the outside world, and read back.

The grammar is that of https://github.com/package-url/purl-spec (ECMA-427). Where its type rules would lose facts we
keep them: npm names keep their case (the registry tells cases apart). Go names are lowered as the type demands; Go
versions carry their ``v`` in the URL and none in the model. A component whose type is no package world of ours is
GENERIC and has the whole URL without its version as its name (``pkg:docker/library/nginx``), so nothing is lost on
the way through.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from assay.errors import Invalid
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem, normal_name, os_scope

_LONGEST = 16_384
_ESCAPES = {code: f"%{code:02X}" for code in range(128) if not (chr(code).isalnum() or chr(code) in "._~:-")}
_TYPE = re.compile(r"[a-z][a-z0-9.+-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SWIFT_URL = re.compile(r"^(?:https?://|ssh://git@|git@)")


@dataclass(frozen=True, slots=True)
class Purl:
    """A package URL taken apart, percent-decoded; ``qualifiers`` have lower-case keys and no empty values."""

    type: str
    namespace: str
    name: str
    version: str
    qualifiers: Mapping[str, str]
    subpath: str = ""


def parse_purl(text: str) -> Purl:
    """Take a package URL apart; raises Invalid when it is none.

    Lenient where writers are known to be wrong: an unencoded ``@`` before an npm scope is no version.
    """
    if len(text) > _LONGEST or text[:4].lower() != "pkg:":
        raise Invalid(f"not a package URL: {text[:80]!r}")
    rest, _, subpath = text[4:].strip().partition("#")
    rest, _, query = rest.partition("?")
    kind, _, rest = rest.lstrip("/").partition("/")
    kind = kind.lower()
    version = ""
    at = rest.rfind("@")
    if at > 0 and rest[at - 1] != "/":
        rest, version = rest[:at], _decoded(rest[at + 1 :])
    namespace, _, name = rest.strip("/").rpartition("/")
    if not name or not (kind in _ECOSYSTEMS or _TYPE.fullmatch(kind)):
        raise Invalid(f"package URL without type or name: {text[:80]!r}")
    if "%" in namespace or "//" in namespace + "/":
        namespace = "/".join(_decoded(part) for part in namespace.split("/") if part)
    name = _decoded(name)
    if _CONTROL.search(text) or ("%" in text and _CONTROL.search(f"{namespace}{name}{version}")):
        raise Invalid(f"package URL with control characters: {text[:80]!r}")
    return Purl(kind, namespace, name, version, _qualifiers(query) if query else {}, _decoded(subpath))


def purl_of(component: Component) -> str:
    """The component's canonical package URL: the same component always yields the same text."""
    kind = component.ecosystem
    if kind.is_os:
        return _os_purl(component)
    name, version = component.name, component.version
    match kind:
        case Ecosystem.MAVEN:
            path = "/".join(_encoded(part) for part in name.split(":", 1))
        case Ecosystem.PYPI:
            path = _encoded(normal_name(kind, name))
        case Ecosystem.COMPOSER | Ecosystem.HEX | Ecosystem.PUB:
            path = _path(name.lower())
        case Ecosystem.SWIFT:
            path = _path(_SWIFT_URL.sub("", name).replace(":", "/").removesuffix(".git"))
        case Ecosystem.GENERIC if name.startswith("pkg:"):
            return _foreign(name, version)
        case Ecosystem.GOLANG:
            path = _path(name.lower())
            if version[:1].isdigit() and "/" in name:
                version = "v" + version
        case _:
            path = _path(name)
    return f"pkg:{kind}/{path}@{_encoded(version)}" if version else f"pkg:{kind}/{path}"


def component_of(purl: str) -> Component:
    """The component that a package URL names; raises Invalid when it is no package URL.

    Understands the qualifiers of the specification and those of Syft (``upstream``, ``rpmmod``), Trivy
    (``modularitylabel``, ``distro`` without a name, ``epoch`` for deb) and Amazon Inspector's generator (type
    ``dpkg``, ``source``). An operating system package without a stated source is its own source.
    """
    parts = parse_purl(purl)
    ecosystem = _ECOSYSTEMS.get(parts.type)
    if ecosystem is None:
        return Component(Ecosystem.GENERIC, _versionless(parts), parts.version)
    if ecosystem.is_os:
        return _os_component(ecosystem, parts)
    name, version = parts.name, parts.version
    if parts.namespace:
        name = f"{parts.namespace}{':' if ecosystem is Ecosystem.MAVEN else '/'}{name}"
    if ecosystem is Ecosystem.GOLANG and version[:1] == "v" and version[1:2].isdigit():
        version = version[1:]
    return Component(ecosystem, name, version)


@lru_cache(maxsize=1024)
def scope_of(namespace: str, distro: str) -> str:
    """The operating system release that a purl's namespace and ``distro`` qualifier name, "" when they name none.

    ``distro`` is seen as ``debian-12.4``, ``12.4``, ``bookworm``, ``el9``, ``opensuse-leap-15.5`` and ``wolfi``.
    """
    vendor, text = _VENDORS.get(namespace.lower(), namespace.lower()), distro.strip().lower()
    known = _CODENAMES.get(text.rpartition("-")[2])
    if known:
        return os_scope(*known)
    dist_tag = _DIST_TAG.fullmatch(text)
    if dist_tag:
        tag, release = dist_tag.groups()
        return os_scope({"el": vendor or "rhel", "fc": "fedora"}.get(tag, tag), release)
    if text[:1].isdigit():
        return os_scope(_with_flavour(vendor), text) if vendor else ""
    name, _, release = text.rpartition("-")
    if name and (release[:1].isdigit() or release in _UNNUMBERED):
        return os_scope(_with_flavour(_VENDORS.get(name, name)), release)
    rolling = os_scope(_VENDORS.get(text, text) or vendor, "0")
    return rolling if ":" not in rolling else ""


def release_of(codename: str) -> tuple[str, str] | None:
    """Distribution and version of a release that is known by its code name: ``bookworm`` is debian 12."""
    return _CODENAMES.get(codename.lower())


def _os_component(ecosystem: Ecosystem, parts: Purl) -> Component:
    has = parts.qualifiers.get
    version, epoch = parts.version, has("epoch", "")
    if epoch and epoch != "0" and version and ":" not in version:
        version = f"{epoch}:{version}"
    source_name, source_version = _source(ecosystem, has("upstream") or has("source") or "", version)
    return Component(
        ecosystem,
        parts.name,
        version,
        scope=scope_of(parts.namespace, has("distro", "")),
        arch=has("arch", ""),
        source_name=source_name or parts.name,
        source_version=source_version or version,
        module=":".join((has("rpmmod") or has("modularitylabel") or "").split(":")[:2]),
    )


def _source(ecosystem: Ecosystem, text: str, version: str) -> tuple[str, str]:
    """Source name and version from ``name``, ``name@version`` or the file name of a source rpm."""
    if ecosystem is Ecosystem.RPM and text.endswith(".rpm"):
        return source_of_rpm(text, version)
    name, _, source_version = text.partition("@")
    return name, source_version


def source_of_rpm(filename: str, version: str = "") -> tuple[str, str]:
    """Source name and ``[epoch:]version-release`` from ``bash-4.4-1.src.rpm``; ("", "") when it is no such name.

    The file name has no epoch. A binary of the same version shares the epoch of its source, since rpmbuild hands it
    down unless the spec file states another: ``version`` is that of the binary.
    """
    stem = filename.removesuffix(".rpm").rpartition(".")[0]
    rest, _, release = stem.rpartition("-")
    name, _, upstream = rest.rpartition("-")
    if not name:
        return "", ""
    epoch, colon, own = version.rpartition(":")
    shared = colon and own.partition("-")[0] == upstream
    return name, f"{epoch}:{upstream}-{release}" if shared else f"{upstream}-{release}"


def _os_purl(component: Component) -> str:
    version, kind = component.version, component.ecosystem
    query: list[str] = []
    if component.arch:
        query.append("arch=" + _encoded(component.arch))
    namespace, distro = _distro(component.scope)
    if distro:
        query.append("distro=" + distro)
    if kind is Ecosystem.RPM:
        epoch, colon, version = version.rpartition(":")
        if colon:
            query.append("epoch=" + _encoded(epoch))
        if component.module:
            query.append("rpmmod=" + _encoded(component.module))
    upstream = _upstream(component)
    if upstream:
        query.append("upstream=" + _encoded(upstream))
    head = f"pkg:{kind}/{namespace}{_encoded(component.name)}"
    if version:
        head = f"{head}@{_encoded(version)}"
    return f"{head}?{'&'.join(query)}" if query else head


def _upstream(component: Component) -> str:
    """The ``upstream`` qualifier, "" when the package is its own source."""
    name, version = component.source_name, component.source_version
    if not name or (name == component.name and version in ("", component.version)):
        return ""
    if component.ecosystem is Ecosystem.RPM and "-" in version:
        filename = f"{name}-{version.rpartition(':')[2]}.src.rpm"
        if source_of_rpm(filename, component.version) == (name, version):
            return filename
    return name if version in ("", component.version) else f"{name}@{version}"


@lru_cache(maxsize=256)
def _distro(scope: str) -> tuple[str, str]:
    """Namespace with its slash, and the encoded ``distro`` qualifier, for a scope."""
    name, _, release = scope.partition(":")
    if not name:
        return "", ""
    namespace = "redhat" if name == "rhel" else "opensuse" if name.startswith("opensuse") else name
    return f"{_encoded(namespace)}/", _encoded(f"{name}-{release}" if release else name)


def _with_flavour(vendor: str) -> str:
    """openSUSE with a numbered release is Leap."""
    return "opensuse-leap" if vendor == "opensuse" else vendor


def _foreign(name: str, version: str) -> str:
    """The URL of a component of a world that is not ours: the version goes where it was, before the qualifiers."""
    head, mark, tail = name.partition("?")
    return f"{head}@{_encoded(version)}{mark}{tail}" if version else name


def _versionless(parts: Purl) -> str:
    path = _path(f"{parts.namespace}/{parts.name}" if parts.namespace else parts.name)
    query = "&".join(f"{key}={_encoded(value)}" for key, value in sorted(parts.qualifiers.items()))
    return f"pkg:{parts.type}/{path}?{query}" if query else f"pkg:{parts.type}/{path}"


def _qualifiers(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if key and value:
            found[key.lower()] = _decoded(value)
    return found


def _path(name: str) -> str:
    return "/".join(_encoded(part) for part in name.split("/") if part)


def _encoded(text: str) -> str:
    return text.translate(_ESCAPES) if text.isascii() else quote(text, safe=":", errors="replace")


def _decoded(text: str) -> str:
    return unquote(text) if "%" in text else text


_ECOSYSTEMS: Mapping[str, Ecosystem] = {str(member): member for member in Ecosystem} | {
    "dpkg": Ecosystem.DEB,
    "alpine": Ecosystem.APK,
}
_DIST_TAG = re.compile(r"(el|fc|amzn|ol)(\d+)")
_UNNUMBERED = frozenset({"sid", "edge", "rolling", "testing", "unstable", "rawhide"})
_VENDORS = {
    "cbl-mariner": "mariner",
    "azure": "azurelinux",
    "opensuse.tumbleweed": "opensuse-tumbleweed",
    "suse linux enterprise server": "sles",
    "rocky linux": "rocky",
}
# https://wiki.debian.org/DebianReleases and https://wiki.ubuntu.com/Releases
_CODENAMES: Mapping[str, tuple[str, str]] = {
    name: (distribution, version)
    for distribution, releases in {
        "debian": "etch 4 lenny 5 squeeze 6 wheezy 7 jessie 8 stretch 9 buster 10 bullseye 11 bookworm 12 trixie 13 "
        "forky 14 duke 15",
        "ubuntu": "lucid 10.04 precise 12.04 trusty 14.04 utopic 14.10 vivid 15.04 wily 15.10 xenial 16.04 "
        "yakkety 16.10 zesty 17.04 artful 17.10 bionic 18.04 cosmic 18.10 disco 19.04 eoan 19.10 focal 20.04 "
        "groovy 20.10 hirsute 21.04 impish 21.10 jammy 22.04 kinetic 22.10 lunar 23.04 mantic 23.10 noble 24.04 "
        "oracular 24.10 plucky 25.04 questing 25.10 resolute 26.04",
    }.items()
    for name, version in zip(releases.split()[::2], releases.split()[1::2], strict=True)
}
