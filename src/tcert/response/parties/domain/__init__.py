"""The acts around an invitation beyond the hub, in the order in which they happen."""
