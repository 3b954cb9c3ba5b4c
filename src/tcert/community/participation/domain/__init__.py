"""The writes of participation: one function per act."""
