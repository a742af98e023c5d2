"""HAProxy: every backend has its servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View, ago, containers, part

if TYPE_CHECKING:
    from cc_ansible.online.facts import Host

NAME = "HAProxy"


def judge(view: View) -> Iterator[Result]:
    """One result for all load balancers; none where the site has none."""
    hosts = view.having("haproxy")
    if not hosts:
        return
    check, seen = Check(NAME, "haproxy"), [host for host in hosts if host.facts and _told(host)]
    if not seen:
        yield check.skipped("no host with HAProxy could be looked at")
        return
    troubles: dict[tuple[str, str], Trouble] = {}
    for host in seen:
        said = part(host, "haproxy")
        if "problem" in said or not said:
            troubles[host.name, ""] = _silent(host, str(said.get("problem", "it said nothing")))
        for row in said.get("servers", ()):
            if not row["status"].startswith("DOWN"):
                continue
            if row["server"] != "BACKEND":
                whole = _is_down(said["servers"], row["proxy"])
                troubles.setdefault((row["proxy"], row["server"]), _down(row, whole=whole))
            elif not _any_down(said["servers"], row["proxy"]):
                troubles.setdefault((row["proxy"], "BACKEND"), _empty(said["servers"], row))
    count = max((len(part(host, "haproxy").get("servers", ())) for host in seen), default=0)
    yield check.judged(list(troubles.values()), f"{count} backends and servers, none down")


def _told(host: Host) -> bool:
    """Whether a host could tell: while its engine is silent, nobody knows where the socket is."""
    return bool(part(host, "haproxy")) or part(host, "engine").get("state") == "running"


def _any_down(rows: list[Mapping[str, Any]], proxy: str) -> bool:
    servers = (row for row in rows if row["proxy"] == proxy and row["server"] != "BACKEND")
    return any(row["status"].startswith("DOWN") for row in servers)


def _empty(rows: list[Mapping[str, Any]], whole: Mapping[str, Any]) -> Trouble:
    """A backend is down though none of its servers is: somebody took them out."""
    proxy = whole["proxy"]
    states = [
        f"{row['server']} is {row['status']}"
        for row in rows
        if row["proxy"] == proxy and row["server"] != "BACKEND"
    ]
    cause = f"HAProxy has no server for {proxy} since {ago(whole['seconds'])}, so its API answers "
    cause += f"503: {', '.join(states) or 'it has none at all'}."
    fix = "Let them in again: `set server BACKEND/NAME state ready` on HAProxy's socket, or "
    return Trouble(f"{proxy}: no server is in use", cause, f"{fix}`docker restart haproxy`.")


def _is_down(rows: list[Mapping[str, Any]], proxy: str) -> bool:
    return any(
        row["proxy"] == proxy and row["server"] == "BACKEND" and row["status"] == "DOWN"
        for row in rows
    )


def _down(row: Mapping[str, Any], *, whole: bool) -> Trouble:
    service = row["proxy"].removesuffix("_back").removesuffix("_external")
    check = f" ({row['check']})" if row["check"] else ""
    cause = f"HAProxy finds {row['server']} of {service} down since {ago(row['seconds'])}{check}"
    cause += "; no other server is left, so its API answers 503." if whole else "."
    fix = f"See the container of {service} on {row['server']}."
    if row["code"] in ("401", "403"):
        cause += " It refuses the password of the health check."
        fix = f"`cc-ansible reconfigure --tags loadbalancer,{service.split('_')[0]}` sets the "
        fix += "site's on both sides."
    return Trouble(f"{row['proxy']}: {row['server']} is DOWN", cause, fix)


def _silent(host: Host, problem: str) -> Trouble:
    log = tuple(containers(host).get("haproxy", {}).get("log", ()))
    cause = f"HAProxy on {host.name} does not answer on its own socket: it does not run."
    fix = f"See container haproxy on {host.name}: `docker logs haproxy`."
    return Trouble(f"{host.name}: {problem}", cause, fix, log)
