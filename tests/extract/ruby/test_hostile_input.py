"""Cut off anywhere, with bytes changed, or nothing but noise: only ``Unreadable`` and printable facts may come out."""

import io
import random

import pytest

from assay.errors import Unreadable
from assay.extract.ruby.bundler import GemfileLock
from assay.extract.ruby.gemspec import GemInstalled
from assay.model.component import Package
from assay.model.tree import SourceFile

SAMPLES = [
    (GemfileLock(), "Gemfile.lock", b"GEM\n  specs:\n    rack (2.2.3)\n      a (~> 1)\n\nDEPENDENCIES\n  rack!\n"),
    (
        GemInstalled(),
        "specifications/rack-2.2.3.gemspec",
        (
            b'# stub: rack 2.2.3 ruby lib\n\nGem::Specification.new do |s|\n  s.name = "rack".freeze\n'
            b'  s.version = "2.2.3"\n  s.licenses = ["MIT".freeze]\nend\n'
        ),
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
