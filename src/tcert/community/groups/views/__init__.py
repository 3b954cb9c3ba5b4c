"""The pages of sharing groups."""
