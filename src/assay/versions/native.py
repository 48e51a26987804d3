"""Does a version fulfil a constraint written in its ecosystem's own notation, or as a ``vers:`` range?"""

from importlib import import_module

from assay.errors import Invalid
from assay.model.ecosystem import Ecosystem

_NOTATIONS = {
    Ecosystem.DEB: "comparators",
    Ecosystem.OPKG: "comparators",
    Ecosystem.RPM: "rpm",
    Ecosystem.APK: "apk",
    Ecosystem.PYPI: "pep440",
    Ecosystem.NPM: "npm",
    Ecosystem.MAVEN: "interval",
    Ecosystem.GEM: "gem",
    Ecosystem.NUGET: "interval",
    Ecosystem.COMPOSER: "composer",
    Ecosystem.GOLANG: "interval",
    Ecosystem.CARGO: "cargo",
    Ecosystem.HEX: "hex",
    Ecosystem.PUB: "pub",
    Ecosystem.CONAN: "conan",
    Ecosystem.SWIFT: "swift",
    Ecosystem.GENERIC: "comparators",
}
_LONGEST = 1 << 16


def satisfies(ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    """Whether the version fulfils the constraint.

    Raises InvalidVersion when the version or a limit cannot be ordered and Invalid when the constraint is none of
    the ecosystem's, is a ``vers:`` range of another ecosystem, or is longer than 64 KiB.
    """
    if len(constraint) > _LONGEST:
        raise Invalid(f"a constraint of {len(constraint)} characters, more than {_LONGEST}")
    constraint = " ".join(constraint.split())  # runs of blanks mean one, and cost the patterns no second look
    if constraint[:5].lower() == "vers:":
        return _satisfies_vers(ecosystem, version, constraint)
    notation = import_module(f"assay.versions.notation.{_NOTATIONS[ecosystem]}")
    answer: bool = notation.satisfies(ecosystem, version, constraint)
    return answer


def _satisfies_vers(ecosystem: Ecosystem, version: str, constraint: str) -> bool:
    from assay.versions import vers

    scheme = vers.scheme_of(constraint)
    if not vers.is_scheme_of(scheme, ecosystem):
        raise Invalid(f"vers:{scheme} does not order the versions of {ecosystem}")
    return vers.satisfies(constraint, version)
