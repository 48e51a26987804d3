"""CVSS 3.0 and 3.1 base scores, computed exactly from a vector.

The equations, the weights and both roundings are those of the specifications:
https://www.first.org/cvss/v3.1/specification-document (section 7 and appendix A) and
https://www.first.org/cvss/v3.0/specification-document (section 8). Own code because importing and running the
``cvss`` package costs more than the whole scoring of a scan; a test compares the two on every base vector.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from assay.errors import Invalid

_LONGEST = 512
BASE_METRICS = ("AV", "AC", "PR", "UI", "S", "C", "I", "A")
_OPTIONAL: Mapping[str, str] = {
    "E": "XUPFH",
    "RL": "XOTWU",
    "RC": "XURC",
    "CR": "XLMH",
    "IR": "XLMH",
    "AR": "XLMH",
    "MAV": "XNALP",
    "MAC": "XLH",
    "MPR": "XNLH",
    "MUI": "XNR",
    "MS": "XUC",
    "MC": "XNLH",
    "MI": "XNLH",
    "MA": "XNLH",
}
_WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "PR": {"N": 0.85, "L": 0.62, "H": 0.27},
    "UI": {"N": 0.85, "R": 0.62},
    "S": {"U": 0.0, "C": 0.0},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PRIVILEGES_WHEN_CHANGED: Mapping[str, float] = {"N": 0.85, "L": 0.68, "H": 0.5}


@dataclass(frozen=True, slots=True)
class Vector:
    """A CVSS 3 vector: ``minor`` is 0 or 1, ``base`` the letters of the metrics in ``BASE_METRICS``.

    ``extra`` are the temporal and environmental metrics as written; they do not change the base score.
    """

    minor: int
    base: tuple[str, ...]
    extra: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, metric: str) -> str:
        return self.base[BASE_METRICS.index(metric)]

    def __str__(self) -> str:
        metrics = (*zip(BASE_METRICS, self.base, strict=True), *self.extra)
        return "/".join([f"CVSS:3.{self.minor}", *(f"{name}:{value}" for name, value in metrics)])

    def changed(self, metric: str, value: str) -> "Vector":
        """The vector with another value of one base metric; raises Invalid when the standard has no such value."""
        if value not in _WEIGHTS.get(metric, {}):
            raise Invalid(f"CVSS 3 has no base metric {metric}:{value}")
        place = BASE_METRICS.index(metric)
        return replace(self, base=(*self.base[:place], value, *self.base[place + 1 :]))


@lru_cache(maxsize=4096)
def parse_vector(text: str) -> Vector:
    """Read ``CVSS:3.1/AV:N/...``; raises Invalid for any other version, unknown, repeated or missing metrics."""
    if len(text) > _LONGEST or text[:8] not in ("CVSS:3.0", "CVSS:3.1"):
        raise Invalid(f"not a CVSS 3 vector: {text[:80]!r}")
    metrics: dict[str, str] = {}
    for part in text[9:].removesuffix("/").split("/"):
        name, _, value = part.partition(":")
        allowed = _WEIGHTS.get(name) or _OPTIONAL.get(name) or ()
        if len(value) != 1 or value not in allowed:
            raise Invalid(f"CVSS 3 has no metric {part[:80]!r}: {text[:80]!r}")
        if name in metrics:
            raise Invalid(f"CVSS vector states {name} twice: {text[:80]!r}")
        metrics[name] = value
    missing = [name for name in BASE_METRICS if name not in metrics]
    if missing:
        raise Invalid(f"CVSS vector without {', '.join(missing)}: {text[:80]!r}")
    extra = tuple((name, value) for name, value in metrics.items() if name not in _WEIGHTS)
    return Vector(int(text[7]), tuple(metrics[name] for name in BASE_METRICS), extra)


def base_score(vector: Vector) -> float:
    """The base score, 0.0 to 10.0 with one decimal."""
    impact = _impact(vector)
    if impact <= 0:
        return 0.0
    changed = vector["S"] == "C"
    total = impact + _exploitability(vector)
    return _round_up(min(1.08 * total if changed else total, 10.0), vector.minor)


def _impact(vector: Vector) -> float:
    unharmed = 1.0
    for metric in ("C", "I", "A"):
        unharmed *= 1 - _WEIGHTS[metric][vector[metric]]
    subscore = 1 - unharmed
    if vector["S"] == "U":
        return 6.42 * subscore
    power = (subscore - 0.02) ** 15
    return float(7.52 * (subscore - 0.029) - 3.25 * power)


def _exploitability(vector: Vector) -> float:
    privileges = (_PRIVILEGES_WHEN_CHANGED if vector["S"] == "C" else _WEIGHTS["PR"])[vector["PR"]]
    weights = _WEIGHTS["AV"][vector["AV"]], _WEIGHTS["AC"][vector["AC"]], privileges, _WEIGHTS["UI"][vector["UI"]]
    return 8.22 * math.prod(weights)


def _round_up(value: float, minor: int) -> float:
    """The smallest number with one decimal that is not less; 3.1 does it in whole hundred-thousandths, so that
    ``4.02 + noise`` does not become 4.2 (appendix A of the specification).
    """
    if minor == 0:
        return math.ceil(value * 10) / 10
    whole = round(value * 100_000)
    if whole % 10_000 == 0:
        return whole / 100_000
    return (whole // 10_000 + 1) / 10
