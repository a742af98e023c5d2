"""Checks of the network and of what cloud-init did with it."""

from __future__ import annotations

import json
import shlex
from typing import Any

from cc_ansible.appliances.boot.seed import TOKEN
from cc_ansible.appliances.checks.subject import Look, failed

CLOUD_INIT_SECONDS = 90.0


def network(look: Look) -> str:
    """It has an address by DHCP, and the name that it was given.

    A guest that may reach nothing is offered no way out and no resolver, so neither is seen.
    """
    guest = look.guest
    links = json.loads(look.ask("ip -j -4 addr show scope global"))
    links += json.loads(look.ask("ip -j -4 addr show scope link"))
    held = {
        each["ifname"]: address["local"]
        for each in links
        for address in each.get("addr_info", [])
        if address.get("local") and not each["ifname"].startswith(("docker", "br-", "veth"))
    }
    if not held:
        raise failed(
            "no address by DHCP",
            "It has no IPv4 address on any network card.",
            "See what configures its network (systemd-networkd, netplan, ifupdown).",
            *look.tries("ip -br addr").splitlines(),
        )
    name = look.ask("hostname")
    if name != guest.hostname:
        raise failed(
            f"it is called {name}, not {guest.hostname}",
            "It does not take the host name that its cloud gives it.",
            "See preserve_hostname and module set_hostname in cloud.cfg.",
        )
    if "dhcp" in guest.blind:
        return f"{_shown(held)}; no DHCP: {guest.blind['dhcp']}"
    target = look.ask("readlink -m /etc/resolv.conf")
    if not look.guest.run(f"test -e {shlex.quote(target)}").ok:
        raise failed(
            "it cannot look up names",
            f"/etc/resolv.conf leads to {target}, which nothing makes.",
            "Add what writes it (systemd-resolved), or remove the link.",
        )
    return f"{_shown(held)} by DHCP, host name as given"


def _shown(held: dict[str, str]) -> str:
    return ", ".join(f"{link} {address}" for link, address in held.items())


def cloud_init(look: Look) -> str:
    """cloud-init did all that it was told, without an error."""
    done = look.guest.run("cloud-init status --wait --long", timeout=CLOUD_INIT_SECONDS)
    # It prints dots while it waits.
    lines = [line.lstrip(".") for line in done.out.splitlines()]
    fields = dict(line.split(": ", 1) for line in lines if ": " in line)
    state = fields.get("status", "").strip()
    result = _result(look)
    errors = [str(each) for each in result.get("errors", [])]
    if state != "done" or errors:
        raise failed(
            f"cloud-init failed: {errors[0] if errors else state or done.said}",
            "A module of it could not do what it is there for.",
            "See /etc/cloud in the image.",
            *(errors or lines),
            *_warnings(look),
        )
    if look.tries(f"cat {TOKEN}", root=True) != look.guest.token:
        raise failed(
            "cloud-init did not write a file that it was told to write",
            "write_files is missing among its modules, or something removed the file.",
            "See cloud_init_modules in /etc/cloud/cloud.cfg.",
            *_warnings(look),
        )
    if "NoCloud" not in str(result.get("datasource", "")):
        raise failed(
            f"cloud-init believed {result.get('datasource')}", "The seed was not used.",
            "See datasource_list in /etc/cloud.",
        )  # fmt: skip
    warned = _warnings(look)
    if warned:
        raise failed(
            f"cloud-init warned {len(warned)} times",
            "What it complains of may not work in users' clouds.",
            "See /etc/cloud in the image, and /var/log/cloud-init.log on a booted one.",
            *warned,
        )
    return f"{result.get('datasource')}; all modules done, no warnings"


def _result(look: Look) -> dict[str, Any]:
    said = look.tries("cat /run/cloud-init/result.json")
    try:
        return dict(json.loads(said)["v1"])
    except (ValueError, KeyError, TypeError):
        return {}


def _warnings(look: Look) -> list[str]:
    words = r"'\[\(WARNING\|ERROR\|CRITICAL\)\]'"
    found = look.tries(f"grep -e {words} /var/log/cloud-init.log", root=True)
    return found.splitlines()[-8:]
