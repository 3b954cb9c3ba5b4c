"""What is done about reachability: deliveries followed, drills started, answered and closed."""
