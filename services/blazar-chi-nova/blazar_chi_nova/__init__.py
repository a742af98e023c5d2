"""A filter for Nova's scheduler that enforces reservations of nodes in Blazar."""
