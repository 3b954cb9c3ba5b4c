"""The acts on sharing groups."""
