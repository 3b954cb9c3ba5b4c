"""Acts on the directory: one function per act, atomic, with a record."""
