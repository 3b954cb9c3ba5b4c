"""Pages of reachability: for members, for who holds a link, for coordinators."""
