"""Which Maven artifact a Java archive is, and which others are inside it.

Evidence, from the strongest: the directories of a Maven repository or Gradle cache; ``pom.properties`` (or
``pom.xml``) that Maven puts into what it builds; attributes that plug-ins of Jenkins and NiFi must have; the manifest
and the file's name. Every ``pom.properties`` names a package that is in there: an archive with several is shaded, and
the one that fits the archive's own name is the archive itself. An archive none of them fits is one package more, built
by another tool, provided its name or manifest states a version.

The group id is guessed only where a rule says how (see ``group_of``); otherwise it repeats the artifact id, which no
advisory lists: a wrong group would be worse, for it invents an identity.
"""

import re
from collections.abc import Mapping, Sequence

from assay.extract.java.filename import Coordinates, split_name
from assay.extract.java.groups import known_group

_GROUP = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_ARTIFACT = re.compile(r"[A-Za-z0-9][\w.+-]*")
_VERSION = re.compile(r"\d[\w.+~-]*")
_TITLE = re.compile(r"([\w.-]+)#([\w.-]+);([\w.+-]+)")
# Vendors that write these use them for all their projects, so they say nothing about one of them.
_TOO_WIDE = frozenset(
    "org org.apache com.sun com.google com.github com.oracle com.ibm com.squareup org.eclipse org.jboss org.codehaus "
    "org.glassfish org.sonatype net.java java javax jakarta io com net de".split()
)
_TOP_LEVELS = frozenset("com org net io edu gov de fr uk ch at nl se ru cn jp eu me dev info javax jakarta".split())
_VERSION_ATTRIBUTES = ("implementation-version", "plugin-version", "bundle-version", "specification-version")


def own_coordinates(
    filename: str, manifest: Mapping[str, str], inside: Sequence[Coordinates], repository: Coordinates | None
) -> Coordinates | None:
    """What the archive itself is; None when nothing says it. ``inside`` are the identities that Maven put into it."""
    if repository is not None:
        return repository
    stem, dot, extension = filename.rpartition(".")
    if not dot:
        stem, extension = filename, ""
    fitting = _fitting(stem, manifest, inside)
    if fitting is not None:
        return fitting
    stated = _stated(manifest, extension.lower())
    if stated is not None:
        return stated
    artifact, version = _artifact_and_version(stem, manifest)
    if not artifact or not version:
        return None
    return Coordinates(group_of(artifact, version, manifest), artifact, version)


def group_of(artifact: str, version: str, manifest: Mapping[str, str]) -> str:
    """The group id of an artifact whose archive holds no POM.

    In this order: the table of known artifacts; ``Implementation-Vendor-Id``, which Maven and sbt fill with the group
    id; ``Bundle-SymbolicName``, to which Bnd gives group and artifact joined by a dot; an artifact id that begins with
    a domain, as Eclipse's do, without its last part; the artifact id.
    """
    group = known_group(artifact, version)
    if group:
        return group
    vendor = manifest.get("implementation-vendor-id", "")
    if vendor not in _TOO_WIDE and _GROUP.fullmatch(vendor):
        return vendor
    symbolic = _symbolic_name(manifest)
    if symbolic.endswith(f".{artifact}"):
        group = symbolic[: -len(artifact) - 1]
        return symbolic if group in _TOO_WIDE else group
    parent = artifact.rpartition(".")[0]
    return parent if artifact.partition(".")[0] in _TOP_LEVELS and parent not in _TOO_WIDE else artifact


def _fitting(stem: str, manifest: Mapping[str, str], inside: Sequence[Coordinates]) -> Coordinates | None:
    """The identity among ``inside`` that is the archive's own."""
    if not inside:
        return None
    artifact, version = split_name(stem)
    named = [found for found in inside if found.artifact == artifact or _is_named_after(stem, found)]
    if named:
        return max(named, key=lambda found: (len(found.artifact), found.version == version))
    symbolic = _symbolic_name(manifest)
    if symbolic:
        named = [found for found in inside if symbolic in (found.artifact, f"{found.group}.{found.artifact}")]
        named = named or [found for found in inside if symbolic == found.group]
        if len(named) == 1:
            return named[0]
    if len(inside) > 1:
        return None
    only = inside[0]
    return only if not version or only.version == version or _are_related(artifact, only) else None


def _is_named_after(stem: str, found: Coordinates) -> bool:
    return stem == found.artifact or stem.startswith(f"{found.artifact}-{found.version}")


def _are_related(artifact: str, found: Coordinates) -> bool:
    """Whether a file may have been renamed: one name contains the other, or the group's last part."""
    ours, theirs = _letters(artifact), _letters(found.artifact)
    return ours in theirs or theirs in ours or _letters(found.group.rpartition(".")[2]) in ours


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _stated(manifest: Mapping[str, str], extension: str) -> Coordinates | None:
    """Coordinates that a manifest spells out: NiFi archives, Jenkins plug-ins, ``group#artifact;version`` titles."""
    has = manifest.get
    if has("nar-id") and has("nar-version"):
        return Coordinates(has("nar-group") or has("nar-id", ""), has("nar-id", ""), has("nar-version", ""))
    if extension in ("hpi", "jpi") or "hudson-version" in manifest or "jenkins-version" in manifest:
        name, version = has("short-name") or has("extension-name", ""), has("plugin-version", "").partition(" ")[0]
        if name and version:
            return Coordinates(has("group-id") or "org.jenkins-ci.plugins", name, version)
    title = _TITLE.fullmatch(has("implementation-title", ""))
    return Coordinates(title[1], title[2], title[3]) if title else None


def _artifact_and_version(stem: str, manifest: Mapping[str, str]) -> tuple[str, str]:
    artifact, version = split_name(stem)
    stated = _stated_version(manifest)
    if not version or (version.endswith(".x") and stated):
        version = stated
    if manifest.get("implementation-title") == "Apache Tomcat" and not artifact.startswith("tomcat"):
        artifact = f"tomcat-{artifact}"
    return (artifact, version) if _ARTIFACT.fullmatch(artifact) else ("", "")


def _stated_version(manifest: Mapping[str, str]) -> str:
    """The first attribute that begins with a version; what follows a blank is a date or a build."""
    for name in _VERSION_ATTRIBUTES:
        version = manifest.get(name, "").partition(" ")[0]
        if _VERSION.fullmatch(version) and "$" not in version:
            return version
    return ""


def _symbolic_name(manifest: Mapping[str, str]) -> str:
    return manifest.get("bundle-symbolicname", "").partition(";")[0].strip()
