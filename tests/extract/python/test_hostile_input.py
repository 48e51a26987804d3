"""Cut off anywhere, with bytes changed, or nothing but noise: only ``Unreadable`` and printable facts may come out."""

import io
import zipfile

import pytest

from assay.extract.python.conda import CondaInstalled
from assay.extract.python.installed import PythonInstalled
from assay.extract.python.pdm import PdmLock
from assay.extract.python.pipenv import PipfileLock
from assay.extract.python.poetry import PoetryLock
from assay.extract.python.pylock import Pylock
from assay.extract.python.requirements import PythonRequirements
from assay.extract.python.uv import UvLock


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


@pytest.mark.parametrize(("extractor", "path", "sample"), SAMPLES, ids=[sample[0].name for sample in SAMPLES])
def test_only_unreadable_leaves_an_extractor(disturb, extractor, path, sample):
    disturb(extractor, path, sample)
