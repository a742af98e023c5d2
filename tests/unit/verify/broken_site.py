"""Ways to break something of a site that is well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from well_site import NOW, VIP, Site, line, queue, row


def stopped(site: Site, **changes: Any) -> None:
    site.container("node2", "heat_engine").update(
        state="exited", exit_code=0, finished=NOW.timestamp() - 240,
        unit={"NRestarts": "0", "ActiveState": "inactive", "SubState": "dead"},
        log=["Caught SIGTERM, exiting"],
    )  # fmt: skip
    site.container("node2", "heat_engine").update(changes)


def of(host: str, part: str, **changes: Any) -> Callable[[Site], None]:
    return lambda site: site.said[host][part].update(changes)


def one(name: str, host: str = "node1", **changes: Any) -> Callable[[Site], None]:
    return lambda site: site.container(host, name).update(changes)


def member(host: str, **changes: Any) -> Callable[[Site], None]:
    """Something about rabbit@node3, as a host sees it."""
    return lambda site: site.said[host]["rabbitmq"]["nodes"][2].update(changes)


def down(site: Site) -> None:
    for name in ("node1", "node2", "node3"):
        site.said[name]["haproxy"]["servers"][1] = row(
            "nova_api_back", "node2", "DOWN", check="L4CON Connection refused", code="", seconds=180
        )


def refused_check(site: Site) -> None:
    site.said["node1"]["haproxy"]["servers"][4] = row(
        "rabbitmq_management_back", "node1", "DOWN 1/2", check="L7STS", code="401", seconds=60
    )


def all_down(site: Site) -> None:
    rows = [row("nova_api_back", each, "DOWN", check="L4TOUT") for each in ("node1", "BACKEND")]
    site.said["node1"]["haproxy"]["servers"] = rows


def no_vip(site: Site) -> None:
    del site.said["node1"]["interfaces"]["eno1"]["addresses"][1]


def two_vips(site: Site) -> None:
    added = {"address": VIP, "prefix": 32, "scope": "global"}
    site.said["node3"]["interfaces"]["eno1"]["addresses"].append(added)


def logged(file: str, text: str, count: int = 1) -> Callable[[Site], None]:
    return lambda site: site.said["node1"]["logs"]["kinds"].append(line(file, text, count))


def disk(**changes: Any) -> Callable[[Site], None]:
    return lambda site: site.said["node2"]["disks"]["/var/lib/docker"].update(changes)


def certified(text: str) -> Callable[[Site], None]:
    return lambda site: site.said["node1"]["certificates"].update(
        {"/etc/kolla/haproxy/haproxy.pem": text}
    )


def full(name: str, messages: int, consumers: int) -> Callable[[Site], None]:
    return lambda site: site.said["node1"]["rabbitmq"]["full"].append(
        queue(name, messages, consumers)
    )
