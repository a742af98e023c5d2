"""The key of one boot: made for it, kept in memory, gone with this process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """``private`` is a path that only this user and its processes can read, ``public`` a line."""

    private: str
    public: str


@contextlib.contextmanager
def made(comment: str) -> Iterator[Key]:
    """An ed25519 key. Its private half is a file in memory without a name in any file system."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = Ed25519PrivateKey.generate()
    private = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = secret.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    file = os.memfd_create("cc-boot-key")
    try:
        os.fchmod(file, 0o600)
        os.write(file, private)
        # ssh closes what it inherits, so it is told where we have it open.
        yield Key(f"/proc/{os.getpid()}/fd/{file}", f"{public.decode()} {comment}")
    finally:
        os.close(file)
