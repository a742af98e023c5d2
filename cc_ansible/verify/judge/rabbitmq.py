"""RabbitMQ: all members in one cluster, none alarmed, and no queue fills up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View, containers, part

if TYPE_CHECKING:
    from cc_ansible.online.facts import Host

NAME = "RabbitMQ"
LEFT = 50
"""Messages in a queue without consumers from which on it counts as filling up."""
BEHIND = 1000
"""Messages that wait in a queue whose consumers do not keep up."""


def judge(view: View) -> Iterator[Result]:
    """One result for the whole cluster; none where the site has no RabbitMQ."""
    hosts = view.having("rabbitmq")
    if not hosts:
        return
    check, seen = Check(NAME, "rabbitmq"), [host for host in hosts if host.facts]
    if not seen:
        yield check.skipped("no host with RabbitMQ could be looked at")
        return
    troubles = [_silent(host) for host in seen if "problem" in part(host, "rabbitmq")]
    heard = [host for host in seen if "nodes" in part(host, "rabbitmq")]
    for host in heard:
        troubles += _members(host, len(hosts))
    troubles += list(_queues(heard))
    queues = max((part(host, "rabbitmq")["queues"] for host in heard), default=0)
    members = "1 member" if len(hosts) == 1 else f"{len(hosts)} members"
    yield check.judged(list(dict.fromkeys(troubles)), f"{members}, {queues} queues")


def _log(host: Host) -> tuple[str, ...]:
    return tuple(containers(host).get("rabbitmq", {}).get("log", ()))


def _silent(host: Host) -> Trouble:
    problem = str(part(host, "rabbitmq")["problem"])
    seen = f"{host.name}: {problem}"
    if "HTTP 401" in problem:
        cause = f"RabbitMQ on {host.name} refuses the monitor's password: "
        cause += "rabbitmq_monitoring_password of the site is not the one it was deployed with."
        return Trouble(seen, cause, "`cc-ansible reconfigure --tags rabbitmq` sets the site's.")
    cause = f"RabbitMQ on {host.name} does not answer: it does not run, or has paused because it "
    cause += "sees less than half of its cluster."
    fix = f"See its container and /var/log/kolla/rabbitmq on {host.name}, and the network between "
    return Trouble(seen, cause, f"{fix}members.", _log(host))


def _members(host: Host, size: int) -> Iterator[Trouble]:
    """What a member says of all of them; they say the same, unless the cluster is split."""
    nodes = part(host, "rabbitmq")["nodes"]
    for node in nodes:
        name = node.get("name", "")
        if node.get("partitions"):
            others = ", ".join(node["partitions"])
            cause = f"RabbitMQ's cluster is split: {name} has lost sight of {others}, and they may "
            fix = "Repair the network, then restart the smaller part: `systemctl restart "
            fix += "kolla-rabbitmq-container`; else: `cc-ansible rabbitmq-reset-state`."
            seen = f"{name} is partitioned from {others}"
            yield Trouble(seen, f"{cause}disagree about queues.", fix, _log(host))
        for alarm, word, see in (
            ("mem_alarm", "memory", "queues that fill up"),
            ("disk_free_alarm", "disk", "the disk of /var/lib/docker"),
        ):
            if node.get(alarm):
                cause = f"{name} has a {word} alarm: it takes no messages, so services hang."
                yield Trouble(f"{name}: {word} alarm", cause, f"See {see}.", _log(host))
    running = sum(bool(node.get("running")) for node in nodes)
    if running < size:
        gone = ", ".join(n.get("name", "") for n in nodes if not n.get("running"))
        cause = f"RabbitMQ's cluster has {running} running members instead of {size}"
        fix = "See container rabbitmq on the others; `docker exec rabbitmq rabbitmqctl "
        cause += f": {gone} is down." if gone else ": some formed a cluster of their own."
        yield Trouble(f"{running} of {size} members run", cause, f"{fix}cluster_status`.", ())


def _queues(heard: list[Host]) -> Iterator[Trouble]:
    full: dict[str, Mapping[str, Any]] = {}
    for host in heard:
        full |= {queue["name"]: queue for queue in part(host, "rabbitmq").get("full", ())}
    for name, queue in full.items():
        waiting = queue["messages"]
        # What nobody consumes and what expires is left over by a service that was restarted.
        if not queue["consumers"] and not queue["expires"] and waiting >= LEFT:
            cause = f"{waiting} messages wait in queue {name} and nobody takes them: the service "
            fix = "See the containers of the service that the queue is named after."
            yield Trouble(f"queue {name} fills up", f"{cause}behind it does not listen.", fix)
        elif queue["consumers"] and queue["ready"] >= BEHIND:
            cause = f"{queue['ready']} messages wait in queue {name}: its {queue['consumers']} "
            fix = "See load and log of the service that the queue is named after."
            yield Trouble(f"queue {name} is behind", f"{cause}consumers do not keep up.", fix)
