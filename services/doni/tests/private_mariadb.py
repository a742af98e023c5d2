"""A MariaDB server of the tests' own: no network, nothing of the system's, gone at the end."""

from __future__ import annotations

import itertools
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import pymysql

PROGRAM = "/usr/sbin/mariadbd"
ROOM = 2 * 1024**3
"""Bytes that must be free in memory to have the database there."""


def _fastest() -> str:
    memory = pathlib.Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else "/tmp"


class PrivateMariaDB:
    """Started on first use. Unless ``durable``, what is committed may be lost with the machine."""

    def __init__(self, durable: bool = False) -> None:
        self.durable = durable
        # Not in pytest's directory: the path of a socket may not be long.
        self.home = pathlib.Path(
            tempfile.mkdtemp(prefix="doni-db-", dir="/tmp" if durable else _fastest())
        )
        self.socket = self.home / "socket"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count()

    def _options(self) -> list[str]:
        return [
            "--no-defaults",
            f"--datadir={self.home}/data",
            f"--socket={self.socket}",
            f"--pid-file={self.home}/pid",
            f"--log-error={self.home}/log",
            "--skip-networking",
            "--skip-log-bin",
            "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=16M",
            "--performance-schema=off",
            *([] if self.durable else ["--innodb-flush-log-at-trx-commit=2"]),
            *([] if self.durable else ["--innodb-doublewrite=0", "--innodb-flush-method=nosync"]),
            *(["--user=root"] if os.getuid() == 0 else []),
        ]

    def install(self) -> None:
        """Make the system tables."""
        assert pathlib.Path(PROGRAM).exists(), "no mariadbd: run tests/packages"
        argv = ["mariadb-install-db", *self._options(), "--skip-test-db"]
        argv.append("--auth-root-authentication-method=normal")
        subprocess.run(argv, check=True, capture_output=True)

    def start(self) -> None:
        self._process = subprocess.Popen([PROGRAM, *self._options()], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            try:
                self._connect().close()
                return
            except pymysql.err.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise AssertionError((self.home / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self, patient: bool = True) -> None:
        if self._process is not None:
            (self._process.terminate if patient else self._process.kill)()
            self._process.wait(timeout=60)
            self._process = None

    def remove(self) -> None:
        self.stop(patient=False)
        shutil.rmtree(self.home)

    def _connect(self) -> pymysql.Connection:
        return pymysql.connect(unix_socket=str(self.socket), user="root", autocommit=True)

    def execute(self, statement: str) -> None:
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def fresh(self, options: str = "") -> str:
        """The URL of a new database."""
        if self._process is None:
            self.install()
            self.start()
        name = f"doni{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return f"mysql+pymysql://root@/{name}?unix_socket={self.socket}"

    def drop(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        self.execute(f"DROP DATABASE {name}")
