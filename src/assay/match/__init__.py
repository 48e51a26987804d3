"""Inventory against advisories: matches with evidence, and reasons for what was set aside."""
