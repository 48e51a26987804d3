"""Which operating system a root holds: os-release and the older files that some distributions still rely on.

https://www.freedesktop.org/software/systemd/man/latest/os-release.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assay.errors import Unreadable
from assay.extract.contract import Fact, OsRelease, Wants
from assay.model.ecosystem import os_scope
from assay.model.inventory import OperatingSystem
from assay.model.purl import release_of
from assay.model.tree import SourceFile

# A file's place is its rank. Derived distributions keep the files of those they come from (Oracle Linux has
# redhat-release, Ubuntu has debian_version), so the more special ones come first.
_FILES = (
    "etc/os-release",
    "usr/lib/os-release",
    "etc/oracle-release",
    "etc/rocky-release",
    "etc/almalinux-release",
    "etc/centos-release",
    "etc/fedora-release",
    "etc/photon-release",
    "etc/mariner-release",
    "etc/azurelinux-release",
    "etc/SuSE-release",
    "etc/alpine-release",
    "etc/system-release",
    "etc/redhat-release",
    "usr/lib/system-release",
    "etc/lsb-release",
    "etc/debian_version",
)
_RANKS = {path: rank for rank, path in enumerate(_FILES)}
_WANTS = Wants(paths=frozenset(_FILES))
_NAMES = (
    ("red hat enterprise linux", "rhel"),
    ("centos", "centos"),
    ("oracle linux", "ol"),
    ("amazon linux", "amzn"),
    ("fedora", "fedora"),
    ("almalinux", "almalinux"),
    ("rocky linux", "rocky"),
    ("scientific linux", "scientific"),
    ("vmware photon", "photon"),
    ("photon", "photon"),
    ("cbl-mariner", "mariner"),
    ("azure linux", "azurelinux"),
    ("microsoft azure linux", "azurelinux"),
    ("suse linux enterprise server", "sles"),
    ("opensuse", "opensuse"),
    ("ubuntu", "ubuntu"),
    ("debian", "debian"),
    ("alpine", "alpine"),
)
_ALIASES = {
    "redhat": "rhel",
    "amazon": "amzn",
    "oracle": "ol",
    "alma": "almalinux",
    "rockylinux": "rocky",
    "suse": "sles",
    "opensuse.leap": "opensuse-leap",
    "opensuse.tumbleweed": "opensuse-tumbleweed",
    "cbl-mariner": "mariner",
    "azure": "azurelinux",
}
_SENTENCE = re.compile(r"([A-Za-z][^\d\n]{0,80}?)\s*(?:release\s+)?v?(\d[\w.]{0,40})")
_ASSIGNMENT = re.compile(r"^[ \t]*([A-Za-z_]\w*)=(.*)$", re.MULTILINE)
_WORD = re.compile(r"""(?:"((?:[^"\\]|\\.)*)"?)|(?:'([^']*)'?)|((?:[^\s"'\\]|\\.)+)""")
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class OsReleaseFiles:
    """Reads ``etc/os-release`` and its relatives; each yields at most one OsRelease with its file's rank."""

    name: str = "os-release"
    version: int = 1
    wants: Wants = _WANTS
    max_size: int = 1 << 20
    needs_siblings: bool = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        text = file.read().decode("utf-8-sig", "replace").replace("\0", "").strip()
        if text:
            yield OsRelease(_system(file.path, text), _RANKS.get(file.path, len(_FILES)))


def _system(path: str, text: str) -> OperatingSystem:
    base = path.rpartition("/")[2]
    if base == "os-release":
        return _from_os_release(path, assignments(text))
    if base == "lsb-release":
        return _from_lsb(path, assignments(text))
    if base == "alpine-release":
        return _named(path, "alpine", text.split(maxsplit=1)[0], "Alpine Linux")
    if base == "debian_version":
        return _from_debian_version(path, text.split(maxsplit=1)[0])
    if base == "SuSE-release":
        return _from_suse(path, text)
    return _from_sentence(path, text.splitlines()[0])


def assignments(text: str) -> dict[str, str]:
    """Variables of a file in shell syntax, unquoted as a shell would, without expanding anything; the last one wins."""
    return {name: _unquoted(value[:1000]) for name, value in _ASSIGNMENT.findall(text)}


def _unquoted(value: str) -> str:
    parts: list[str] = []
    position = 0
    while match := _WORD.match(value, position):
        double, single, bare = match.groups()
        parts.append(single if single is not None else _ESCAPE.sub(r"\1", double if double is not None else bare))
        position = match.end()
    return "".join(parts)


def _from_os_release(path: str, values: Mapping[str, str]) -> OperatingSystem:
    name = values.get("PRETTY_NAME") or values.get("NAME", "")
    identifier = values.get("ID", "").lower() or _id_of_name(name)
    if not identifier:
        raise Unreadable("release file without an ID")
    version, codename = values.get("VERSION_ID", ""), values.get("VERSION_CODENAME", "")
    return OperatingSystem(
        identifier,
        version,
        name=name,
        scope=_scope(identifier, version, codename, values),
        codename=codename,
        path=path,
        cpe=values.get("CPE_NAME", ""),
        like=tuple(values.get("ID_LIKE", "").lower().split()),
    )


def operating_system(name: str, version: str, title: str = "") -> OperatingSystem:
    """The system by its name and version in other tools' words: ``redhat 9.1``, ``Amazon Linux 2``, ``debian sid``."""
    word = name.strip().lower()
    identifier = _ALIASES.get(word) or (_id_of_name(word) if " " in word else "") or word.replace(" ", "-")
    codename = version.partition("/")[0]
    known = release_of(codename)
    if known:
        return _named("", identifier, known[1], title or name, codename)
    return _named("", identifier, version, title or name)


def _scope(identifier: str, version: str, codename: str, values: Mapping[str, str]) -> str:
    """Where the vendor's feed is not named by ID and VERSION_ID alone."""
    if identifier == "debian" and not version:
        # testing and unstable have a code name only, and both have that of the next release
        return os_scope(*(release_of(codename) or ("debian", "sid")))
    if identifier == "amzn" and version.startswith("201"):
        return "amzn:1"  # Amazon Linux AMI: 2014.03 to 2018.03
    if identifier == "alpine" and "_alpha" in version:
        return "alpine:edge"
    if identifier == "rhcos" and values.get("RHEL_VERSION"):
        return os_scope("rhel", values["RHEL_VERSION"])
    if identifier == "opensuse" and "Leap" in values.get("NAME", ""):
        return os_scope("opensuse-leap", version)
    return os_scope(identifier, version)


def _from_lsb(path: str, values: Mapping[str, str]) -> OperatingSystem:
    name = values.get("DISTRIB_ID", "")
    if not name:
        raise Unreadable("release file without DISTRIB_ID")
    identifier = _id_of_name(name) or name.lower().replace(" ", "-")
    codename = values.get("DISTRIB_CODENAME", "")
    return _named(
        path, identifier, values.get("DISTRIB_RELEASE", ""), values.get("DISTRIB_DESCRIPTION") or name, codename
    )


def _from_debian_version(path: str, text: str) -> OperatingSystem:
    """``12.4``, or ``trixie/sid`` before a release."""
    if text[:1].isdigit():
        return _named(path, "debian", text, "Debian GNU/Linux")
    return _named(path, "debian", "", "Debian GNU/Linux", text.partition("/")[0])


def _from_suse(path: str, text: str) -> OperatingSystem:
    pairs = (line.partition(" = ") for line in text.splitlines())
    values = {key: value.strip() for key, equals, value in pairs if equals}
    name = text.splitlines()[0]
    version = values.get("VERSION", "")
    if values.get("PATCHLEVEL", "0") != "0":
        version = f"{version}.{values['PATCHLEVEL']}"
    return _named(path, _id_of_name(name) or "sles", version, name, values.get("CODENAME", ""))


def _from_sentence(path: str, text: str) -> OperatingSystem:
    """``CentOS Linux release 7.9.2009 (Core)``."""
    match = _SENTENCE.match(text)
    identifier = _id_of_name(match[1]) if match else ""
    if not match or not identifier:
        raise Unreadable(f"names no known distribution: {text[:80]!r}")
    return _named(path, identifier, match[2], text[:200])


def _named(path: str, identifier: str, version: str, name: str, codename: str = "") -> OperatingSystem:
    scope = _scope(identifier, version, codename, {"NAME": name})
    return OperatingSystem(identifier, version, name=name, scope=scope, codename=codename, path=path)


def _id_of_name(name: str) -> str:
    lowered = name.lower()
    return next((identifier for start, identifier in _NAMES if lowered.startswith(start)), "")
