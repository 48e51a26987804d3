"""Archives that are cut off or changed at random: nothing but Unreadable leaves the extractor."""

import contextlib
import random

import pytest

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.model.component import Package


@pytest.fixture
def archive(jar, pom, mf) -> bytes:
    inner = jar({**pom("g", "inner", "1"), "A.class": b"x" * 50})
    return jar(
        {
            **mf("Implementation-Version: 1.2", "Bundle-SymbolicName: a.b", "Bundle-License: MIT"),
            **pom("g", "a", "1.2"),
            "META-INF/maven/g/b/pom.xml": "<project><parent><groupId>g</groupId><version>1</version></parent></project>",
            "lib/inner-1.jar": inner,
        }
    )


def survives(facts, data: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert all(isinstance(fact, Package | Problem) for fact in facts("a-1.2.jar", data))


def test_an_archive_cut_off_anywhere(facts, archive) -> None:
    for length in range(0, len(archive), 5):
        survives(facts, archive[:length])


def test_an_archive_with_random_changes(facts, archive) -> None:
    chance = random.Random(20)
    for _ in range(1_000):
        changed = bytearray(archive)
        for _ in range(chance.choice((1, 2, 8))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        survives(facts, bytes(changed))
