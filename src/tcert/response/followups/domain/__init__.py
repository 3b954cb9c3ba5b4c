"""Acts: one function each, atomic, with a record."""
