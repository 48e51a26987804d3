"""Go: build information in binaries, and module files."""
