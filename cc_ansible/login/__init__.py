"""Logging in to machines by SSH, with keys that live as long as what they are for."""
