"""Elixir and Erlang packages: semantic versioning (https://hexdocs.pm/elixir/Version.html)."""

from assay.versions.semver import semantic_key


def key(version: str) -> bytes:
    """The version's place in the order of Hex."""
    return semantic_key("hex", version)
