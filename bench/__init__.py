"""Speed and memory, measured against peers in the same run. Nothing here runs as a test."""
