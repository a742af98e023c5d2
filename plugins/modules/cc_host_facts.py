#!/usr/bin/python
"""What a host is like: everything `validate --hosts` judges, as plain JSON."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cc_host_facts
short_description: Facts of a host that decide whether a site can be deployed on it
description:
  - Reads operating system, Python, clock, memory, file systems, network interfaces, listening
    ports and the container engine. Judges nothing and changes nothing.
  - Needs Python's standard library only. Without root, owners of ports and the engine stay unknown.
  - Never wakes anything up. An engine whose daemon does not run is not talked to, because its
    socket would start it.
options:
  paths: {type: list, elements: str, default: [], description: Whose file systems to measure.}
  engine: {type: str, default: docker, choices: [docker, podman], description: Container engine.}
  interpreter: {type: str, default: "", description: The Python that Ansible is told to use.}
  users: {type: list, elements: str, default: [], description: Users to look up.}
  groups: {type: list, elements: str, default: [], description: Groups to look up.}
author: [The CHI-in-a-Box developers]
"""

RETURN = r"""
facts:
  description: The facts, each group of them in a map of its own.
  returned: always
  type: dict
"""

import ctypes
import grp
import http.client
import json
import os
import platform
import pwd
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

SECONDS = 10
"""How long one question to a program of the host may take."""
DAEMONS = {
    "chronyd": "chronyd",
    "ntpd": "ntpd",
    "ntpsec": "ntpd",
    "openntpd": "ntpd",
    "systemd-timesyn": "systemd-timesyncd",
    "nscd": "nscd",
    "unscd": "nscd",
    "dockerd": "dockerd",
}
"""Names of processes, which the kernel cuts after 15 characters, and what to call them."""
SYNCHRONISED = 16_000_000
"""Microseconds of possible error from which on a clock counts as left to itself."""
REMOTE = ("nfs", "nfs4", "cifs", "fuse.sshfs", "ceph", "glusterfs", "autofs", "9p")
"""File systems that may not answer when they are asked for their size."""
CONTAINER = re.compile(r"[0-9a-f]{64}")
SOCKET = "/var/run/docker.sock"
PROGRAMS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
PACKAGES = ("docker", "dbus")


def facts(options):
    """Everything; what cannot be found out is None or missing."""
    running = processes()
    return {
        "hostname": socket.gethostname().split(".")[0],
        "root": os.geteuid() == 0,
        "os": operating_system(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "memory": memory(),
        "systemd": Path("/run/systemd/system").is_dir(),
        "localtime": Path("/etc/localtime").exists(),
        "python": python(options["interpreter"]),
        "clock": clock(running),
        "daemons": sorted(set(running)),
        "disks": {path: disk(path) for path in options["paths"]},
        "interfaces": interfaces(),
        "listeners": listeners(),
        "engine": engine(options["engine"], "dockerd" in running),
        "missing_users": [name for name in options["users"] if not known(pwd.getpwnam, name)],
        "missing_groups": [name for name in options["groups"] if not known(grp.getgrnam, name)],
    }


def read(path):
    """A small file's text; empty when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def ask(argv, seconds=SECONDS):
    """What a program printed; None when it is not there, fails or takes too long."""
    environment = dict(os.environ, LC_ALL="C", PYTHONDONTWRITEBYTECODE="1")
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, errors="replace", timeout=seconds,
            env=environment, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def known(look_up, name):
    try:
        look_up(name)
    except KeyError:
        return False
    return True


# --- the machine -----------------------------------------------------------------------------


def operating_system():
    """What /etc/os-release says of itself."""
    text = read("/etc/os-release") or read("/usr/lib/os-release")
    said = {}
    for line in text.splitlines():
        key, found, value = line.partition("=")
        if found:
            said[key.strip()] = value.strip().strip("\"'")
    return {
        "id": said.get("ID", ""),
        "name": said.get("NAME", ""),
        "version": said.get("VERSION_ID", ""),
        "codename": said.get("VERSION_CODENAME", ""),
        "pretty": said.get("PRETTY_NAME", ""),
    }


def memory():
    """Bytes of memory."""
    values = dict(re.findall(r"^(\w+):\s+(\d+) kB", read("/proc/meminfo"), re.MULTILINE))
    return {
        "total": int(values.get("MemTotal", 0)) * 1024,
        "available": int(values.get("MemAvailable", 0)) * 1024,
    }


def python(interpreter):
    """The Python that runs this, and the one Kolla-Ansible's modules will run in."""
    program = interpreter if interpreter.startswith("/") else sys.executable
    there = Path(program).exists()
    missing = None
    if there:
        code = f"import importlib.util as u; print(*(n for n in {PACKAGES} if not u.find_spec(n)))"
        printed = ask([program, "-c", code])
        missing = None if printed is None else printed.split()
    return {
        "version": platform.python_version(),
        "executable": sys.executable,
        "used": program,
        "there": there,
        "missing": missing,
    }


def processes():
    """Those of the daemons we know by name that run here, not inside of a container."""
    found = set()
    here = pid_namespace("self")
    for pid in process_ids():
        name = read(f"/proc/{pid}/comm").strip()
        if name in DAEMONS and pid_namespace(pid) in (here, None):
            found.add(DAEMONS[name])
    return found


def process_ids():
    return [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def pid_namespace(pid):
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return None


def clock(running):
    """The time, and how far the kernel believes it may be off; nothing is set."""
    names = ("chronyd", "ntpd", "systemd-timesyncd")
    error = None
    try:
        # struct timex: the mode, padding, then longs: offset, freq, maxerror, ...
        buffer = (ctypes.c_long * 64)()
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.adjtimex(ctypes.byref(buffer)) >= 0:
            error = int(buffer[3])
    except (OSError, AttributeError):
        pass
    return {
        "now": time.time(),
        "error": error,
        "synchronised": None if error is None else error < SYNCHRONISED,
        "daemon": next((name for name in names if name in running), None),
    }


def disk(path):
    """Size and room of the file system that holds a path, or will hold it."""
    place = Path(path).resolve()
    while not place.exists():
        place = place.parent
    kind, mount = file_system(str(place))
    if kind in REMOTE:
        return {"mount": mount, "type": kind}
    try:
        size = os.statvfs(place)
    except OSError:
        return {"mount": mount, "type": kind}
    return {
        "mount": mount,
        "type": kind,
        "total": size.f_blocks * size.f_frsize,
        "free": size.f_bavail * size.f_frsize,
        "inodes": size.f_files,
        "inodes_free": size.f_favail,
    }


def file_system(place):
    """Type and mount point of what holds a place."""
    best = ("", "/")
    for line in read("/proc/self/mountinfo").splitlines():
        before, separator, after = line.partition(" - ")
        if not separator:
            continue
        mount = before.split()[4].encode().decode("unicode_escape")
        inside = place == mount or place.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best[1]):
            best = (after.split()[0], mount)
    return best


# --- the network -----------------------------------------------------------------------------


def interfaces():
    """Every interface by name; None when iproute2 is missing or too old."""
    printed = ask(["ip", "-details", "-json", "address", "show"])
    try:
        entries = json.loads(printed) if printed else None
    except ValueError:
        entries = None
    if entries is None:
        return None
    return {entry["ifname"]: interface(entry) for entry in entries if "ifname" in entry}


def interface(entry):
    name, flags = entry["ifname"], entry.get("flags", [])
    ports = Path(f"/sys/class/net/{name}/brif")
    return {
        "up": "UP" in flags,
        "carrier": "LOWER_UP" in flags,
        "mtu": entry.get("mtu"),
        "mac": entry.get("address", ""),
        "kind": entry.get("linkinfo", {}).get("info_kind", ""),
        "master": entry.get("master", ""),
        "parent": entry.get("link", ""),
        "ports": sorted(port.name for port in ports.iterdir()) if ports.is_dir() else [],
        "addresses": [
            {
                "address": address["local"],
                "prefix": address.get("prefixlen"),
                "scope": address.get("scope", ""),
                "dynamic": bool(address.get("dynamic")),
            }
            for address in entry.get("addr_info", [])
            if "local" in address
        ],
    }


def listeners():
    """Every listening TCP port, and what listens there as far as we may see."""
    owners = socket_owners()
    found = []
    for family, table in ((socket.AF_INET, "tcp"), (socket.AF_INET6, "tcp6")):
        for line in read(f"/proc/net/{table}").splitlines()[1:]:
            fields = line.split()
            if fields[3] != "0A":
                continue
            address, _, port = fields[1].partition(":")
            owner = owners.get(fields[9], {})
            found.append(
                {"address": spelled(address, family), "port": int(port, 16)}
                | {key: owner.get(key) for key in ("process", "container")}
            )
    return found


def spelled(raw, family):
    """An address as the kernel prints it, words in the machine's byte order, as people do."""
    words = [bytes.fromhex(raw[at : at + 8]) for at in range(0, len(raw), 8)]
    if sys.byteorder == "little":
        words = [word[::-1] for word in words]
    return socket.inet_ntop(family, b"".join(words))


def socket_owners():
    """Name and container of the process that holds each socket, by the socket's inode."""
    found = {}
    for pid in process_ids():
        try:
            handles = list(Path(f"/proc/{pid}/fd").iterdir())
        except OSError:
            continue
        owner = None
        for handle in handles:
            try:
                target = str(handle.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                owner = owner or process(pid)
                found.setdefault(target[8:-1], owner)
    return found


def process(pid):
    ids = CONTAINER.findall(read(f"/proc/{pid}/cgroup"))
    name = read(f"/proc/{pid}/comm").strip()
    return {"process": name, "container": ids[-1] if ids else None}


# --- the container engine --------------------------------------------------------------------


def engine(name, running):
    """Version, containers and image tags of the engine; ``state`` says how far we got."""
    if name == "podman":
        return podman()
    if not running:
        installed = any(Path(place, "dockerd").exists() for place in PROGRAMS)
        return {"state": "stopped" if installed else "missing"}
    if not os.access(SOCKET, os.R_OK | os.W_OK):
        there = Path(SOCKET).exists()
        return {"state": "denied" if there else "silent", "problem": f"no {SOCKET}"}
    try:
        version, about = docker("/version"), docker("/info")
        rows, images = docker("/containers/json?all=1"), docker("/images/json")
    except (OSError, ValueError, http.client.HTTPException) as problem:
        return {"state": "silent", "problem": str(problem)}
    return {
        "state": "running",
        "version": version.get("Version", ""),
        "data": about.get("DockerRootDir", ""),
        "proxy": bool(about.get("HttpProxy") or about.get("HttpsProxy")),
        "insecure": insecure(about.get("RegistryConfig") or {}),
        "containers": [container(row) for row in rows],
        "images": sorted(tag for image in images for tag in image.get("RepoTags") or []),
    }


def insecure(config):
    """Registries, and networks of them, that the engine talks to without TLS."""
    named = config.get("IndexConfigs") or {}
    names = [name for name, index in named.items() if not index.get("Secure", True)]
    return names + (config.get("InsecureRegistryCIDRs") or [])


def container(row):
    labels = row.get("Labels") or {}
    return {
        "id": row.get("Id", ""),
        "name": (row.get("Names") or ["/"])[0].lstrip("/"),
        "image": row.get("Image", ""),
        "state": row.get("State", ""),
        "kolla": "kolla_version" in labels,
    }


def docker(path):
    """The answer of the engine's API."""
    connection = http.client.HTTPConnection("localhost", timeout=SECONDS)
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.sock.settimeout(SECONDS)
    try:
        connection.sock.connect(SOCKET)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise ValueError(f"{path} answers {answer.status}")
        return json.loads(body)
    finally:
        connection.close()


def podman():
    printed = ask(["podman", "--version"])
    if printed is None:
        return {"state": "missing"}
    found = {"state": "running", "version": printed.split()[-1], "containers": [], "images": []}
    # A first command would make the storage; then there is nothing to be found either.
    if not Path("/var/lib/containers/storage").is_dir():
        return found
    try:
        rows = json.loads(ask(["podman", "ps", "--all", "--format", "json"]) or "")
        images = json.loads(ask(["podman", "images", "--format", "json"]) or "")
    except ValueError:
        return {"state": "silent", "version": found["version"]}
    found["containers"] = [container(row) for row in rows]
    found["images"] = sorted(name for image in images for name in image.get("Names") or [])
    found["data"] = "/var/lib/containers"
    return found


def main():
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "str", "default": []},
            "engine": {"type": "str", "default": "docker", "choices": ["docker", "podman"]},
            "interpreter": {"type": "str", "default": ""},
            "users": {"type": "list", "elements": "str", "default": []},
            "groups": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, facts=facts(module.params))


if __name__ == "__main__":
    main()
