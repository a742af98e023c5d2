"""Which checks the user wants, by globs over their names."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence


def wanted(name: str, only: Sequence[str]) -> bool:
    """Whether a check was asked for; all are when nobody named any."""
    return not only or any(fnmatch.fnmatchcase(name.lower(), glob.lower()) for glob in only)


def possible(begin: str, only: Sequence[str]) -> bool:
    """Whether a check whose name begins like this may have been asked for."""
    if not only:
        return True
    heads = [re.split(r"[*?[]", glob, maxsplit=1)[0].lower() for glob in only]
    begin = begin.lower()
    return any(head.startswith(begin) or begin.startswith(head) for head in heads)
