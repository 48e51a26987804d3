"""Executables and what was built into them: Go modules, Rust crates, .NET assemblies.

One extractor reads all three, so that the many executables which are none of them are opened once.
"""

from collections.abc import Iterator

from assay.errors import LimitExceeded, Unreadable
from assay.extract.binary.elf import read_elf
from assay.extract.binary.image import Image
from assay.extract.binary.macho import FAT, THIN, read_macho
from assay.extract.binary.pe import read_pe
from assay.extract.contract import PROGRAM, Fact, Problem, Wants
from assay.extract.dotnet.assembly import assembly_packages
from assay.extract.golang.binary import go_packages
from assay.extract.golang.buildinfo import read_build_info
from assay.extract.rust.auditable import LARGEST, SECTION, crates
from assay.extract.window import Window
from assay.model.tree import SourceFile

_ELF, _PE = b"\x7fELF", b"MZ"
_WANTED = (b".go.buildinfo", b".gopclntab", b".note.go.buildid", SECTION.encode())


class Executable:
    """Packages in ELF, PE and Mach-O files. A file that only looks like one holds none, and that is no error."""

    name = "executable"
    version = 2
    wants = Wants(extensions=frozenset({".exe", ".dll"}), magic=(_ELF, _PE, *THIN, *FAT), magic_size=512)
    max_size = PROGRAM
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        with file.open() as reader:
            start = reader.read(4)
            window = Window(reader, 0, file.size)
            if start == _ELF:
                image = read_elf(window, _WANTED)
                if image is not None:
                    yield from self._built_in(image, file.path)
            elif start.startswith(_PE):
                found = read_pe(window)
                if found is not None:
                    yield from self._built_in(found.image, file.path)
                    yield from assembly_packages(found, file.path, self.name)
            elif start.startswith((*THIN, *FAT)):
                yield from self._of_architectures(read_macho(window), file.path)

    def _of_architectures(self, images: list[Image], path: str) -> Iterator[Fact]:
        """A fat file holds the same program several times: a fact is stated once."""
        seen: set[Fact] = set()
        for image in images:
            for fact in self._built_in(image, path):
                if fact not in seen:
                    seen.add(fact)
                    yield fact

    def _built_in(self, image: Image, path: str) -> Iterator[Fact]:
        try:
            info = read_build_info(image)
            if info is not None:
                yield from go_packages(info, image, path, self.name)
                if not info.complete:
                    yield Problem("a Go program without build information: its modules are not known", "unstated")
            section = image.section(SECTION)
            if section is not None:
                yield from crates(image.content(section, LARGEST), path, self.name)
        except LimitExceeded as error:
            yield Problem(str(error), "limit")
        except Unreadable as error:
            yield Problem(str(error))
