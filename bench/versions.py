"""How fast versions become keys and how fast keys are compared: ``python -m bench.versions``.

Best of three runs each, in processor seconds of this one thread: the machine's other work only ever slows a run
down. The memo of whole versions is not used for the keys; that of tokens is, as in any scan.
"""

import random
import time
from collections.abc import Callable, Sequence

from assay.model.ecosystem import Ecosystem
from assay.versions.bulk import hits
from assay.versions.ranges import Bounds, within
from assay.versions.registry import SCHEMES, compare
from bench.measure import write_section

COUNT = 20_000
KEYS = 100_000
RANGES = 10_000


def deb(draw: random.Random) -> str:
    epoch = draw.choice(("", "", "", "1:"))
    revision = draw.choice(("-1", "-2ubuntu0.3", "-3+deb12u1", "-1~bpo11+1", "-4build2"))
    return f"{epoch}{draw.randrange(20)}.{draw.randrange(40)}.{draw.randrange(200)}{revision}"


def rpm(draw: random.Random) -> str:
    release = f"{draw.randrange(30)}.el{draw.randrange(7, 10)}_{draw.randrange(9)}"
    return f"{draw.randrange(20)}.{draw.randrange(40)}.{draw.randrange(200)}-{release}"


def apk(draw: random.Random) -> str:
    suffix = draw.choice(("", "_p2", "_rc1"))
    return f"{draw.randrange(20)}.{draw.randrange(40)}.{draw.randrange(200)}{suffix}-r{draw.randrange(9)}"


def language(*suffixes: str) -> Callable[[random.Random], str]:
    def version(draw: random.Random) -> str:
        return f"{draw.randrange(20)}.{draw.randrange(40)}.{draw.randrange(200)}{draw.choice(('', '', '', *suffixes))}"

    return version


VERSIONS: dict[Ecosystem, Callable[[random.Random], str]] = {
    Ecosystem.DEB: deb,
    Ecosystem.OPKG: deb,
    Ecosystem.RPM: rpm,
    Ecosystem.APK: apk,
    Ecosystem.PYPI: language("rc1", ".post1"),
    Ecosystem.NPM: language("-beta.1"),
    Ecosystem.MAVEN: language("-SNAPSHOT", ".Final"),
    Ecosystem.GEM: language(".rc1"),
    Ecosystem.NUGET: language("-preview.2"),
    Ecosystem.COMPOSER: language("-beta2"),
    Ecosystem.GOLANG: language("-0.20200101000000-abcdefabcdef"),
    Ecosystem.CARGO: language("-alpha.1"),
    Ecosystem.HEX: language("-rc.0"),
    Ecosystem.PUB: language("+1"),
    Ecosystem.CONAN: language("k"),
    Ecosystem.SWIFT: language("-beta.1"),
    Ecosystem.GENERIC: language("a"),
}


def best(action: Callable[[], object], runs: int = 3) -> float:
    """Processor seconds of the fastest run."""
    times = []
    for _ in range(runs):
        started = time.process_time()
        action()
        times.append(time.process_time() - started)
    return min(times)


def keys_per_second(ecosystem: Ecosystem) -> float:
    draw = random.Random(1)
    versions = [VERSIONS[ecosystem](draw) for _ in range(COUNT)]
    scheme = SCHEMES[ecosystem]
    return COUNT / best(lambda: [scheme(version) for version in versions])


def some_bounds(keys: Sequence[bytes], draw: random.Random) -> list[Bounds]:
    """Ranges as advisories have them: two thirds from the first version on, the others short."""
    ordered = sorted(set(keys))
    bounds: list[Bounds] = []
    for number in range(RANGES):
        at = draw.randrange(len(ordered))
        low = None if number % 3 else ordered[max(0, at - len(ordered) // 20)]
        bounds.append((low, ordered[at], number % 5 == 0))
    return bounds


def main() -> None:
    """Measure, print, and rewrite the section of docs/benchmarks.md."""
    rows = [(f"{ecosystem.value} versions encoded", keys_per_second(ecosystem)) for ecosystem in Ecosystem]
    draw = random.Random(2)
    versions = [deb(draw) for _ in range(KEYS)]
    keys = [SCHEMES[Ecosystem.DEB](version) for version in versions]
    bounds = some_bounds(keys, draw)

    pairs = list(zip(versions[:COUNT], versions[COUNT : 2 * COUNT], strict=True))
    seconds = best(lambda: [compare(Ecosystem.DEB, left, right) for left, right in pairs])
    rows.append(("compare two versions (keys from the memo)", len(pairs) / seconds))
    built = list(zip(keys[:COUNT], keys[COUNT : 2 * COUNT], strict=True))
    seconds = best(lambda: [left < right for left, right in built])
    rows.append(("compare two keys", len(built) / seconds))
    tests = [(key, bounds[place % RANGES]) for place, key in enumerate(keys)]
    seconds = best(lambda: [within(key, entry) for key, entry in tests])
    rows.append(("test one key against one range", len(tests) / seconds))
    found = 0

    def all_at_once() -> None:
        nonlocal found
        found = sum(len(positions) for _, positions in hits(keys, bounds))

    seconds = best(all_at_once)
    rows.append((f"test {KEYS:,} keys against {RANGES:,} ranges at once", KEYS * RANGES / seconds))
    rows.append(("of these, keys found inside a range", found / seconds))
    table = ["| what | a second |", "|---|---:|", *(f"| {what} | {rate:,.0f} |" for what, rate in rows)]
    print("\n".join(table))
    write_section("Versions", "One core, best of several rounds.\n\n" + "\n".join(table))


if __name__ == "__main__":
    main()
