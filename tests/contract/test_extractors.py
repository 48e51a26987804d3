"""What every extractor promises, whichever it is: registered once, bounded, and unharmed by any bytes."""

import inspect
import io
import random
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import assay.extract
from assay.errors import Unreadable
from assay.extract import registry
from assay.extract.contract import Extractor, OsRelease, Ownership, Problem
from assay.model.component import Package
from assay.model.tree import SourceFile

EXTRACTORS = registry.all_extractors()
BY_NAME = pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda extractor: extractor.name)
SEEDS = (
    b'{"name": "a", "version": "1.0", "packages": {"": {}}, "lockfileVersion": 3, "dependencies": []}',
    b"<?xml version='1.0'?><project><dependencies><dependency/></dependencies></project>",
    b"Package: a\nStatus: install ok installed\nVersion: 1\n\n",
    b"[[package]]\nname = 'a'\nversion = '1'\n",
    b"packages:\n  /a@1.0.0:\n    resolution: {}\n",
    b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 40 + b"PK\x05\x06" + b"\x00" * 18,
    b"\x7fELF\x02\x01\x01" + b"\x00" * 9 + b"\x02\x00\x3e\x00" + b"\xff" * 100,
    b"MZ" + b"\x00" * 58 + b"\x40\x00\x00\x00PE\x00\x00" + b"\xff" * 100,
    b"SQLite format 3\x00" + b"\x10\x00\x01\x01\x00\x40\x20\x20" + b"\x00" * 200,
    b"\x00" * 300,
    b"",
    b"[" * 5000,
    b"a: " * 3000,
    b"\xff\xfe" * 50,
)


def path_for(extractor: Extractor) -> str:
    wants = extractor.wants
    for path in sorted(wants.paths):
        return path
    for name in sorted(wants.names):
        return f"app/{name}"
    for extension in sorted(wants.extensions):
        return f"app/some-1.0{extension}"
    for directory in sorted(wants.directories):
        return f"{directory}/some"
    return "usr/bin/some"


def source(extractor: Extractor, data: bytes) -> SourceFile:
    return SourceFile(path_for(extractor), len(data), lambda: io.BytesIO(data), 0o755)


def classes() -> set[str]:
    found = set()
    for module in walk_packages(assay.extract.__path__, "assay.extract."):
        loaded = import_module(module.name)
        for name, value in vars(loaded).items():
            own = inspect.isclass(value) and value.__module__ == module.name
            if own and not getattr(value, "_is_protocol", False) and hasattr(value, "extract"):
                found.add(f"{module.name.removeprefix('assay.extract.')}:{name}")
    return found


def test_every_extractor_is_registered_once() -> None:
    rows = registry.INSTALLED + registry.DECLARED
    assert sorted(rows) == sorted(classes())
    assert len({extractor.name for extractor in EXTRACTORS}) == len(rows)


@BY_NAME
def test_an_extractor_says_what_it_wants_and_how_much(extractor: Extractor) -> None:
    wants = extractor.wants
    assert wants.names or wants.extensions or wants.directories or wants.paths or wants.magic
    assert 0 < extractor.max_size <= 8 << 30
    assert extractor.version >= 1
    assert all(extension.startswith(".") and extension == extension.lower() for extension in wants.extensions)


@BY_NAME
@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_any_bytes_give_facts_or_unreadable(extractor: Extractor, seed: int) -> None:
    generator = random.Random(seed)
    data = SEEDS[seed]
    survive(extractor, data)
    for _ in range(12):
        broken = bytearray(data)
        for _ in range(generator.randrange(1, 6)):
            if broken:
                broken[generator.randrange(len(broken))] = generator.randrange(256)
        survive(extractor, bytes(broken[: generator.randrange(len(broken) + 1)]))


def survive(extractor: Extractor, data: bytes) -> None:
    try:
        for fact in extractor.extract(source(extractor, data)):
            assert isinstance(fact, Package | Ownership | OsRelease | Problem)
            if isinstance(fact, Package):
                assert fact.component.name
                assert not fact.layer
                assert not fact.owner
                assert fact.extractor == extractor.name
    except Unreadable as error:
        message = str(error)
        assert message


def test_the_registry_loads_from_its_own_folder() -> None:
    folder = Path(registry.__file__).parent
    assert all((folder / (row.partition(":")[0].replace(".", "/") + ".py")).exists() for row in registry.INSTALLED)
