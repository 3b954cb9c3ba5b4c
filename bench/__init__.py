"""Measurements of the hub as it runs: see README.md in this folder."""
