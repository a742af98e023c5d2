#!/usr/bin/python
"""How the services of a host are: everything `verify --level quick` judges of it, as plain JSON."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cc_service_health
short_description: State of a host's containers, queues, database, logs, disks and clock
description:
  - Reads what the container engine says of its containers, asks RabbitMQ, MariaDB, HAProxy and Doni
    on this host how they are, and reads logs, certificates, clock, memory and file systems.
  - Judges nothing and changes nothing. Needs Python's standard library only, and root.
  - Parts that fail say why in C(problem); the others are there all the same.
options:
  engine: {type: str, default: docker, choices: [docker, podman], description: Container engine.}
  paths: {type: list, elements: str, default: [], description: Whose file systems to measure.}
  interface: {type: str, default: "", description: Interface that the services listen on.}
  family: {type: str, default: ipv4, choices: [ipv4, ipv6], description: Family of its address.}
  vips: {type: list, elements: str, default: [], description: Addresses that move between hosts.}
  config: {type: path, default: /etc/kolla, description: Where services have their configuration.}
  logs: {type: path, default: /var/log/kolla, description: Logs, where no container has them.}
  record: {type: str, default: cc-ansible.json, description: Record of the last deploy there.}
  since:
    type: float
    default: 0
    description: Seconds since 1970 of the last deploy, for hosts that have no record of it.
  haproxy: {type: str, default: "", description: Container of HAProxy; empty where there is none.}
  galera:
    type: dict
    description: MariaDB on this host.
    options:
      container: {type: str, required: true, description: Its container.}
      port: {type: int, required: true, description: Its port.}
      user: {type: str, required: true, description: Who may read its state.}
      password: {type: str, required: true, description: The password of that user.}
  rabbitmq:
    type: dict
    description: RabbitMQ on this host.
    options:
      port: {type: int, required: true, description: Port of its management API.}
      tls: {type: bool, default: false, description: Whether that has TLS.}
      user: {type: str, required: true, description: Who may read its state.}
      password: {type: str, required: true, description: The password of that user.}
  doni: {type: int, default: 0, description: Port of a Doni worker's metrics; 0 where none runs.}
author: [The CHI-in-a-Box developers]
"""

RETURN = r"""
health:
  description: What was found, each part in a map of its own.
  returned: always
  type: dict
"""

import datetime
import ipaddress
import json
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

try:
    from ansible.module_utils import cc_host_facts as host
    from ansible.module_utils import cc_log_lines as log_lines
    from ansible.module_utils import cc_services as services
except ImportError:  # Run by itself, with both directories of ours on Python's path.
    import cc_host_facts as host
    import cc_log_lines as log_lines
    import cc_services as services

DETAILED = 12
"""Of how many troubled containers to get the end of the log."""
TAIL = 12
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def health(options):
    """Everything; a part that cannot be had is a map with ``problem``."""
    running = host.processes()
    clock = host.clock(running)
    found = guarded(containers, options["engine"], "dockerd" in running)
    volumes, binds = found.get("volumes", {}), found.get("binds", [])
    logs = volumes.get("/var/log/kolla") or options["logs"]
    record = last_deploy(Path(options["config"], options["record"]))
    net = host.interfaces() or {}
    address = own_address(net, options)
    asked = {
        "memory": (memory,),
        "disks": (disks, [*options["paths"], *volumes.values(), *binds]),
        "certificates": (certificates, options["config"]),
        "logs": (log_lines.troubles, logs, record.get("written") or options["since"]),
        "chrony": (chrony,) if clock["daemon"] == "chronyd" else None,
        "galera": (services.galera, options["engine"], options["galera"], address),
        "rabbitmq": (services.rabbitmq, options["rabbitmq"], address),
        "haproxy": (services.haproxy, volumes.get("/var/lib/kolla/haproxy")),
        "doni": (services.doni, options["doni"], address),
    }
    for name in ("galera", "rabbitmq", "haproxy", "doni"):
        asked[name] = asked[name] if options[name] else None
    if found.get("state") != "running":
        asked["haproxy"] = None  # Where its socket is, only the engine knows.
    with ThreadPoolExecutor(len(asked)) as pool:
        jobs = {name: pool.submit(guarded, *what) for name, what in asked.items() if what}
        parts = {name: job.result() for name, job in jobs.items()}
    return {
        "root": os.geteuid() == 0,
        "engine": found,
        "record": record,
        "backup": newest_backup(volumes),
        "address": address,
        "interfaces": net,
        **parts,
        "clock": {**clock, "end": time.time()},
    }


def guarded(question, *arguments):
    """An answer, or why there is none; never with what was sent."""
    try:
        return question(*arguments)
    except Exception as problem:
        return {"problem": f"{type(problem).__name__}: {problem}"}


# --- containers ------------------------------------------------------------------------------


def containers(engine, running):
    """State of every container, of its unit, and what is in which volume."""
    if engine == "docker" and not running:
        return {"state": "stopped"}  # Asking would start it.
    try:
        seen = described(engine)
    except (OSError, ValueError) as problem:
        return {"state": "silent", "problem": str(problem)}
    states = units()
    found = [container(one, states) for one in seen]
    unwell = [each for each in found if each["kolla"] and troubled(each)][:DETAILED]
    with ThreadPoolExecutor(DETAILED) as pool:
        for one in unwell:
            one["log"] = pool.submit(tail, engine, one["name"])
    for one in unwell:
        one["log"] = one["log"].result()
    mounts = [mount for one in seen for mount in one.get("Mounts") or []]
    return {
        "state": "running",
        "containers": found,
        "volumes": {
            mount["Destination"].rstrip("/"): mount["Source"]
            for mount in mounts
            if mount.get("Type") == "volume"
        },
        "binds": sorted({mount["Source"] for mount in mounts if has_data(mount)}),
    }


def described(engine):
    """Every container as the engine describes it.

    :raises OSError: the engine does not answer, or says no.
    :raises ValueError: its answer makes no sense.
    """
    listed = services.run([engine, "ps", "--all", "--quiet", "--no-trunc"])
    if listed.returncode:
        raise OSError(services.last(listed.stderr or listed.stdout))
    ids = listed.stdout.split()
    if not ids:
        return []
    # One that is gone meanwhile makes it fail, after it has described the others.
    done = services.run([engine, "inspect", *ids])
    if done.returncode and done.stdout.strip() in ("", "[]"):
        raise OSError(services.last(done.stderr) or "it does not describe its containers")
    return json.loads(done.stdout)


def tail(engine, name):
    """The end of a container's log; empty when the engine does not give it."""
    try:
        return services.output([engine, "logs", "--tail", str(TAIL), name])[0].splitlines()[-TAIL:]
    except OSError:
        return []


def has_data(mount):
    """Whether a mount is a directory of this host in which a service keeps what it has."""
    inside = mount.get("Destination", "")
    data = inside.startswith("/var/lib/") and not inside.startswith("/var/lib/kolla")
    return mount.get("Type") == "bind" and mount.get("RW", True) and data


def container(seen, states):
    state, config = seen.get("State") or {}, seen.get("Config") or {}
    name = seen.get("Name", "").lstrip("/")
    check = state.get("Health") or state.get("Healthcheck") or {}
    said = (check.get("Log") or [{}])[-1]
    return {
        "id": seen.get("Id", ""),
        "name": name,
        "image": config.get("Image") or "",
        "kolla": "kolla_version" in (config.get("Labels") or {}),
        "state": state.get("Status", ""),
        "health": check.get("Status", ""),
        "checked": services.last(said.get("Output") or ""),
        "exit_code": state.get("ExitCode"),
        "error": state.get("Error") or "",
        "oom": bool(state.get("OOMKilled")),
        "created": moment(seen.get("Created")),
        "started": moment(state.get("StartedAt")),
        "finished": moment(state.get("FinishedAt")),
        "restarts": int(seen.get("RestartCount") or 0),
        "unit": states.get(f"kolla-{name}-container.service", {}),
        "log": [],
    }


def troubled(one):
    unwell = one["state"] != "running" or one["health"] == "unhealthy"
    return unwell or one["restarts"] > 0 or int(one["unit"].get("NRestarts") or 0) > 0


def units():
    """What systemd says of the units that start Kolla's containers."""
    wanted = "Id,NRestarts,ActiveState,SubState,Result"
    printed = host.ask(["systemctl", "show", f"--property={wanted}", "kolla-*-container.service"])
    found = {}
    for block in (printed or "").split("\n\n"):
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if "Id" in values:
            found[values.pop("Id")] = values
    return found


def moment(text):
    """Seconds since 1970 of an engine's time; None for its way to say never, and for nonsense."""
    if not text or text.startswith("0001-"):
        return None
    plain = re.sub(r"\.\d+", "", text).replace("Z", "+00:00")
    try:
        return datetime.datetime.fromisoformat(plain).timestamp()
    except ValueError:
        return None


# --- the machine -----------------------------------------------------------------------------


def memory():
    """Bytes of memory and swap, and which part of the last minute work waited for memory."""
    text = host.read("/proc/meminfo")
    values = dict(re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE))
    pressure = re.search(r"^full .*\bavg60=([\d.]+)", host.read("/proc/pressure/memory"), re.M)
    names = {"total": "MemTotal", "available": "MemAvailable", "swap_free": "SwapFree"}
    found = {key: int(values.get(name, 0)) * 1024 for key, name in names.items()}
    return {**found, "stalled": float(pressure[1]) if pressure else None}


def disks(paths):
    """File systems by where they are mounted, each once; those that cannot be asked say why."""
    wanted = [path for path in dict.fromkeys(paths) if path.startswith("/")]
    found = [{"mount": path, **guarded(measured, path)} for path in wanted]
    return {each["mount"]: each for each in found}


def measured(path):
    """The file system of a path.

    :raises OSError: it does not tell its size, and is not one that may hang.
    """
    found = host.disk(path)
    if "total" not in found and found["type"] not in host.REMOTE:
        os.statvfs(path)  # Says why.
        raise OSError("it does not tell its size")
    return found


def chrony():
    """What chronyd follows and how well."""
    printed = host.ask(["chronyc", "-n", "-c", "tracking"])
    fields = (printed or "").strip().split(",")
    if len(fields) < 14:
        return {"problem": "chronyc does not answer"}
    return {"server": fields[1], "offset": float(fields[4]), "leap": fields[13]}


def last_deploy(path):
    """What role site_record left, and when by this host's clock; empty where there is none."""
    try:
        return {**json.loads(path.read_text()), "written": path.stat().st_mtime}
    except (OSError, ValueError):
        return {}


def newest_backup(volumes):
    """When the newest backup of the database was made here, seconds since 1970; else None.

    Kolla's backups are in a volume of their own, which only the container that makes one mounts.
    """
    for source in volumes.values():
        place = Path(source).parent.parent / "mariadb_backup" / Path(source).name
        if place.is_dir():
            return max((each.stat().st_mtime for each in place.rglob("*.gz")), default=None)
    return None


def certificates(directory):
    """The first certificate of each file that has one; never a key, never a bundle of CAs."""
    found = {}
    for top, names, files in os.walk(directory):
        names[:] = [name for name in names if name != "ca-certificates"]
        for name in files:
            if name.endswith((".pem", ".crt", ".cert")):
                path = os.path.join(top, name)  # noqa: PTH118
                if match := CERTIFICATE.search(host.read(path)):
                    found[path] = match[0]
    return found


def own_address(net, options):
    """The first address of the services' interface that is no virtual one, as Kolla takes it."""
    version = 6 if options["family"] == "ipv6" else 4
    for entry in net.get(options["interface"], {}).get("addresses", []):
        address = ipaddress.ip_address(entry["address"])
        right = address.version == version and entry["scope"] != "link"
        if right and entry["address"] not in options["vips"]:
            return entry["address"]
    return ""


def main():
    login = {
        "port": {"type": "int", "required": True},
        "user": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
    }
    names = {"container": {"type": "str", "required": True}}
    tls = {"tls": {"type": "bool", "default": False}}
    module = AnsibleModule(
        argument_spec={
            "engine": {"type": "str", "default": "docker", "choices": ["docker", "podman"]},
            "paths": {"type": "list", "elements": "str", "default": []},
            "interface": {"type": "str", "default": ""},
            "family": {"type": "str", "default": "ipv4", "choices": ["ipv4", "ipv6"]},
            "vips": {"type": "list", "elements": "str", "default": []},
            "config": {"type": "path", "default": "/etc/kolla"},
            "logs": {"type": "path", "default": "/var/log/kolla"},
            "record": {"type": "str", "default": "cc-ansible.json"},
            "since": {"type": "float", "default": 0},
            "haproxy": {"type": "str", "default": ""},
            "galera": {"type": "dict", "options": {**login, **names}},
            "rabbitmq": {"type": "dict", "options": {**login, **tls}},
            "doni": {"type": "int", "default": 0},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, health=health(module.params))


if __name__ == "__main__":
    main()
