"""How the npm world writes packages down: names, versions, ``name@version`` and aliases."""

import re

_NAME = re.compile(r"(?:@[^\s/@%]+/)?[^\s/@%._][^\s/@%]*")
_VERSION = re.compile(r"[v=]?\d[^\s/:@]*")
_LONGEST_NAME = 214
_ALIAS = "npm:"


def is_name(name: str) -> bool:
    """Whether npm's registry could hold a package of this name, old ones with capitals included.

    https://docs.npmjs.com/cli/v10/configuring-npm/package-json#name
    """
    return len(name) <= _LONGEST_NAME and bool(_NAME.fullmatch(name)) and name.isprintable()


def is_version(version: str) -> bool:
    """Whether it is a version and not a URL, a path or a word."""
    return bool(_VERSION.fullmatch(version)) and version.isprintable()


def version_or_none(version: str) -> str:
    """The version, or "" when the text is where the package comes from (git, file, URL)."""
    return version if is_version(version) else ""


def split_spec(spec: str) -> tuple[str, str]:
    """``@scope/name@rest`` into name and rest; the rest is "" when there is none."""
    at = spec.find("@", 1)
    return (spec, "") if at < 0 else (spec[:at], spec[at + 1 :])


def without_alias(name: str, spec: str) -> tuple[str, str]:
    """The real name and version of ``name`` where ``spec`` is ``npm:real@version``, else both as they are."""
    real, version = split_spec(spec.removeprefix(_ALIAS))
    return (real, version) if spec.startswith(_ALIAS) and version else (name, spec)


def name_in_path(path: str) -> str:
    """The package that npm puts at this path: ``a/node_modules/@scope/name`` is ``@scope/name``."""
    parts = path.rpartition("node_modules/")[2].split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 and parts[-2].startswith("@") else parts[-1]
