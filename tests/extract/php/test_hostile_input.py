"""Cut off anywhere, with bytes changed, or nothing but noise: only ``Unreadable`` and printable facts may come out."""

import pytest

from assay.extract.php.composer import ComposerInstalled, ComposerLock

SAMPLES = [
    (ComposerLock(), "composer.lock", b'{"packages": [{"name": "a/b", "version": "1.0", "license": ["MIT"]}]}'),
    (
        ComposerInstalled(),
        "vendor/composer/installed.json",
        b'{"packages": [{"name": "a/b", "version": "1.0"}], "dev-package-names": ["a/b"]}',
    ),
]


@pytest.mark.parametrize(("extractor", "path", "sample"), SAMPLES, ids=[sample[0].name for sample in SAMPLES])
def test_only_unreadable_leaves_an_extractor(disturb, extractor, path, sample):
    disturb(extractor, path, sample)
