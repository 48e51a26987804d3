"""Dart and Flutter packages locked in ``pubspec.lock``: https://dart.dev/tools/pub/glossary#lockfile.

The file is YAML as ``pub`` writes it: one level of indentation for packages, one for their fields, so it is read line
by line. Packages from git, a path or the SDK are listed with the version they state.
"""

from collections.abc import Iterator

from assay.errors import Unreadable
from assay.extract.contract import Fact, Wants
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile


class PubspecLock:
    """The packages of ``pubspec.lock``."""

    name = "pubspec-lock"
    version = 1
    wants = Wants(names=frozenset({"pubspec.lock"}))
    max_size = 16 << 20
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable(f"pubspec.lock that is not text: {error}") from error
        if not any(line.startswith("packages:") for line in text.splitlines()):
            raise Unreadable("pubspec.lock without packages")
        listing = Listing(self.name, Ecosystem.PUB, file.path)
        for name, fields in _packages(text):
            kind = fields.get("dependency", "")
            listing.add(name, fields.get("version", ""), dev=kind == "direct dev", direct=kind.startswith("direct"))
        yield from listing.facts()


def _packages(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    name, fields = "", dict[str, str]()
    inside = False
    of_packages = of_fields = 0
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        key, _, value = bare.partition(":")
        if indent == 0:
            inside = key == "packages"
            of_packages = 0
        elif inside and (not of_packages or indent <= of_packages):
            if name:
                yield name, fields
            name, fields, of_packages, of_fields = key.strip("\"'"), {}, indent, 0
        elif inside and (not of_fields or indent <= of_fields):
            of_fields = indent
            fields[key.strip("\"'")] = value.strip().strip("\"'")
    if name:
        yield name, fields
