"""Notice that secrets changed without keeping them."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

SALT = 16
"""Bytes of salt."""


def made(values: dict[str, str], key: str) -> str | None:
    """The fingerprint of some secrets by name, to be compared with ``fits``; None of none.

    Trying values against it is slow, and impossible for who does not know ``key``, if one is set.
    """
    return _made(values, key, secrets.token_bytes(SALT)) if values else None


def fits(values: dict[str, str], key: str, fingerprint: object) -> bool:
    """Whether ``fingerprint`` is that of these secrets."""
    if not values or not isinstance(fingerprint, str):
        return not values and fingerprint is None
    try:
        salt = bytes.fromhex(fingerprint.partition(":")[0])
    except ValueError:
        return False
    return hmac.compare_digest(_made(values, key, salt), fingerprint)


def _made(values: dict[str, str], key: str, salt: bytes) -> str:
    text = json.dumps(values, sort_keys=True).encode()
    keyed = hmac.digest(key.encode(), text, "sha256")
    return f"{salt.hex()}:{hashlib.scrypt(keyed, salt=salt, n=2**14, r=8, p=1, dklen=32).hex()}"
