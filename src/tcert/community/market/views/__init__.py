"""The pages of the marketplace."""
