"""Constraints on rpm versions, as rpm reads dependencies (``>= 1.2``, ``= 1:1.0-3``).

When the constraint or the version has no release, releases are not compared: ``1.0-5`` fulfils ``= 1.0`` and not
``> 1.0`` (rpm's overlap of dependency ranges, https://rpm-software-management.github.io/rpm/manual/dependencies.html).
"""

from assay.model.ecosystem import Ecosystem
from assay.versions.notation.comparators import OPERATORS, alternatives, items, refuse
from assay.versions.rpm import part_key, split


def satisfies(_ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils the constraint; raises InvalidVersion or Invalid."""
    installed = split(version)
    answers = [_fulfils(installed, part) for part in alternatives(constraint)]
    return any(answers)


def _fulfils(installed: tuple[bytes, str, str | None], conjunction: str) -> bool:
    results = []
    for operator, limit in items("rpm", conjunction):
        test = OPERATORS.get(operator)
        if test is None:
            refuse("rpm", conjunction)
        wanted = split(limit)
        with_release = installed[2] is not None and wanted[2] is not None
        results.append(test(_key(installed, with_release=with_release), _key(wanted, with_release=with_release)))
    if not results:
        refuse("rpm", conjunction)
    return all(results)


def _key(parts: tuple[bytes, str, str | None], *, with_release: bool) -> bytes:
    epoch, name, release = parts
    return epoch + part_key(name) + (part_key(release or "") if with_release else b"")
