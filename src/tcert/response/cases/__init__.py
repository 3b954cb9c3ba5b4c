"""Cases: protocol, participants, threads, embargo, statements."""
