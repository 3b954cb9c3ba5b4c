"""The acts of a reporter."""
