"""Names in messages: the nearest known one, and whether a name is that of a secret."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|secret|token|community_string|private_key|ssh_key|api_key)$"
    r"|_(?:password|secret|token)_"
)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like ``name``; None when none is."""
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    return found[0] if found else None


def is_secret(name: str) -> bool:
    """Whether a variable or key of this name holds a secret."""
    return _SECRET.search(name.lower()) is not None
