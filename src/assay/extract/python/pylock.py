"""``pylock.toml`` and ``pylock.NAME.toml``: https://packaging.python.org/en/latest/specifications/pylock-toml/."""

import re
from collections.abc import Iterator

from assay.extract.contract import Fact, Wants
from assay.extract.listing import Listing
from assay.extract.python.toml_document import MAX_TOML, read_toml, strings, tables
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_GROUP = re.compile(r"""["']([^"']*)["'] in dependency_groups""")


class Pylock:
    """One package per ``[[packages]]``; a directory of the project itself is not one.

    A package is needed only for development when its marker is nothing but dependency groups, none of which is
    among the groups installed by default.
    """

    name = "python-pylock"
    version = 1
    wants = Wants(
        names=frozenset({"pylock.toml"}),
        extensions=frozenset({".toml"}),
        pattern=re.compile(r"(?:^|/)pylock(?:\.[^/.]+)?\.toml$"),
    )
    max_size = MAX_TOML
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        document = read_toml(file.read())
        listing = Listing(self.name, Ecosystem.PYPI, file.path)
        default = frozenset(strings(document.get("default-groups")))
        for name, version, package in tables(document, "packages", listing):
            if not version and "directory" in package:
                continue
            listing.add(name, version, dev=_is_development(package.get("marker"), default))
        yield from listing.facts()


def _is_development(marker: object, default: frozenset[str]) -> bool:
    if not isinstance(marker, str):
        return False
    groups = _GROUP.findall(marker)
    rest = _GROUP.sub("", marker).replace("or", "").strip(" ()")
    return bool(groups) and not rest and default.isdisjoint(groups)
