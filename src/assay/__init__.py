"""Continuous vulnerability management for cloud workloads, self-hosted."""

__version__ = "0.1.0"
