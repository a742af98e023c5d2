"""Read one secret from the file, command or keyring that the site names."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.errors import SiteInvalid

if TYPE_CHECKING:
    from cc_ansible.site.secrets.settings import Keyring, Source

SHOWN_LINES = 5


def describe(source: Source) -> str:
    """Where a secret comes from, for messages."""
    if source.keyring:
        return f"the keyring ({source.keyring.service}, {source.keyring.username})"
    if source.command:
        return f"the command {words(source.command)[0]}"
    return f"the file {source.file}"


def read(source: Source, base: Path, environment: Mapping[str, str], purpose: str) -> str:
    """The secret, without the line break at its end.

    :param base: the site; files and commands are relative to it.
    :param environment: what a command gets on top of this process's environment.
    :param purpose: what the secret is, for messages.
    :raises SiteInvalid: when it cannot be had, or is empty.
    """
    if source.keyring:
        secret = _from_keyring(source.keyring, purpose)
    elif source.command:
        secret = _from_command(words(source.command), base, environment, purpose)
    else:
        secret = _from_file(base / Path(source.file or "").expanduser(), purpose)
    if not secret.strip():
        place = describe(source)
        raise SiteInvalid(
            f"{place[:1].upper()}{place[1:]} gave an empty {purpose}.",
            fix=f"Store the {purpose} there, or name another place under `secrets`.",
        )
    return secret


def words(command: str | list[str]) -> list[str]:
    """A command as a list of words; no shell is involved."""
    return shlex.split(command) if isinstance(command, str) else list(command)


def _from_file(file: Path, purpose: str) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SiteInvalid(
            f"The {purpose} cannot be read from {file}: {said}.",
            fix="Put it there, readable by you alone, or correct `secrets`.",
        ) from error


def _from_command(
    command: list[str], base: Path, environment: Mapping[str, str], purpose: str
) -> str:
    try:
        # It keeps the terminal: it may have to ask for something.
        done = subprocess.run(
            command,
            cwd=base,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if not os.isatty(2) else None,
            check=False,
        )
        text = done.stdout.decode()
    except (OSError, IndexError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "its output is not UTF-8"
        raise SiteInvalid(
            f"The command for the {purpose} cannot be used: {said}.",
            detail=command[0] if command else "",
            fix="Correct the command under `secrets`; it runs in the site config, without a shell.",
        ) from error
    if done.returncode != 0:
        lines = (done.stderr or b"").decode(errors="replace").strip().splitlines()
        raise SiteInvalid(
            f"The command for the {purpose} failed with exit code {done.returncode}.",
            detail="\n".join([command[0], *lines[-SHOWN_LINES:]]),
            fix="Run it by hand; it must print the secret and nothing else.",
        )
    return text.strip("\r\n")


def _from_keyring(entry: Keyring, purpose: str) -> str:
    import keyring
    import keyring.errors

    name = f"{entry.service} {entry.username}"
    try:
        secret = keyring.get_password(entry.service, entry.username)
    except keyring.errors.KeyringError as error:
        raise SiteInvalid(
            f"The keyring cannot be asked for the {purpose}.",
            detail=str(error),
            fix="Unlock it; on a machine without one, use a file or a command.",
        ) from error
    if secret is None:
        raise SiteInvalid(
            f"The keyring has no {purpose} under {name}.", fix=f"Store it: `keyring set {name}`."
        )
    return secret
