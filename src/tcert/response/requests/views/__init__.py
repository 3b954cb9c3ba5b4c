"""The pages of requests by authorities."""
