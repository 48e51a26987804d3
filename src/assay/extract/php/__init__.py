"""PHP: what Composer locked and what it installed."""
