"""Rust crates: semantic versioning; build metadata does not count (https://doc.rust-lang.org/cargo/reference/resolver.html)."""

from assay.versions.semver import semantic_key


def key(version: str) -> bytes:
    """The version's place in the order of Cargo."""
    return semantic_key("cargo", version)
