"""Doni: hardware enrolment and availability for Chameleon testbed sites."""

__version__ = "2.0.0"
