"""One run: its lock, its journal, its event stream and what the operator sees of it."""
