"""Version order: every ecosystem's versions as byte strings whose byte order is the ecosystem's order."""
