"""What one would use instead: each peer in an environment of its own, measured as ours is."""
