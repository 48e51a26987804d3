"""Our reading of constraints against the ecosystems' own programs; skips where a program is missing.

``ASSAY_VERSION_PAIRS`` sets how many questions each comparison draws.
"""

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from assay.errors import Invalid
from assay.model.ecosystem import Ecosystem
from assay.versions.native import satisfies

QUESTIONS = int(os.environ.get("ASSAY_VERSION_PAIRS", "2000"))

Pair = tuple[str, str]
Needs = Callable[[str], str]
Ask = Callable[[Sequence[str], Sequence[Pair]], list[str]]
Draw = random.Random


def small(draw: Draw) -> str:
    return draw.choice("00112239") + draw.choice(("", "", "", "0"))


def numbers(draw: Draw, least: int, most: int) -> str:
    return ".".join(str(int(small(draw))) for _ in range(draw.randint(least, most)))


def questions(version: Callable[[Draw], str], constraint: Callable[[Draw], str], seed: int = 7) -> list[Pair]:
    draw = random.Random(seed)
    return [(version(draw), constraint(draw)) for _ in range(QUESTIONS)]


def ours(ecosystem: Ecosystem, asked: Sequence[Pair]) -> list[str]:
    answers = []
    for version, constraint in asked:
        try:
            answers.append("yes" if satisfies(ecosystem, version, constraint) else "no")
        except Invalid:
            answers.append("error")
    return answers


def differences(ecosystem: Ecosystem, asked: Sequence[Pair], theirs: Sequence[str]) -> list[tuple[str, str, str, str]]:
    answers = zip(asked, ours(ecosystem, asked), theirs, strict=True)
    return [(version, constraint, our, their) for (version, constraint), our, their in answers if our != their]


def semantic(draw: Draw) -> str:
    return numbers(draw, 3, 3) + draw.choice(("", "", "", "-0", "-alpha", "-beta.1", "-rc.2+b", "+7"))


def npm_range(draw: Draw) -> str:
    def part() -> str:
        wild = draw.choice(("", "", "", ".x", ".*"))
        text = numbers(draw, 1, 3 if not wild else 2) + wild
        if text.count(".") == 2 and not wild:
            text += draw.choice(("", "", "-alpha", "-beta.1", "-0"))
        return draw.choice(("", "^", "~", ">", ">=", "<", "<=", "=", "~>", ">= ", "^ ", "v")) + text

    def whole() -> str:
        if draw.random() < 0.15:
            return f"{numbers(draw, 1, 3)} - {numbers(draw, 1, 3)}"
        return " ".join(part() for _ in range(draw.randint(1, 2)))

    return " || ".join(whole() for _ in range(draw.choice((1, 1, 2))))


NODE = """
const semver = require(process.argv[1]), fs = require("fs");
const lines = fs.readFileSync(0, "utf8").replace(/\\n$/, "").split("\\n");
console.log(lines.map((line) => { const [v, r] = line.split("\\t");
  try { return new semver.Range(r).test(v) ? "yes" : "no"; } catch (e) { return "error"; } }).join("\\n"));
"""


def test_npm_ranges_agree_with_node_semver(ask: Ask, node_semver: str) -> None:
    asked = questions(semantic, npm_range)
    assert differences(Ecosystem.NPM, asked, ask(["node", "-e", NODE, node_semver], asked)) == []


def pep440_version(draw: Draw) -> str:
    phase = draw.choice(("", "", "", "a1", "rc1", ".post1", ".dev1", "a1.dev2", ".post1.dev1", "+local", "+1.a"))
    return draw.choice(("", "", "", "1!")) + numbers(draw, 1, 3) + phase


def pep440_specifiers(draw: Draw) -> str:
    def one() -> str:
        operator = draw.choice(("==", "!=", "<", "<=", ">", ">=", "~=", "==*", "!=*", "==="))
        if operator.endswith("*"):
            return operator[:2] + draw.choice(("", "", "1!")) + numbers(draw, 1, 3) + ".*"
        text = pep440_version(draw)
        if operator in ("~=", "<", "<=", ">", ">="):
            text = text.partition("+")[0]
        return operator + (text if operator != "~=" or "." in text.partition("!")[2] + text else text + ".0")

    return ",".join(one() for _ in range(draw.choice((1, 1, 2))))


def test_pypi_specifiers_agree_with_packaging() -> None:
    specifiers = pytest.importorskip("packaging.specifiers")
    asked = questions(pep440_version, pep440_specifiers)
    theirs = []
    for version, constraint in asked:
        try:
            allowed = specifiers.SpecifierSet(constraint).contains(version, prereleases=True)
            theirs.append("yes" if allowed else "no")
        except specifiers.InvalidSpecifier:
            theirs.append("error")
    assert differences(Ecosystem.PYPI, asked, theirs) == []


RUBY = """
STDIN.each_line(chomp: true) { |line| v, r = line.split("\\t")
  puts Gem::Requirement.new(r.split(",").map(&:strip)).satisfied_by?(Gem::Version.new(v)) ? "yes" : "no" }
"""


def gem_version(draw: Draw) -> str:
    return numbers(draw, 1, 4) + draw.choice(("", "", "", ".pre", ".rc1", ".a.0", "-1", ".9"))


def gem_requirement(draw: Draw) -> str:
    operators = ("", "= ", "!= ", "> ", "< ", ">= ", "<= ", "~> ", "~> ", "~>")
    return ", ".join(draw.choice(operators) + gem_version(draw) for _ in range(draw.choice((1, 1, 2))))


def test_gem_requirements_agree_with_rubygems(needs: Needs, ask: Ask) -> None:
    asked = questions(gem_version, gem_requirement)
    assert differences(Ecosystem.GEM, asked, ask([needs("ruby"), "-e", RUBY], asked)) == []


PHP = """
require $argv[1];
while (($line = fgets(STDIN)) !== false) {
  [$version, $constraint] = explode("\\t", rtrim($line, "\\n"));
  try { echo Composer\\Semver\\Semver::satisfies($version, $constraint) ? "yes\\n" : "no\\n"; }
  catch (\\Exception $e) { echo "error\\n"; }
}
"""


def composer_version(draw: Draw) -> str:
    word = draw.choice(
        ("", "", "", "", "-beta1", "RC2", "-alpha", "-dev", "-p1", "-stable", ".x-dev", "+build", "-beta1-dev")
    )
    return draw.choice(("", "", "v")) + numbers(draw, 1, 4 if "x" not in word else 3) + word


def composer_constraint(draw: Draw) -> str:
    def one() -> str:
        kind = draw.random()
        if kind < 0.1:  # ascending: Composer merges an empty range into its neighbour
            return f"{draw.choice('012')}.{numbers(draw, 1, 2)} - 3{draw.choice(('', '.1', '.0.2', '-beta', '-dev'))}"
        if kind < 0.2:
            return numbers(draw, 1, 3) + draw.choice((".*", ".x", ".X", ".*.*"))
        if kind < 0.25:
            return draw.choice(
                ("*", "x", "v*", "*.*", "dev-main", "dev-foo#abc", "2.x-dev", "@dev", "1.0@stable", "main-dev")
            )
        operator = draw.choice(("", "=", "==", "!=", "<>", "<", "<=", ">", ">=", "^", "~", "^", "~", ">= "))
        return operator + composer_version(draw) + draw.choice(("", "", "", "", "@beta", "@dev"))

    def conjunction() -> str:
        return draw.choice((" ", ",", ", ")).join(one() for _ in range(draw.choice((1, 1, 2))))

    return draw.choice((" || ", "|")).join(conjunction() for _ in range(draw.choice((1, 1, 2))))


def test_composer_constraints_agree_with_composer(needs: Needs, ask: Ask) -> None:
    library = Path("/usr/share/php/Composer/Semver/autoload.php")
    php = needs("php")
    if not library.is_file():
        pytest.skip("php-composer-semver is not installed")
    asked = questions(
        lambda draw: draw.choice((composer_version(draw), composer_version(draw), "dev-main")), composer_constraint
    )
    assert differences(Ecosystem.COMPOSER, asked, ask([php, "-r", PHP, "--", str(library)], asked)) == []
