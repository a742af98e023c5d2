"""Every expected container is there, runs, is well, stays up, and has the site's image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View, ago, containers, part

if TYPE_CHECKING:
    from cc_ansible.kolla.images import Service
    from cc_ansible.online.facts import Host

NAME = "containers on"
LOOP = 3
"""Restarts from which on a container that was started a moment ago is in a loop."""
RECENT = 600
"""Seconds for which a start is recent."""
SLOW = 3600
"""Seconds between two restarts, on an average, up to which that is a loop, if a slow one."""
SETTLING = 300
"""Seconds that a container may take to find out that it is healthy."""
STOPPED_ON_REQUEST = (0, 130, 143)
"""Exit codes of programs that were asked to end: fine, SIGINT, SIGTERM."""


def judge(view: View) -> Iterator[Result]:
    """One result for each host that runs something."""
    for host in view.seen:
        check = Check(f"{NAME} {host.name}", "containers")
        if engine := _engine(host):
            yield check.judged([engine], "")
            continue
        troubles = [each for found in by_name(view, host).values() for each in found]
        yield check.judged(troubles, _well(view, host))


def by_name(view: View, host: Host) -> dict[str, list[Trouble]]:
    """The troubles with each container that is expected on a host; all of them are named."""
    found = containers(host)
    return {
        service.container: list(_one(host, service, found.get(service.container), view))
        for service in view.expected(host)
    }


def _well(view: View, host: Host) -> str:
    names = {service.container for service in view.expected(host)}
    found = containers(host)
    # Neutron's agents have a container of their own for each router and network.
    own = tuple(f"{name}_" for name in names if name.startswith("neutron_"))
    unexpected = sorted(
        name
        for name, each in found.items()
        if each["kolla"] and name not in names and not name.startswith(own)
    )
    starting = [n for n in names if n in found and found[n]["health"] == "starting"]
    text = f"{len(names)} containers run"
    text += f", {len(starting)} of them just started" if starting else ""
    for name in sorted(names & set(found)):
        if (restarts := _restarts(found[name])) >= LOOP:
            last = ago(view.now.timestamp() - (found[name]["started"] or 0))
            text += f"; {name} was restarted {restarts} times, last {last}"
    return text + (f"; nobody expects {', '.join(unexpected)}" if unexpected else "")


def _engine(host: Host) -> Trouble | None:
    said, name = part(host, "engine"), host.want("engine") or "docker"
    state, problem = said.get("state"), str(said.get("problem") or "")
    if state == "running":
        return None
    fix = f"On {host.name}: `systemctl restart {name}`; `journalctl -u {name}` says why."
    if state == "stopped":
        text = f"{name} on {host.name} does not run"
        return Trouble(text, f"{text}, so no container does.", fix)
    text = f"{name} on {host.name} does not answer"
    return Trouble(f"{text}: {problem}", f"{text}; containers may run, but cannot be managed.", fix)


def _one(
    host: Host, service: Service, seen: Mapping[str, Any] | None, view: View
) -> Iterator[Trouble]:
    name, tag = service.container, service.role.removesuffix("-cell")
    if seen is None:
        yield Trouble(
            f"{name} is missing",
            f"There is no container {name} on {host.name}: it was never made, or was removed.",
            f"Make it: `cc-ansible deploy --tags {tag}`.",
        )
        return
    state = _state(host, name, seen, view)
    if state:
        yield state
    if service.image and seen["image"] != service.image:
        yield Trouble(
            f"{name} has image {seen['image']}",
            f"{name} on {host.name} runs {seen['image']}; the site says {service.image}.",
            f"Bring it up to date: `cc-ansible deploy --tags {tag}`.",
        )


def _state(host: Host, name: str, seen: Mapping[str, Any], view: View) -> Trouble | None:
    """What is wrong with how it runs."""
    log, now = tuple(seen["log"]), view.now.timestamp()
    look = f"On {host.name}: `docker logs --tail 50 {name}`, and /var/log/kolla; then start it: "
    look += f"`systemctl restart kolla-{name}-container`."
    restarts, up = _restarts(seen), now - (seen["started"] or 0)
    if seen["state"] == "restarting" or _loops(seen, up):
        cause = f"{name} on {host.name} ends again and again: {restarts} restarts, the last "
        cause += f"{ago(up)}, exit code {seen['exit_code']}."
        return Trouble(f"{name} is in a restart loop", cause, look, log)
    if seen["state"] != "running":
        return Trouble(f"{name} is {_word(seen)}", _why(host, name, seen, now), look, log)
    if seen["health"] == "unhealthy":
        said = f": {seen['checked']}" if seen["checked"] else "."
        cause = f"{name} on {host.name} runs, but its own health check fails{said}"
        return Trouble(f"{name} is unhealthy", cause, look, log)
    if seen["health"] == "starting" and up > SETTLING:
        cause = f"{name} on {host.name} was started {ago(up)} and is not healthy yet."
        return Trouble(f"{name} does not get healthy", cause, look, log)
    return None


def _restarts(seen: Mapping[str, Any]) -> int:
    """How often systemd or the engine started it again by itself."""
    return max(int(seen["unit"].get("NRestarts") or 0), int(seen["restarts"]))


def _loops(seen: Mapping[str, Any], up: float) -> bool:
    """Whether a container that runs now for ``up`` seconds will end again soon, as before."""
    restarts = _restarts(seen)
    if restarts < LOOP:
        return False
    if up < RECENT:
        return True
    if not seen.get("created") or not seen["started"]:
        return False
    between = (seen["started"] - seen["created"]) / restarts
    return bool(between < SLOW and up < 3 * between)


def _word(seen: Mapping[str, Any]) -> str:
    return "stopped" if seen["state"] in ("exited", "stopped") else str(seen["state"])


def _why(host: Host, name: str, seen: Mapping[str, Any], now: float) -> str:
    """Why a container does not run, as far as the engine and systemd know."""
    at = f" {ago(now - seen['finished'])}" if seen["finished"] else ""
    where = f"{name} on {host.name}"
    unit = seen["unit"]
    if seen["error"]:
        return f"The engine could not start {where}: {seen['error']}."
    if seen["oom"]:
        return f"The kernel ended {where}{at} because memory ran out."
    if seen["state"] == "paused":
        return f"Somebody paused {where}; `docker unpause {name}` goes on."
    if seen["state"] == "created":
        return f"{where} was made and never started."
    if unit.get("SubState") == "auto-restart":
        return f"{where} ended{at} (exit code {seen['exit_code']}); systemd starts it again soon."
    if unit.get("ActiveState") == "inactive" and seen["exit_code"] in STOPPED_ON_REQUEST:
        return f"Somebody stopped {where}{at}: it ended as it was asked to."
    if unit.get("ActiveState") == "failed":
        return f"{where} ended{at} with exit code {seen['exit_code']}, and systemd gave it up."
    return f"{where} ended{at} with exit code {seen['exit_code']}."
