"""Judges: pure functions from what was seen on hosts to results of checks."""
