"""Judges: pure functions from what was seen to findings. Each module is one kind of question."""
