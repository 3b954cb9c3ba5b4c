"""The forms of advisories: the editor's steps, the acts of review and release, the public list."""
