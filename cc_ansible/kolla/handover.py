"""How a run's Ansible gets vault passwords: it asks this process, over a socket in the workspace.

So they are in no file, no argument and no environment, and gone with this process, however it
ends.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

CLIENT = Path(__file__).with_name("vault-client")
"""What Ansible executes. It is no file of the workspace: memory is often mounted noexec."""
VARIABLE = "CC_ANSIBLE_VAULT_SOCKET"
SOCKET = "vault.socket"
PATIENCE = 5.0


def arguments(passwords: Mapping[str, bytes]) -> list[str]:
    """Options of Ansible's commands that make it ask for these passwords."""
    return [word for label in passwords for word in ("--vault-id", f"{label}@{CLIENT}")]


def environment(directory: Path) -> dict[str, str]:
    """What the client needs to find us."""
    return {VARIABLE: str(directory / SOCKET)}


@contextlib.contextmanager
def serve(directory: Path, passwords: Mapping[str, bytes]) -> Iterator[None]:
    """Answer whoever may enter the directory with the password of the label it sends."""
    if not passwords:
        yield
        return
    with socket.socket(socket.AF_UNIX) as listener:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            # The address of a socket may only be short; the directory's name may be long.
            listener.bind(f"/proc/self/fd/{handle}/{SOCKET}")
        finally:
            os.close(handle)
        listener.listen()
        stop = threading.Event()
        thread = threading.Thread(target=_answer, args=(listener, passwords, stop), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)


def _answer(listener: socket.socket, passwords: Mapping[str, bytes], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            stop.wait(0.1)
            continue
        with connection, contextlib.suppress(OSError):
            connection.settimeout(PATIENCE)
            label = connection.makefile("rb").readline(100).decode(errors="replace").strip()
            connection.sendall(passwords.get(label, b""))
