"""Modules that a ``go.mod`` requires: https://go.dev/ref/mod#go-mod-file.

The ``toolchain`` line, or else the ``go`` line, stands for the standard library. Before Go 1.17 the file lists direct
requirements only; the others are then taken from the ``go.sum`` beside it, whose entries for whole modules (not those
for their go.mod files) are what the build reads. A requirement that is replaced counts as its replacement; one that a
directory replaces keeps that directory as its name and has no version.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from assay.errors import Unreadable
from assay.extract.contract import Fact, Wants
from assay.extract.golang.version import module_version, toolchain_version
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|[^\s()]+|[()]')
_FIRST_COMPLETE = (1, 17)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One required module; ``indirect`` when only other modules need it."""

    path: str
    version: str
    indirect: bool = False


@dataclass(slots=True)
class ModFile:
    """What a ``go.mod`` says; ``replaced`` maps (path, version or "" for all) to the (path, version) in its place."""

    go: str = ""
    toolchain: str = ""
    requires: list[Requirement] = field(default_factory=list)
    excluded: set[tuple[str, str]] = field(default_factory=set)
    replaced: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def real(self, requirement: Requirement) -> tuple[str, str]:
        """Path and version of the code that is used for a requirement."""
        path, version = requirement.path, requirement.version
        return self.replaced.get((path, version)) or self.replaced.get((path, "")) or (path, version)


class GoModule:
    """The modules of a build, as far as its module file lists them; not those of other modules' own files."""

    name = "go-mod"
    version = 1
    wants = Wants(names=frozenset({"go.mod", "go.sum"}), pattern=re.compile(r"^(?!(?:.*/)?pkg/mod/)"))
    max_size = 8 << 20
    needs_siblings = True

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        if file.path.endswith(".sum"):
            return
        parsed = parse_mod(file.read())
        listing = Listing(self.name, Ecosystem.GOLANG, file.path)
        standard = toolchain_version(parsed.toolchain) or toolchain_version(f"go{parsed.go}")
        if standard:
            listing.add("stdlib", standard)
        for requirement in parsed.requires:
            if (requirement.path, requirement.version) not in parsed.excluded:
                path, version = parsed.real(requirement)
                listing.add(path, module_version(version), direct=not requirement.indirect)
        if _is_before_117(parsed.go):
            known = {requirement.path for requirement in parsed.requires}
            for path, version in _summed(file):
                if path not in known:
                    listing.add(*_plain(parsed.real(Requirement(path, version))), direct=False)
        yield from listing.facts()


def parse_mod(data: bytes) -> ModFile:
    """Read a module file; lines that are none of its own are passed over, as newer directives must be."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"go.mod that is not text: {error}") from error
    parsed = ModFile()
    block = ""
    for line in text.splitlines():
        code, _, comment = line.partition("//") if "//" in line else (line, "", "")
        words = [word.strip('"`') for word in _WORD.findall(code)]
        if not words:
            continue
        if words == [")"]:
            block = ""
        elif len(words) >= 2 and words[1] == "(":
            block = words[0]
        elif block:
            _directive(parsed, block, words, comment)
        else:
            _directive(parsed, words[0], words[1:], comment)
    return parsed


def _directive(parsed: ModFile, verb: str, words: list[str], comment: str) -> None:
    if verb == "go" and words:
        parsed.go = words[0]
    elif verb == "toolchain" and words:
        parsed.toolchain = words[0]
    elif verb == "require" and len(words) >= 2:
        parsed.requires.append(Requirement(words[0], words[1], comment.strip().startswith("indirect")))
    elif verb == "exclude" and len(words) >= 2:
        parsed.excluded.add((words[0], words[1]))
    elif verb == "replace" and "=>" in words[1:3]:
        arrow = words.index("=>")
        old, new = words[:arrow], words[arrow + 1 :]
        if new:
            parsed.replaced[old[0], old[1] if len(old) > 1 else ""] = (new[0], new[1] if len(new) > 1 else "")


def _is_before_117(go: str) -> bool:
    """Whether a module file of that version leaves out what other modules need; without a version it is Go 1.16's."""
    numbers = [int(part) for part in re.findall(r"\d{1,9}", go)[:2]]
    return tuple(numbers) < _FIRST_COMPLETE


def _plain(module: tuple[str, str]) -> tuple[str, str]:
    return module[0], module_version(module[1])


def _summed(file: SourceFile) -> Iterator[tuple[str, str]]:
    """The modules whose content ``go.sum`` knows."""
    beside = file.sibling(file.path.removesuffix("mod") + "sum")
    if beside is None:
        return
    for line in beside.read().decode("utf-8", "replace").splitlines():
        words = line.split()
        if len(words) == 3 and not words[1].endswith("/go.mod"):
            yield words[0], words[1]
