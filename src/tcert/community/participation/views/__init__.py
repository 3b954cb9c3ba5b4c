"""The pages on participation."""
