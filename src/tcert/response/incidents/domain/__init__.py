"""The acts on incidents."""
