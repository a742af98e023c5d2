"""Makes Blazar know each item, and keeps it from users during its windows."""
