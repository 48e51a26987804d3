"""CVSS 3 base scores against the specification's examples and the ``cvss`` package on every base vector."""

import itertools
from decimal import Decimal

import pytest
from cvss import CVSS3

from assay.errors import Invalid
from assay.score.cvss3 import base_score, parse_vector

METRICS = {"AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "NLH", "I": "NLH", "A": "NLH"}


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
        ("CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N", 5.5),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0.0),
    ],
)
def test_published_vectors_score_as_published(vector: str, score: float) -> None:
    assert base_score(parse_vector(vector)) == score


@pytest.mark.parametrize("minor", [0, 1])
@pytest.mark.parametrize("attack", METRICS["AV"])
def test_every_base_vector_scores_as_the_cvss_package_says(minor: int, attack: str) -> None:
    names = list(METRICS)[1:]
    for values in itertools.product(*(METRICS[name] for name in names)):
        rest = "/".join(f"{name}:{value}" for name, value in zip(names, values, strict=True))
        text = f"CVSS:3.{minor}/AV:{attack}/{rest}"
        reference = CVSS3(text).base_score
        assert Decimal(str(base_score(parse_vector(text)))) == reference, text


def test_a_vector_is_written_as_it_was_read_and_rescored_when_a_metric_changes() -> None:
    text = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O"
    vector = parse_vector(text)
    assert str(vector) == text
    assert str(vector.changed("AV", "A")) == "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O"
    assert base_score(vector.changed("AV", "A")) == 8.8
    assert CVSS3("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H").base_score == Decimal("8.8")


@pytest.mark.parametrize(("metric", "value"), [("AV", "X"), ("E", "P"), ("minor", "1")])
def test_a_metric_only_changes_to_a_value_of_the_standard(metric: str, value: str) -> None:
    vector = parse_vector("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
    with pytest.raises(Invalid, match="no base metric"):
        vector.changed(metric, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CVSS:2.0/AV:N",
        "AV:N/AC:L/Au:N/C:N/I:N/A:C",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
        "CVSS:3.1",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:NA/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/ZZ:H",
        "CVSS:3.1/" + "AV:N/" * 1000,
    ],
)
def test_what_is_no_cvss_3_vector_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_vector(text)
