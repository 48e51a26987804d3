"""The packages one lock file states, each component once, however often the file repeats it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from assay.extract.contract import Fact, Problem
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

_LONGEST = 512


@dataclass(slots=True)
class _Statement:
    dev: bool
    direct: bool | None
    licenses: tuple[str, ...]


@dataclass(slots=True)
class Listing:
    """Collects what ``extractor`` reads in the file at ``path``.

    A component stated several times is needed only for development when every statement says so, and direct when
    one says so. An entry that cannot be used becomes part of one problem at the end; the others stand.
    """

    extractor: str
    ecosystem: Ecosystem
    path: str
    _found: dict[tuple[str, str], _Statement] = field(default_factory=dict)
    _bad: list[str] = field(default_factory=list)
    _bad_count: int = 0

    def add(
        self, name: str, version: str, *, dev: bool = False, direct: bool | None = None, licenses: tuple[str, ...] = ()
    ) -> None:
        """One statement; ``version`` is empty when the file does not say it (a git or a local dependency)."""
        if not name or not _is_plausible(name) or not _is_plausible(version):
            self.reject(f"{name[:80]!r} {version[:80]!r}")
            return
        known = self._found.get((name, version))
        if known is None:
            self._found[name, version] = _Statement(dev, direct, licenses)
            return
        known.dev = known.dev and dev
        known.licenses = known.licenses or licenses
        if direct is not None:
            known.direct = bool(known.direct) or direct

    def reject(self, what: str) -> None:
        """Note an entry that names no package."""
        self._bad_count += 1
        if len(self._bad) < 3:
            self._bad.append(what)

    def facts(self) -> Iterator[Fact]:
        """The packages in the file's order, then what could not be used."""
        for (name, version), statement in self._found.items():
            yield Package(
                Component(self.ecosystem, name, version),
                path=self.path,
                extractor=self.extractor,
                licenses=statement.licenses,
                dev=statement.dev,
                direct=statement.direct,
            )
        if self._bad_count:
            yield Problem(f"{self._bad_count} entries that cannot be used: {', '.join(self._bad)}")


def _is_plausible(text: str) -> bool:
    return len(text) <= _LONGEST and text.isprintable()
