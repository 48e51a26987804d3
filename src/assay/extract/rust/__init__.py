"""Rust: lock files, and the dependency lists in auditable binaries."""
