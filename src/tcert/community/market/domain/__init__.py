"""The writes of the marketplace."""
