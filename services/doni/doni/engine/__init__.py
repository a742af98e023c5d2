"""Who works on which task, and when."""
