"""Asks the services of this host how they are; judges nothing. For module cc_service_health."""

from __future__ import annotations

import base64
import csv
import http.client
import io
import json
import os
import re
import socket
import ssl
import subprocess
from pathlib import Path

SECONDS = 8
"""How long one question may take."""
QUEUES = 30
"""How many of the fullest queues to tell of."""
WSREP = (
    "wsrep_on", "wsrep_ready", "wsrep_connected", "wsrep_cluster_status", "wsrep_cluster_size",
    "wsrep_local_state_comment",
)  # fmt: skip


def galera(engine, asked, address):
    """State of this member of the cluster. The password goes by the environment, not argv."""
    names = ", ".join(f"'{name}'" for name in WSREP)
    query = " ".join(
        f"SHOW GLOBAL {kind} WHERE Variable_name IN ({names});" for kind in ("STATUS", "VARIABLES")
    )
    argv = [engine, "exec", "--env", "MYSQL_PWD", asked["container"], "mariadb", "--no-defaults"]
    argv += ["--batch", "--skip-column-names", "--skip-ssl", "--connect-timeout=4"]
    argv += ["--host", address, "--port", str(asked["port"]), "--user", asked["user"]]
    printed, fine = output([*argv, "--execute", query], {"MYSQL_PWD": asked["password"]})
    if not fine:
        return {"problem": last(printed)}
    return dict(line.split("\t", 1) for line in printed.splitlines() if "\t" in line)


def rabbitmq(asked, address):
    """Members of the cluster, and the queues in which messages wait."""
    token = base64.b64encode(f"{asked['user']}:{asked['password']}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}

    def get(path):
        answer, body = fetch(address, asked["port"], f"/api/{path}", headers, tls=asked["tls"])
        if answer != 200:
            raise ValueError(f"HTTP {answer}")
        return json.loads(body)

    nodes = get("nodes?columns=name,running,partitions,mem_alarm,disk_free_alarm")
    queues = get("queues?columns=name,type,messages,messages_ready,consumers,arguments")
    full = sorted(
        (each for each in queues if each.get("messages") and each.get("type") != "stream"),
        key=lambda each: -each["messages"],
    )
    shown = [
        {
            "name": each["name"],
            "messages": each["messages"],
            "ready": each.get("messages_ready") or 0,
            "consumers": each.get("consumers") or 0,
            "expires": "x-expires" in (each.get("arguments") or {}),
        }
        for each in full[:QUEUES]
    ]
    return {"nodes": nodes, "queues": len(queues), "full": shown}


def haproxy(volume):
    """Backends and their servers, from the socket that HAProxy's own health check uses."""
    if not volume:
        return {"problem": "its container has no socket"}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(SECONDS)
        connection.connect(str(Path(volume, "haproxy.sock")))
        connection.sendall(b"show stat\n")
        parts = iter(lambda: connection.recv(1 << 16), b"")
        text = b"".join(parts).decode(errors="replace").lstrip("# ")
    return {
        "servers": [
            {
                "proxy": row["pxname"],
                "server": row["svname"],
                "status": row["status"],
                "check": f"{row.get('check_status') or ''} {row.get('last_chk') or ''}".strip(),
                "code": row.get("check_code") or "",
                "seconds": int(row.get("lastchg") or 0),
            }
            for row in csv.DictReader(io.StringIO(text))
            if row["svname"] != "FRONTEND"
        ]
    }


def doni(port, address):
    """Whether Doni's worker has its database, and how long work has waited for a worker."""
    answer, body = fetch(address, port, "/metrics", {})
    if answer != 200:
        raise ValueError(f"HTTP {answer}")
    text = body.decode(errors="replace")
    waits = re.findall(
        r'^doni_worker_task_oldest_due_seconds\{worker_type="([^"]*)"\} (\S+)', text, re.M
    )
    return {
        "database": re.search(r"^doni_database_up 1(\.0)?$", text, re.M) is not None,
        "waiting": {kind: float(seconds) for kind, seconds in waits},
    }


def fetch(address, port, path, headers, tls=False):
    """Status and body of what a service on this host answers."""
    if tls:
        # It is this host's own address; its certificate is for other names.
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(address, port, timeout=SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(address, port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def output(argv, environment=None):
    """What a program printed, on both its outputs, and whether it succeeded."""
    done = run(argv, subprocess.STDOUT, environment)
    return done.stdout, done.returncode == 0


def run(argv, errors=subprocess.PIPE, environment=None):
    """A program that was run to its end.

    :raises TimeoutError: it took too long; what it was told is not repeated.
    """
    try:
        return subprocess.run(
            argv, stdout=subprocess.PIPE, stderr=errors, text=True, errors="replace",
            timeout=SECONDS, stdin=subprocess.DEVNULL, check=False,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{' '.join(argv[:2])} takes more than {SECONDS} s") from None


def last(text):
    """The last line that says something."""
    return ([line.strip() for line in text.splitlines() if line.strip()] or [""])[-1][:400]
