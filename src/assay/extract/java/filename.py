"""What the name of a Java archive and the directory it lies in say: ``artifact-version-classifier.jar``."""

import re
from dataclasses import dataclass

_LONGEST = 200
_MOST_CLASSIFIERS = 3


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A Maven identity; parts that are not known are empty."""

    group: str = ""
    artifact: str = ""
    version: str = ""


_DASH = re.compile(r"-(?=(?:v|r|rc|build)?\d)", re.IGNORECASE)
_ECLIPSE = re.compile(r"_(?=\d+\.\d+\.\d+)")
_UNDERSCORE_OR_DOT = re.compile(r"_(?=\d+\.\d)|\.(?=\d+\.\d)")
# Scala puts its binary version behind the artifact's name: kafka_2.13-3.7.0
_SCALA = re.compile(r"_(?:2\.(?:9|1[0-3])|3)(?:\.\d+)?(?=-)")
_TOKENS = re.compile(r"[-_+.]|~\+?")
_VERSION_TOKEN = re.compile(
    r"v?\d+[a-z]?\d*|(?:r|b|m|t|p|v|a|x|ga|ea|sp|cr|rc|am|mr|jre|java|pre|alpha|beta|final|release|snapshot|build|"
    r"incubating|android|redhat|jbossorg|jboss|fuse|hotfix|patch|preview|dev|nightly|milestone|stable|git|svn|"
    r"dfsg|pr|fips|lts)\d*[a-z]?|[0-9a-f]{7,40}|\d+t\d+z?",
    re.IGNORECASE,
)
_CLASSIFIER = re.compile(
    r"[-_.](?:sources|javadoc|tests?|test-sources|all|shaded|uber|standalone|fat|bin|dist|min|nodeps?|no_aop|core|jdk\d+|"
    r"jar-with-dependencies|with-dependencies|executable|exec|boot|plain|runner|natives?(?:-[\w-]+)?|"
    r"(?:linux|windows|win32|win64|osx|macos|mac|darwin|unix|x86|x64|amd64|aarch|arm)[\w-]*)$",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"([^\d][^-]*(?:-[^\d][^-]*)*)-(\d+(?:\.\d+)+)-")
_REPOSITORIES = frozenset({"repository", "maven-repo", "repo", "maven2", ".m2", "m2", "releases", "snapshots"})


def split_name(stem: str) -> tuple[str, str]:
    """Artifact and version from a file name without its extension; the version is "" when the name has none.

    Classifiers that are known (``sources``, ``linux-x86_64`` ...) belong to neither; of several places where a version
    could begin, one that is followed by a dotted number is preferred (``log4j-1.2-api-2.17.1``).
    """
    if len(stem) > _LONGEST:
        return stem, ""
    plain = stem
    for _ in range(_MOST_CLASSIFIERS):
        cut = _CLASSIFIER.search(plain)
        if cut is None or not any(character.isdigit() for character in plain[: cut.start()]):
            break
        plain = plain[: cut.start()]
    scala = _SCALA.search(plain)
    bundle = None if scala else _ECLIPSE.search(plain, 1)
    if bundle and _is_version(plain[bundle.end() :]):
        return plain[: bundle.start()], plain[bundle.end() :]
    places = _DASH.finditer(plain, scala.end() if scala else 1)
    found = [(plain[: match.start()], plain[match.end() :]) for match in places]
    found = [(artifact, version) for artifact, version in found if _is_version(version)]
    if found:
        dotted = [pair for pair in found if "." in pair[1].partition("-")[0]]
        return dotted[0] if dotted else found[0]
    for match in _UNDERSCORE_OR_DOT.finditer(plain, 1):
        version = plain[match.end() :]
        if _is_version(version):
            return plain[: match.start()], version
    loose = _LOOSE.match(plain)
    return (loose[1], loose[2]) if loose else (plain, "")


def from_repository(path: str) -> Coordinates | None:
    """The coordinates of a file inside a Maven repository or a Gradle cache: there directories are proof."""
    parts = path.split("/")
    if len(parts) < 4:
        return None
    version, artifact = parts[-2], parts[-3]
    if parts[-1].startswith(f"{artifact}-{version}"):
        for position in range(len(parts) - 4, -1, -1):
            if parts[position] in _REPOSITORIES and position < len(parts) - 4:
                return Coordinates(".".join(parts[position + 1 : -3]), artifact, version)
    if "files-2.1" in parts[:-5] and parts[-1].startswith(f"{parts[-4]}-{parts[-3]}"):
        return Coordinates(parts[-5], parts[-4], parts[-3])
    return None


def _is_version(text: str) -> bool:
    return len(text) < 100 and all(_VERSION_TOKEN.fullmatch(token) for token in _TOKENS.split(text))
