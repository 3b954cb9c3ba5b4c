"""The optional list of address ranges and autonomous systems: read, kept in one file, looked up."""
