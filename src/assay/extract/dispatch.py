"""From a path to the extractors that want it: one table look-up per entry, whatever the number of extractors."""

from collections import defaultdict
from collections.abc import Iterable

from assay.extract.contract import Extractor

Wanting = tuple[Extractor, ...]

_NEVER_HOLDS_PACKAGES = frozenset(
    ".py .pyc .pyi .h .hpp .c .gz .bz2 .xz .mo .html .htm .css .js .mjs .ts .map .png .svg .jpg .gif .txt .md .rst "
    ".conf .so .a .o .la .pc .pm .pl .pod .rb .el .vim .cmake .desktop .service .ttf .pdf .1 .3 .5 .7 .8".split()
)


class Dispatch:
    """The wants of all extractors compiled into dictionaries."""

    def __init__(self, extractors: Iterable[Extractor]) -> None:
        self.extractors = tuple(extractors)
        names: dict[str, list[Extractor]] = defaultdict(list)
        extensions: dict[str, list[Extractor]] = defaultdict(list)
        directories: dict[str, list[Extractor]] = defaultdict(list)
        paths: dict[str, list[Extractor]] = defaultdict(list)
        magic: list[Extractor] = []
        for extractor in self.extractors:
            wants = extractor.wants
            for table, keys in (
                (names, wants.names),
                (extensions, wants.extensions),
                (directories, wants.directories),
                (paths, wants.paths),
            ):
                for key in keys:
                    table[key].append(extractor)
            if wants.magic:
                magic.append(extractor)
        self._names = {key: tuple(value) for key, value in names.items()}
        self._extensions = {key: tuple(value) for key, value in extensions.items()}
        self._directories = {key: tuple(value) for key, value in directories.items()}
        self._paths = {key: tuple(value) for key, value in paths.items()}
        self._magic = tuple(magic)
        self._magic_size = min((extractor.wants.magic_size for extractor in magic), default=0)
        self.magic_length = max((len(start) for extractor in magic for start in extractor.wants.magic), default=0)

    def by_path(self, path: str) -> Wanting:
        """The extractors that want the file for its path."""
        cut = path.rfind("/")
        name = path[cut + 1 :]
        dot = name.rfind(".")
        found = self._names.get(name, ())
        if dot >= 0:
            found += self._extensions.get(name[dot:].lower(), ())
        if cut >= 0:
            found += self._directories.get(path[:cut], ())
        found += self._paths.get(path, ())
        if not found:
            return ()
        return tuple(
            extractor
            for extractor in dict.fromkeys(found)
            if extractor.wants.pattern is None or extractor.wants.pattern.search(path)
        )

    def magic_applies(self, path: str, mode: int, size: int) -> bool:
        """Whether the file's first bytes are worth a look: executable, or a name without an extension."""
        if size < self._magic_size or not self._magic:
            return False
        return bool(mode & 0o111) or "." not in path[path.rfind("/") + 1 :]

    def by_magic(self, path: str, size: int, start: bytes) -> Wanting:
        """The extractors that want the file for its first bytes."""
        return tuple(
            extractor
            for extractor in self._magic
            if size >= extractor.wants.magic_size
            and start.startswith(extractor.wants.magic)
            and (extractor.wants.pattern is None or extractor.wants.pattern.search(path))
        )

    def may_hold_packages(self, path: str) -> bool:
        """Whether a file of this name could state a package; used to keep only ownership that can matter."""
        name = path[path.rfind("/") + 1 :]
        dot = name.rfind(".")
        if dot < 0 or name[dot:] not in _NEVER_HOLDS_PACKAGES:
            return True
        return name in self._names or name[dot:] in self._extensions
