"""CHI-in-a-Box: the cc-ansible command line and its engine."""

__version__ = "0.1.0"
