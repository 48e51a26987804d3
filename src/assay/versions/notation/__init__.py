"""Version constraints in the ecosystems' own words: one module per notation, each with ``satisfies``."""
