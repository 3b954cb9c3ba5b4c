"""The pages of talks, and what their scripts fetch and post."""
