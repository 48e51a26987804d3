"""CVSS scorings as publishers write them: version, vector and score brought into one form."""

import re

from assay.model.advisory import Cvss

_V2 = re.compile(r"AV:[LAN]/AC:[LMH]/Au:[MSN]/C:[NPC]/I:[NPC]/A:[NPC](?:/[A-Za-z]{1,3}:[A-Za-z]{1,3}){0,8}\Z", re.ASCII)
_V3 = re.compile(r"CVSS:(3\.[01])(?:/[A-Za-z]{1,3}:[A-Za-z]){8,24}\Z", re.ASCII)
_V4 = re.compile(r"CVSS:(4\.0)(?:/[A-Za-z]{1,3}:[A-Za-z]{1,8}){11,32}\Z", re.ASCII)


def scoring(vector: str, source: str, score: float | None = None) -> Cvss | None:
    """One scoring; None when the vector is none that the standards define.

    The version is the vector's own. A missing or impossible ``score`` is computed from the vector.
    """
    text = vector.strip().strip("()")
    found = _V3.match(text) or _V4.match(text)
    if found is not None:
        version = found[1]
    elif _V2.match(text):
        version = "2.0"
    else:
        return None
    if score is None or not 0.0 <= score <= 10.0:
        score = _computed(version, text)
    return None if score is None else Cvss(version, text, float(score), source)


def _computed(version: str, vector: str) -> float | None:
    from cvss import CVSS2, CVSS3, CVSS4
    from cvss.exceptions import CVSSError

    try:
        if version == "2.0":
            return float(CVSS2(vector).base_score)
        if version == "4.0":
            return float(CVSS4(vector).base_score)
        return float(CVSS3(vector).base_score)
    except CVSSError:
        return None
