"""Writes of the desk's own watch over itself: one function per act."""
