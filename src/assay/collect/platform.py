"""Which of an image's variants is meant: ``os/architecture[/variant]`` and how wishes match what is there."""

import re
from dataclasses import dataclass

from assay.errors import Invalid

_PART = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_ARCHITECTURES = {
    "x86_64": ("amd64", ""),
    "x86-64": ("amd64", ""),
    "i386": ("386", ""),
    "i486": ("386", ""),
    "i586": ("386", ""),
    "i686": ("386", ""),
    "aarch64": ("arm64", ""),
    "armhf": ("arm", "v7"),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "armel": ("arm", "v6"),
    "riscv64gc": ("riscv64", ""),
    "powerpc64le": ("ppc64le", ""),
}
_DEFAULT_VARIANT = {"arm64": "v8", "arm": "v7", "amd64": "v1"}


@dataclass(frozen=True, slots=True)
class Platform:
    """An operating system and processor in Go's words, as image indexes write them."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    @property
    def is_known(self) -> bool:
        """False for what is no image to run, such as the attestations that build tools add to an index."""
        return self.os not in {"", "unknown"} and self.architecture not in {"", "unknown"}


def parse_platform(text: str) -> Platform:
    """Read ``os/arch``, ``os/arch/variant`` or ``arch``, also with kernel names (``x86_64``). Raises ``Invalid``."""
    parts = text.strip().lower().split("/")
    if len(parts) > 3 or not all(_PART.match(part) for part in parts):
        raise Invalid(f"{text!r} is not a platform; write for example linux/arm64 or linux/arm/v7")
    if len(parts) == 1:
        parts.insert(0, "linux")
    architecture, variant = _ARCHITECTURES.get(parts[1], (parts[1], ""))
    return Platform(parts[0], architecture, parts[2] if len(parts) == 3 else variant)


def host_platform() -> Platform:
    """Linux on the processor of this machine: images are Linux images wherever they are scanned."""
    import os

    return parse_platform(f"linux/{os.uname().machine}")


def rank(wanted: Platform, offered: Platform) -> int | None:
    """How well an offer fits (lower is better), None when it does not.

    ``arm64`` means ``arm64/v8`` and the other way round. An older variant of 32-bit ARM runs on a newer one, and
    ``amd64`` runs where ``amd64/v2`` was asked for, so these are second choices.
    """
    if (wanted.os, wanted.architecture) != (offered.os, offered.architecture):
        return None
    default = _DEFAULT_VARIANT.get(wanted.architecture, "")
    mine, theirs = wanted.variant or default, offered.variant or default
    if mine == theirs:
        return 0
    if wanted.architecture in {"arm", "amd64"} and _number(theirs) < _number(mine):
        return _number(mine) - _number(theirs)
    return None


def _number(variant: str) -> int:
    digits = variant.removeprefix("v")
    return int(digits) if digits.isdecimal() and len(digits) < 4 else 999
