"""Import of a site config of older CHI-in-a-Box: read it, decide per item, write a new one, report.

The old directory is only read. Nothing is left where the new one cannot be completed.
"""
