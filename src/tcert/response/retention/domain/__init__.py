"""The acts around keeping, holding and deleting."""
