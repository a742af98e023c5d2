"""What parsing one value of a site config raises."""

from __future__ import annotations

import re
from typing import Any

from cc_ansible.site.findings import Rule, error

PLACEHOLDER = error("placeholder-value", "Example values are replaced by those of the site")
_WORDS = re.compile(r"[<>?]|\b(?:todo|fixme|changeme|change_me|replaceme)\b", re.IGNORECASE)
_LETTERS = re.compile(r"(?:^|[./:])[xyn]+(?:[./:]|$)", re.IGNORECASE)


class Refused(ValueError):
    """A value that breaks a rule. The message completes "KEY ...", without a full stop."""

    def __init__(self, rule: Rule, message: str, fix: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.fix = fix


def is_placeholder(value: Any) -> bool:
    """Whether a text is what examples have in place of a value: ``<interface>``, ``TODO``."""
    return isinstance(value, str) and _WORDS.search(value) is not None


def is_masked(value: Any) -> bool:
    """Whether a text is what examples have in place of an address: ``x.x.x.1``."""
    letters = isinstance(value, str) and _LETTERS.search(value) is not None
    return letters or is_placeholder(value)


def placeholder(what: str) -> Refused:
    """The refusal of a placeholder; ``what`` names what belongs there."""
    return Refused(PLACEHOLDER, "is still a placeholder", f"Write {what}.")
