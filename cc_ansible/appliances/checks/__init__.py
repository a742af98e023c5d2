"""What a booted image must pass."""
