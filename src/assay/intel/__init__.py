"""From publishers' feeds to the intel snapshot: one immutable file that every scan asks."""
