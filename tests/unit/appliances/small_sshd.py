"""An ssh server for one key, whose commands run on this machine."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
from collections.abc import Iterator

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED


class _Session(paramiko.ServerInterface):
    def __init__(self, key: str, methods: str) -> None:
        self.key, self.methods = key, methods

    def get_allowed_auths(self, username: str) -> str:
        return self.methods

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL if key.get_base64() == self.key else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=_run, args=(channel, command), daemon=True).start()
        return True


def _run(channel: paramiko.Channel, command: bytes) -> None:
    with subprocess.Popen(
        ["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        with contextlib.suppress(OSError):
            for line in process.stdout:
                channel.sendall(line)
            channel.sendall_stderr(process.stderr.read())
    with contextlib.suppress(OSError):
        channel.send_exit_status(process.returncode)
        channel.close()


@contextlib.contextmanager
def serving(public: str, methods: str = "publickey") -> Iterator[int]:
    """Serve who has the key of this line; yields the port on 127.0.0.1."""
    host = paramiko.ECDSAKey.generate()
    transports: list[paramiko.Transport] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                transport = paramiko.Transport(client)
                transports.append(transport)
                transport.add_server_key(host)
                with contextlib.suppress(paramiko.SSHException, EOFError):
                    server = _Session(public.split()[1], methods)
                    transport.start_server(threading.Event(), server)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            for transport in transports:
                transport.close()
