"""Cut off anywhere, with bytes changed, or nothing but noise: only ``Unreadable`` and printable facts may come out."""

import io
import random
import zipfile

import pytest

from assay.errors import Unreadable
from assay.extract.python.conda import CondaInstalled
from assay.extract.python.installed import PythonInstalled
from assay.extract.python.pdm import PdmLock
from assay.extract.python.pipenv import PipfileLock
from assay.extract.python.poetry import PoetryLock
from assay.extract.python.pylock import Pylock
from assay.extract.python.requirements import PythonRequirements
from assay.extract.python.uv import UvLock
from assay.model.component import Package
from assay.model.tree import SourceFile


def egg() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EGG-INFO/PKG-INFO", b"Name: a\nVersion: 1\n")
    return file.getvalue()


SAMPLES = [
    (CondaInstalled(), "conda-meta/a.json", b'{"name": "openssl", "version": "3.0", "license": "Apache-2.0"}'),
    (PythonInstalled(), "a.dist-info/METADATA", b"Metadata-Version: 2.1\nName: a\nVersion: 1\nLicense: MIT\n\nbody"),
    (PythonInstalled(), "a.egg", egg()),
    (PdmLock(), "pdm.lock", b'[[package]]\nname = "a"\nversion = "1"\ngroups = ["dev"]\n'),
    (PipfileLock(), "Pipfile.lock", b'{"_meta": {}, "default": {"a": {"version": "==1"}}, "develop": {}}'),
    (PoetryLock(), "poetry.lock", b'[[package]]\nname = "a"\nversion = "1"\ncategory = "dev"\n'),
    (Pylock(), "pylock.toml", b'[[packages]]\nname = "a"\nversion = "1"\nmarker = "\'d\' in dependency_groups"\n'),
    (
        PythonRequirements(),
        "requirements.txt",
        b"-r requirements.txt\na[b]==1 ; c \\\n --hash=x\nd @ http://x/d-1-py3-none-any.whl\ne>=1,<2\n",
    ),
    (
        UvLock(),
        "uv.lock",
        b'[[package]]\nname = "a"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [{ name = "a" }]\n',
    ),
]
PIECES = [
    b"\0",
    b"\xff",
    b'"',
    b"'",
    b"\n",
    b"\\",
    b"[" * 1500,
    b"{",
    b"}",
    b":",
    b"@",
    b",",
    b"  ",
    b"\\ud800",
    b"\x1b[2J",
]


def survives(extractor, path: str, data: bytes) -> None:
    try:
        for fact in extractor.extract(SourceFile(path, len(data), lambda: io.BytesIO(data))):
            if isinstance(fact, Package):
                assert fact.component.name
                assert (fact.component.name + fact.component.version).isprintable()
            repr(fact).encode()
    except Unreadable as error:
        str(error).encode()


@pytest.mark.parametrize(("extractor", "path", "sample"), SAMPLES, ids=[sample[0].name for sample in SAMPLES])
def test_only_unreadable_leaves_an_extractor(extractor, path, sample):
    dice = random.Random(extractor.name)
    for length in range(len(sample)):
        survives(extractor, path, sample[:length])
    for _ in range(300):
        survives(extractor, path, dice.randbytes(dice.randrange(200)))
        changed = bytearray(sample)
        for _ in range(dice.randrange(1, 6)):
            start = dice.randrange(len(changed) + 1)
            changed[start : start + dice.randrange(4)] = dice.choice(PIECES)
        survives(extractor, path, bytes(changed))
