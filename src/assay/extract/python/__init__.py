"""Python: installed metadata, requirements and lock files."""
