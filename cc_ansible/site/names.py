"""Names in messages: the nearest known one, and whether a name is that of a secret."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable

_END = re.compile(
    r"(?:^|_)(?:pass|password|passwd|passphrase|secret|token|community_string|community|"
    r"private_key|api_key|secret_key|access_key|s3_key)$"
)
_ELSE = re.compile(r"(?:^|_)(?:ssh_key|secret_id)$|_(?:password|secret|token)_")


def nearest(name: str, known: Iterable[str], alike: float = 0.75) -> str | None:
    """The known name that is most like ``name``; None when none is ``alike`` enough (up to 1)."""
    return _nearest(name, frozenset(known), alike)


@functools.lru_cache(maxsize=1024)
def _nearest(name: str, known: frozenset[str], alike: float) -> str | None:
    # Names of very different length cannot be alike; that is told faster than difflib does.
    least = len(name) * alike / (2 - alike)
    most = len(name) * (2 - alike) / alike if alike else len(name)
    near = [other for other in known if least <= len(other) <= most]
    found = difflib.get_close_matches(name, sorted(near), n=1, cutoff=alike)
    return found[0] if found else None


def is_secret(name: str) -> bool:
    """Whether a variable or key of this name may hold a secret, which is then not shown."""
    return ends_secret(name) or _ELSE.search(name.lower()) is not None


def ends_secret(name: str) -> bool:
    """Whether a text under this name is a secret for sure: fernet_token_expiry is none."""
    return _END.search(name.lower()) is not None
