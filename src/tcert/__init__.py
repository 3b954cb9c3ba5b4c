"""TCERT hub: where telecom response teams, vendors, researchers and authorities act together."""

__version__ = "0.1.0"
