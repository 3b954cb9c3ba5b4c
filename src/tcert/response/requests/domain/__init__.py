"""Every write of requests by authorities: one function for each act."""
