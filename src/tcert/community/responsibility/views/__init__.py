"""The pages of responsibility."""
