"""Our order against the ecosystems' own programs, on random near neighbours; skips where a program is missing.

``ASSAY_VERSION_PAIRS`` sets how many pairs each comparison draws (100000 is a thorough run).
"""

import os
import random
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from assay.errors import InvalidVersion
from assay.model.ecosystem import Ecosystem
from assay.versions.registry import compare

PAIRS = int(os.environ.get("ASSAY_VERSION_PAIRS", "2000"))
MAVEN = Path("/usr/share/java/maven-artifact-3.x.jar")

Pair = tuple[str, str]
Grammar = Callable[[random.Random], str]
Needs = Callable[[str], str]
Ask = Callable[[Sequence[str], Sequence[Pair]], list[str]]


def number(draw: random.Random) -> str:
    kind = draw.random()
    if kind < 0.6:
        return str(draw.choice((0, 0, 1, 1, 2, 3, 9, 10, 11, 20)))
    if kind < 0.8:
        return draw.choice(("00", "01", "007", "010", "0"))
    if kind < 0.97:
        return str(draw.randrange(1000))
    return str(draw.randrange(10**9))


def dotted(draw: random.Random, most: int = 4) -> str:
    return ".".join(number(draw) for _ in range(draw.randint(1, most)))


def soup(draw: random.Random, pieces: Sequence[str], most: int) -> str:
    return "".join(draw.choice(pieces) if draw.random() < 0.6 else number(draw) for _ in range(draw.randint(0, most)))


def deb(draw: random.Random) -> str:
    pieces = [*"abzABZ.+~-", "~rc", "+b", "deb12u", "ubuntu", "~~", "..", "~bpo", "+dfsg"]
    epoch = draw.choice(("", "", "", "0:", "1:", "01:", "2:"))
    upstream = dotted(draw) + soup(draw, pieces, 5)
    revision = draw.choice(("", "-" + soup(draw, [piece for piece in pieces if piece != "-"], 4) + number(draw)))
    return epoch + upstream.strip("-") + revision


def rpm(draw: random.Random) -> str:
    pieces = [*"abzABZ.+~^_-", "~rc", "^git", "el9", ".module+", "~~", "^^", "..", ".fc", "α", "+", "a"]
    epoch = draw.choice(("", "", "", "0:", "1:", "01:", ":", "7:"))
    return (
        epoch
        + soup(draw, pieces, 3)
        + dotted(draw)
        + soup(draw, pieces, 4)
        + draw.choice(("", "-1.el8", "-1", "-2.el8_9.1"))
    )


def pep440(draw: random.Random) -> str:
    parts = [
        draw.choice(("", "", "v", " ")),
        draw.choice(("", "", "0!", "1!")),
        dotted(draw),
        draw.choice(("", "", "a1", ".a", "-b.2", "rc1", "_c1", "pre3", "alpha", "preview_0", "ALPHA2")),
        draw.choice(("", "", ".post1", "-1", "post", ".r2", "-rev3", ".post-4", "-0")),
        draw.choice(("", "", ".dev1", "dev", "-dev0", "_DEV.3")),
        draw.choice(("", "", "+local", "+1", "+ubuntu.1", "+a-1_b", "+0.01")),
    ]
    return "".join(parts)


def semver(draw: random.Random) -> str:
    identifiers = ("alpha", "beta", "rc", "0", "1", "2", "10", "a-b", "-", "x1", "1x", "A", "RC", "0-20200101-abcdef")
    text = ".".join(draw.choice(("0", "1", "2", "10", str(draw.randrange(10**6)))) for _ in range(3))
    if draw.random() < 0.5:
        text += "-" + ".".join(draw.choice(identifiers) for _ in range(draw.randint(1, 3)))
    if draw.random() < 0.2:
        text += "+" + draw.choice(("build", "1.2", "incompatible", "0-a"))
    return text


def gem(draw: random.Random) -> str:
    words = ("a", "b", "rc", "pre", "beta1", "a0", "0b", "Z", "x86", "1a1")
    segments = [number(draw), *(draw.choice((number(draw), *words)) for _ in range(draw.randint(0, 5)))]
    return ".".join(segments) + draw.choice(("", "", "", "-1", "-rc.1", "-a-b", "-0.0"))


def maven(draw: random.Random) -> str:
    words = (
        *(
            "alpha",
            "beta",
            "milestone",
            "rc",
            "cr",
            "SNAPSHOT",
            "ga",
            "Final",
            "RELEASE",
            "sp",
            "a",
            "b",
            "m",
            "x",
            "foo",
        ),
        *("jre", "redhat", "Alpha", "RC", "incubating", "pre"),
    )
    text = dotted(draw)
    for _ in range(draw.randint(0, 3)):
        text += draw.choice((".", "-", "-", "")) + draw.choice((draw.choice(words), draw.choice(words), number(draw)))
    return text


def composer(draw: random.Random) -> str:
    pieces = [
        *".-_+",
        "alpha",
        "beta",
        "RC",
        "rc",
        "pl",
        "p",
        "patch",
        "dev",
        "a",
        "b",
        "foo",
        "stable",
        "-dev",
        "#"[:0],
    ]
    return draw.choice(("", "", "v", "dev-")) + dotted(draw) + soup(draw, pieces, 4)


def neighbour(draw: random.Random, version: str) -> str:
    """The same version with one small change."""
    at = draw.randrange(len(version) + 1)
    kind = draw.random()
    if kind < 0.25:
        return version[:at] + version[at + 1 :]
    if kind < 0.5:
        return version[:at] + draw.choice("01.a-~") + version[at:]
    if kind < 0.75:
        return re.sub(
            r"\d+",
            lambda found: str((int(found[0]) + draw.choice((0, 1, 9))) % 10**12),
            version,
            count=draw.randint(1, 3),
        )
    return version + draw.choice((".0", "0", "-1", "a", ".1", "-rc1", ".0.0"))


def pairs(grammar: Grammar, legal: Callable[[str], object] = bool, seed: int = 20260822) -> list[Pair]:
    """Distinct pairs of legal versions, half of them near neighbours."""
    draw = random.Random(seed)
    drawn: list[Pair] = []
    while len(drawn) < PAIRS:
        left = grammar(draw)
        right = neighbour(draw, left) if draw.random() < 0.5 else grammar(draw)
        if legal(left) and legal(right):
            drawn.append((left, right) if draw.random() < 0.5 else (right, left))
    return drawn


def ours(ecosystem: Ecosystem, drawn: Sequence[Pair]) -> list[str]:
    answers = []
    for left, right in drawn:
        try:
            answers.append("<=>"[compare(ecosystem, left, right) + 1])
        except InvalidVersion as error:
            answers.append(str(error))
    return answers


def differences(ecosystem: Ecosystem, drawn: Sequence[Pair], theirs: Sequence[str]) -> list[tuple[str, str, str, str]]:
    answers = zip(drawn, ours(ecosystem, drawn), theirs, strict=True)
    return [(left, right, our, their) for (left, right), our, their in answers if our != their]


def test_deb_agrees_with_dpkg(needs: Needs) -> None:
    needs("dpkg")
    legal = re.compile(r"(?:\d+:\d[A-Za-z0-9.+~:-]*|\d[A-Za-z0-9.+~-]*)(?<!-)").fullmatch
    drawn = pairs(deb, legal)
    names = {"<": "lt", "=": "eq", ">": "gt"}
    script = 'while read -r a op b; do if dpkg --compare-versions "$a" $op "$b"; then echo y; else echo n; fi; done'
    text = "".join(f"{a} {names[op]} {b}\n" for (a, b), op in zip(drawn, ours(Ecosystem.DEB, drawn), strict=True))
    run = subprocess.run(["sh", "-c", script], input=text, capture_output=True, text=True, check=True)
    answers = run.stdout.split()
    assert [pair for pair, answer in zip(drawn, answers, strict=True) if answer != "y"] == []
    assert run.stderr == ""


def test_rpm_agrees_with_rpm(needs: Needs, tmp_path: Path) -> None:
    needs("rpm")
    drawn = pairs(rpm, re.compile(r"\S+").fullmatch)
    listing = tmp_path / "pairs"
    listing.write_text("".join(f"{left}\t{right}\n" for left, right in drawn))
    script = (
        f'for line in io.lines("{listing}") do local a, b = line:match("(%S+)%s+(%S+)") '
        'local c = rpm.vercmp(a, b) print(c < 0 and "<" or c > 0 and ">" or "=") end'
    )
    run = subprocess.run(["rpm", "--eval", "%{lua: " + script + "}"], capture_output=True, text=True, check=True)
    answers = list(run.stdout.replace("\n", ""))  # some releases of rpm print without line ends
    assert differences(Ecosystem.RPM, drawn, answers) == []


def test_pypi_agrees_with_packaging() -> None:
    version = pytest.importorskip("packaging.version")

    def legal(text: str) -> bool:
        try:
            version.Version(text)
        except version.InvalidVersion:
            return False
        return True

    drawn = pairs(pep440, legal)
    theirs = []
    for left, right in drawn:
        a, b = version.Version(left), version.Version(right)
        theirs.append("<" if a < b else ">" if a > b else "=")
    assert differences(Ecosystem.PYPI, drawn, theirs) == []


NODE = """
const path = require("path"), fs = require("fs");
const root = process.argv[1];
const semver = require(root);
const lines = fs.readFileSync(0, "utf8").trimEnd().split("\\n");
console.log(lines.map((line) => { const [a, b] = line.split("\\t");
  try { const c = semver.compare(a, b, true); return c < 0 ? "<" : c > 0 ? ">" : "="; } catch (e) { return "!"; } }).join("\\n"));
"""


@pytest.mark.parametrize(
    "ecosystem", [Ecosystem.NPM, Ecosystem.CARGO, Ecosystem.HEX, Ecosystem.SWIFT, Ecosystem.GOLANG]
)
def test_semantic_versions_agree_with_node_semver(ecosystem: Ecosystem, ask: Ask, node_semver: str) -> None:
    strict = re.compile(
        r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)"
        r"(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*)?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?"
    ).fullmatch
    drawn = pairs(semver, lambda text: strict(text) and not re.search(r"\d{16}", text), seed=len(ecosystem))
    assert differences(ecosystem, drawn, ask(["node", "-e", NODE, node_semver], drawn)) == []


RUBY = """
STDIN.each_line(chomp: true) { |line| a, b = line.split("\\t").map { |v| Gem::Version.new(v) }; puts ["<", "=", ">"][(a <=> b) + 1] }
"""


def test_gem_agrees_with_rubygems(needs: Needs, ask: Ask) -> None:
    ruby = needs("ruby")
    legal = re.compile(r"[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?").fullmatch
    drawn = pairs(gem, legal)
    assert differences(Ecosystem.GEM, drawn, ask([ruby, "-e", RUBY], drawn)) == []


PHP = """
while (($line = fgets(STDIN)) !== false) {
  [$a, $b] = explode("\\t", rtrim($line, "\\n"));
  $c = version_compare(preg_replace('/^[vV](?=[0-9])/', '', $a), preg_replace('/^[vV](?=[0-9])/', '', $b));
  echo $c < 0 ? "<" : ($c > 0 ? ">" : "="), "\\n";
}
"""


def test_composer_agrees_with_php(needs: Needs, ask: Ask) -> None:
    php = needs("php")
    drawn = pairs(composer, re.compile(r"(?!.*[0-9]{18})[0-9A-Za-z](?:[0-9A-Za-z.+_~-]*[0-9A-Za-z])?").fullmatch)
    assert differences(Ecosystem.COMPOSER, drawn, ask([php, "-r", PHP], drawn)) == []


MAVEN_CUSTOM = re.compile(
    r"[0-9]+(?:\.[0-9]+)*(?:-?(?!ga|final|release)[a-z]+(?:[.-]?[0-9]+)?|\.(?:alpha|beta|milestone|m(?=[0-9])|rc|cr|sp|snapshot|ga|final|release)[0-9]*|-[0-9]+)?(?:-snapshot)?",
    re.IGNORECASE,
).fullmatch
"""What projects publish: numbers, one qualifier with a number, -SNAPSHOT."""

JAVA = """
import org.apache.maven.artifact.versioning.ComparableVersion;
import java.io.*;
public class Order {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    StringBuilder out = new StringBuilder();
    for (String line; (line = in.readLine()) != null; ) {
      String[] pair = line.split("\\t");
      int c = new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]));
      out.append(c < 0 ? "<\\n" : c > 0 ? ">\\n" : "=\\n");
    }
    System.out.print(out);
  }
}
"""


@pytest.fixture
def comparable_version(needs: Needs, ask: Ask, tmp_path: Path) -> Callable[[Sequence[Pair]], list[str]]:
    """Maven's own answers."""
    java = needs("java")
    if not MAVEN.is_file():
        pytest.skip("libmaven3-core-java is not installed")
    source = tmp_path / "Order.java"
    source.write_text(JAVA)
    command = [java, "-XX:TieredStopAtLevel=1", "-cp", f"{MAVEN}:/usr/share/java/commons-lang3.jar", str(source)]

    def answers(drawn: Sequence[Pair]) -> list[str]:
        try:
            return ask(command, drawn)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"java cannot run the driver (a JDK is needed): {error.stderr[-200:]}")

    return answers


def test_maven_agrees_with_comparable_version(comparable_version: Callable[[Sequence[Pair]], list[str]]) -> None:
    drawn = pairs(maven, MAVEN_CUSTOM)
    assert differences(Ecosystem.MAVEN, drawn, comparable_version(drawn)) == []


def test_maven_differs_rarely_where_comparable_version_is_no_order(
    comparable_version: Callable[[Sequence[Pair]], list[str]],
) -> None:
    drawn = pairs(maven, re.compile(r"[0-9A-Za-z.-]+").fullmatch)
    different = differences(Ecosystem.MAVEN, drawn, comparable_version(drawn))
    assert len(different) <= 0.005 * len(drawn), different[:20]
