"""Backup and restore: what is copied, what proves it, and how it comes back."""
