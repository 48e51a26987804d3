"""Versions of rpm packages as publishers write them."""

import re

_ARCHES = (
    "src|nosrc|noarch|x86_64|x86_64_v2|amd64|ia32e|i[3-6]86|athlon|geode|aarch64|armv[5-8]\\w{0,4}|ppc|ppc64|ppc64le|"
    "ppc64iseries|ppc64pseries|s390|s390x|ia64|riscv64|loongarch64|mips\\w{0,8}|sparc\\w{0,4}"
)
_NEVRA = re.compile(rf"(.+)-(?:(\d{{1,9}}):)?([^-:/]+)-([^-:/]+?)(?:\.({_ARCHES}))?(?:\.rpm)?\Z", re.ASCII)


def evr(version: str, release: str, epoch: str | None = "") -> str:
    """``[epoch:]version[-release]``; an epoch of 0 is the same as none and is left out."""
    text = f"{version}-{release}" if release else version
    return text if epoch in {None, "", "0", "(none)"} else f"{epoch}:{text}"


def split_nevra(text: str) -> tuple[str, str, str] | None:
    """(name, ``[epoch:]version-release``, architecture) of ``name-[epoch:]version-release[.arch][.rpm]``; None for
    other texts. An epoch may also stand before the name (``0:name-version-release``).
    """
    early, colon, rest = text.partition(":")
    if colon and early.isascii() and early.isdecimal() and "-" not in early:
        found = _NEVRA.match(rest)
        return None if found is None else (found[1], evr(found[3], found[4], early), found[5] or "")
    found = _NEVRA.match(text)
    return None if found is None else (found[1], evr(found[3], found[4], found[2]), found[5] or "")
