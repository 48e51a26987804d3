"""Cut off anywhere, with bytes changed, or nothing but noise: only ``Unreadable`` and printable facts may come out."""

import pytest

from assay.extract.ruby.bundler import GemfileLock
from assay.extract.ruby.gemspec import GemInstalled

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


@pytest.mark.parametrize(("extractor", "path", "sample"), SAMPLES, ids=[sample[0].name for sample in SAMPLES])
def test_only_unreadable_leaves_an_extractor(disturb, extractor, path, sample):
    disturb(extractor, path, sample)
