#!/usr/bin/python
"""What answers when it is asked from a host: names, addresses, ports, BMCs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cc_reach
short_description: Ask names, addresses and BMCs from a host, all at once and not for long
description:
  - Resolves names, opens TCP connections and closes them again, reads the Redfish root without
    logging in, and sends RMCP presence pings. Changes nothing anywhere.
  - Everything is asked in parallel. What does not answer in time is reported as silent; what could
    not be asked before I(limit) is left out.
options:
  names: {type: list, elements: str, default: [], description: Names to resolve.}
  neighbours:
    {type: list, elements: str, default: [], description: Addresses of which to find the owner.}
  tcp: {type: list, elements: str, default: [], description: host:port to connect to.}
  redfish: {type: list, elements: str, default: [], description: URLs of Redfish services.}
  ipmi: {type: list, elements: str, default: [], description: host:port of IPMI BMCs.}
  seconds: {type: int, default: 4, description: How long one answer may take.}
  limit: {type: int, default: 35, description: After how many seconds to come to an end.}
author: [The CHI-in-a-Box developers]
"""

RETURN = r"""
answers:
  description: For each kind of question a map from what was asked to what was found.
  returned: always
  type: dict
"""

import errno
import http.client
import json
import queue
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

from ansible.module_utils.basic import AnsibleModule

WORKERS = 128
# RMCP class ASF, then presence ping (ASF 2.0, 3.2.4.2); some BMCs answer only the second, the
# IPMI command Get Channel Authentication Capabilities for the channel it comes in on.
PRESENCE = bytes.fromhex("0600ff06000011be80000000")
CAPABILITIES = bytes.fromhex("0600ff07000000000000000000092018c88100388e04b5")
RMCP = b"\x06\x00"
UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN)


def answers(options):
    """Ask everything; returns maps by kind of question."""
    seconds = options["seconds"]
    jobs = [
        (kind, asked, question)
        for kind, question in (
            ("names", resolve), ("neighbours", neighbour), ("tcp", connect),
            ("redfish", redfish), ("ipmi", ipmi),
        )
        for asked in dict.fromkeys(options[kind])
    ]  # fmt: skip
    found = {kind: {} for kind in ("names", "neighbours", "tcp", "redfish", "ipmi")}
    for kind, asked, answer in in_parallel(jobs, seconds, options["limit"]):
        found[kind][asked] = answer
    return found


def in_parallel(jobs, seconds, limit):
    """Run questions side by side; one that hangs is given up, its thread left behind."""
    waiting, done = queue.Queue(), queue.Queue()
    begun = set()
    for job in jobs:
        waiting.put(job)

    def work():
        while True:
            try:
                kind, asked, question = waiting.get_nowait()
            except queue.Empty:
                return
            begun.add((kind, asked))
            try:
                answer = question(asked, seconds)
            except Exception as problem:
                answer = {"state": "failed", "why": str(problem) or type(problem).__name__}
            done.put((kind, asked, answer))

    for _ in range(min(WORKERS, len(jobs))):
        threading.Thread(target=work, daemon=True).start()
    rounds = -(-len(jobs) // WORKERS)
    deadline = time.monotonic() + min(rounds * 3 * seconds + 1, limit)
    pending = {(kind, asked) for kind, asked, _ in jobs}
    while pending:
        try:
            answer = done.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        pending.discard(answer[:2])
        yield answer
    for kind, asked in pending & begun:
        yield kind, asked, {"state": "silent", "why": "no answer in time"}


# --- names and ports -------------------------------------------------------------------------


def resolve(name, seconds):
    """Addresses of a name, as every program of this host gets them."""
    found = {}
    for database, key in (("ahostsv4", "ipv4"), ("ahostsv6", "ipv6")):
        try:
            done = subprocess.run(
                ["getent", database, name], capture_output=True, text=True, timeout=2 * seconds,
                check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            found[key] = None
            continue
        addresses = [line.split()[0] for line in done.stdout.splitlines() if line.strip()]
        mapped = [address for address in addresses if not address.startswith("::ffff:")]
        found[key] = list(dict.fromkeys(mapped))
    return found


def connect(asked, seconds):
    """Whether a TCP port takes connections."""
    host, port = split(asked)
    began = time.monotonic()
    try:
        socket.create_connection((host, port), timeout=seconds).close()
    except Exception as problem:
        return refusal(problem)
    return {"state": "open", "seconds": round(time.monotonic() - began, 3)}


def refusal(problem):
    """Why a connection was not made, in one word and in the system's own."""
    number = getattr(problem, "errno", None)
    if isinstance(problem, socket.gaierror):
        state = "unresolved"
    elif number == errno.ECONNREFUSED:
        state = "refused"
    elif number in UNREACHABLE:
        state = "unreachable"
    elif isinstance(problem, TimeoutError):
        state = "silent"
    else:
        state = "failed"
    return {"state": state, "why": str(problem)}


def split(asked):
    """Host and port of ``host:port`` or ``[address]:port``."""
    parts = urllib.parse.urlsplit("//" + asked)
    return parts.hostname, parts.port


def neighbour(address, seconds):
    """Whether another machine in our network has an address: its network card answers.

    A connection attempt makes the kernel ask for the card; a firewall cannot hide that. What
    answers without one is a router on the way, or this host itself.
    """
    at = f"[{address}]:9" if ":" in address else f"{address}:9"
    state = connect(at, min(seconds, 2))["state"]
    entry = card(address)
    answers_us = state in ("open", "refused") or entry.get("state") == "REACHABLE"
    taken = answers_us and "mac" in entry
    return {"state": state, "taken": taken, "mac": entry.get("mac", "")}


def card(address):
    """What the kernel knows of the network card behind an address of its own network."""
    try:
        done = subprocess.run(
            ["ip", "-json", "neighbour", "show", "to", address],
            capture_output=True, text=True, timeout=5, check=False,
        )  # fmt: skip
        entries = json.loads(done.stdout or "[]")
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {}
    for entry in entries:
        if "lladdr" in entry:
            return {"mac": entry["lladdr"], "state": (entry.get("state") or [""])[0]}
    return {}


# --- BMCs ------------------------------------------------------------------------------------


def redfish(url, seconds):
    """The Redfish root of a BMC, which every one shows without a login."""
    parts = urllib.parse.urlsplit(url)
    host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme == "https":
        # BMCs sign their own certificates; nothing secret is sent.
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", "/redfish/v1/", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(1 << 20)
    except ssl.SSLError as problem:
        return {"state": "failed", "why": f"no TLS: {problem.reason or problem}"}
    except http.client.HTTPException as problem:
        return {"state": "failed", "why": f"no HTTP: {type(problem).__name__}"}
    except OSError as problem:
        return refusal(problem)
    finally:
        connection.close()
    try:
        version = json.loads(body).get("RedfishVersion")
    except (ValueError, AttributeError):
        version = None
    if answer.status != 200 or not version:
        return {"state": "failed", "why": f"it answers HTTP {answer.status}, no Redfish root"}
    return {"state": "open", "version": str(version)}


def ipmi(asked, seconds):
    """Whether a BMC answers on UDP: three packets, of both kinds."""
    host, port = split(asked)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except OSError as problem:
        return refusal(problem)
    with socket.socket(found[0], socket.SOCK_DGRAM) as sender:
        sender.settimeout(max(0.5, seconds / 3))
        why = f"no answer on UDP port {port}"
        for packet in (PRESENCE, CAPABILITIES, PRESENCE):
            try:
                sender.connect(found[4])
                sender.send(packet)
                if sender.recv(512).startswith(RMCP):
                    return {"state": "open"}
                why = "it answers, but not as a BMC"
            except TimeoutError:
                continue
            except OSError as problem:
                return refusal(problem)
    return {"state": "silent", "why": why}


def main():
    lists = ("names", "neighbours", "tcp", "redfish", "ipmi")
    spec = {name: {"type": "list", "elements": "str", "default": []} for name in lists}
    module = AnsibleModule(
        argument_spec={
            **spec,
            "seconds": {"type": "int", "default": 4},
            "limit": {"type": "int", "default": 35},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, answers=answers(module.params))


if __name__ == "__main__":
    main()
