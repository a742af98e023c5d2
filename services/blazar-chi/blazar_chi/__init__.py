"""Blazar plugins for Chameleon testbed sites."""
