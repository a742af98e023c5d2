"""Revisions of the tables of this package; Blazar has its own."""
