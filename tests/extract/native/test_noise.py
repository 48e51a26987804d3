"""Executables that are cut off or changed at random: nothing but problems comes of it."""

import json
import random
import zlib

from assay.extract.contract import Problem
from assay.model.component import Package


def test_executables_with_random_changes(images, facts) -> None:
    blob = images.go_blob("go1.21.3", "path\ta.b/c\nmod\ta.b/c\tv1.0.0\th\ndep\td.e/f\tv1.2.3\th\n=>\tg.h/i\tv2\n")
    crates = zlib.compress(json.dumps({"packages": [{"name": "a", "version": "1"}]}).encode())
    seeds = [
        images.elf({".go.buildinfo": blob, ".dep-v0": crates}, wide=True, big=False),
        images.elf({".go.buildinfo": blob, ".dep-v0": crates}, wide=False, big=True),
        images.elf({".go.buildinfo": blob}, table=False),
        images.pe([(".data", blob, 0xC0000040), (".dep-v0", crates, 0x40000040)], {}, wide=True),
        images.macho({"__go_buildinfo": blob, ".dep-v0": crates}),
    ]
    chance = random.Random(21)
    for _ in range(3_000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((1, 2, 8))):
            place = chance.randrange(chance.choice((256, len(data))))
            data[place] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
        cut = chance.choice((len(data), chance.randrange(len(data))))
        for fact in facts("usr/bin/tool", bytes(data[:cut])):
            assert isinstance(fact, Package | Problem)
