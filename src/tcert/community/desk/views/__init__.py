"""Pages of the desk: interests, and acts that need two."""
