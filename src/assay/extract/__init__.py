"""From a readable root to its inventory: one module per package database or manifest family."""
