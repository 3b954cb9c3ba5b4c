"""The writes of the room: one function per act."""
