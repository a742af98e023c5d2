"""Kinds of hardware and their fields."""
