"""Requirements files of pip, with the files they include.

Names as people give them: ``requirements.txt``, ``requirements-dev.txt``, ``requirements/base.txt``. Files inside an
installed package belong to its build and are left alone. A constraints file (``-c``) installs nothing; it only says
which version an unpinned requirement gets.
"""

import codecs
import posixpath
import re
from collections.abc import Iterator

from assay.extract.contract import Fact, Problem, Wants
from assay.extract.listing import Listing
from assay.extract.python.requirement import Include, Other, Requirement, logical_lines, parse_line
from assay.model.ecosystem import Ecosystem, normal_name
from assay.model.tree import SourceFile

_WANTED = re.compile(
    r"^(?!(?:.*/)?(?:(?:site|dist)-packages|node_modules)/)"
    r"(?:.*/)?(?:[^/]*(?:requirements|constraints|reqs)[^/]*|requirements/[^/]+)\.txt$"
)
_OWN_RIGHT = re.compile(
    r"(?:^|/)(?:(?![^/]*constraints)[^/]*requirements[^/]*|requirements/(?![^/]*constraints)[^/]+)$"
)
_DEVELOPMENT = re.compile(r"(?:^|[-_./])(?:dev|develop|development|tests?|testing|lint|linting|docs?)(?:[-_.]|$)")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MAX_INCLUDED = 200
_MAX_INCLUDED_BYTES = 512 << 10


class PythonRequirements:
    """Each file lists its own requirements; includes that are not requirements files by name are listed with it."""

    name = "python-requirements"
    version = 1
    wants = Wants(extensions=frozenset({".txt"}), pattern=_WANTED)
    max_size = 8 << 20
    needs_siblings = True

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        if not _OWN_RIGHT.search(file.path):
            return
        read = _Reading()
        if not read.follow(file):
            yield Problem("more included files than are read with one requirements file", kind="limit")
        for path, requirements, unusable in read.files:
            if path != file.path and _OWN_RIGHT.search(path):
                continue
            listing = Listing(self.name, Ecosystem.PYPI, path)
            dev = bool(_DEVELOPMENT.search(path.rpartition("/")[2]))
            for requirement in requirements:
                listing.add(requirement.name, read.version(requirement), dev=dev, direct=None)
            yield from listing.facts()
            if requirements and unusable:
                yield Problem(
                    f"{len(unusable)} lines of {path} state no usable requirement: {unusable[0][:80]!r}", "unstated"
                )


class _Reading:
    """The file, what it includes, and the pins of constraint files."""

    def __init__(self) -> None:
        self.files: list[tuple[str, list[Requirement], list[str]]] = []
        self._pins: dict[str, str] = {}
        self._seen: set[str] = set()

    def follow(self, file: SourceFile) -> bool:
        """Read the file and all that it includes, each once; False when a limit left some unread."""
        waiting = [(file, False)]
        left = file.size + _MAX_INCLUDED_BYTES
        while waiting:
            current, constraint = waiting.pop()
            if current.path in self._seen:
                continue
            left -= current.size
            if left < 0 or len(self._seen) > _MAX_INCLUDED:
                return False
            self._seen.add(current.path)
            waiting.extend(self._read(current, constraint=constraint))
        return True

    def _read(self, file: SourceFile, *, constraint: bool) -> Iterator[tuple[SourceFile, bool]]:
        requirements: list[Requirement] = []
        unusable: list[str] = []
        for line in logical_lines(_decoded(file.read())):
            stated = parse_line(line)
            if isinstance(stated, Requirement):
                requirements.append(stated)
            elif isinstance(stated, Include):
                path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), stated.path))
                included = file.sibling(path)
                if included is not None:
                    yield included, constraint or stated.constraint
            elif stated is Other.UNUSABLE:
                unusable.append(line)
        if constraint:
            pinned = (requirement for requirement in requirements if requirement.pinned)
            self._pins.update((normal_name(Ecosystem.PYPI, item.name), item.version) for item in pinned)
        else:
            self.files.append((file.path, requirements, unusable))

    def version(self, requirement: Requirement) -> str:
        if requirement.pinned:
            return requirement.version
        return self._pins.get(normal_name(Ecosystem.PYPI, requirement.name), requirement.version)


def _decoded(data: bytes) -> str:
    """As pip reads them: by byte order mark (Windows shells write UTF-16), else UTF-8."""
    if data.startswith(_UTF16):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")
