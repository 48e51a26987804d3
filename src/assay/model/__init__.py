"""The nouns: frozen dataclasses and enums that cross the seams between stages."""
