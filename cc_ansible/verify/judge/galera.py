"""MariaDB: every member of the Galera cluster is in it, synced, and lets queries in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View, containers, part

if TYPE_CHECKING:
    from cc_ansible.online.facts import Host

NAME = "Galera"
RECOVER = "When all members are out: `cc-ansible mariadb-recovery`."


def judge(view: View) -> Iterator[Result]:
    """One result for the whole cluster; none where the site has no MariaDB of its own."""
    hosts = view.having("galera")
    if not hosts:
        return
    check, seen = Check(NAME, "galera"), [host for host in hosts if host.facts]
    if not seen:
        yield check.skipped("no host with MariaDB could be looked at")
        return
    troubles = [trouble for host in seen for trouble in _member(host, _size(host, hosts))]
    members = "1 member" if len(hosts) == 1 else f"{len(hosts)} members"
    yield check.judged(troubles, f"{members}, synced")


def _size(host: Host, hosts: list[Host]) -> int:
    """How many members its cluster should have: those of its shard."""
    return sum(other.want("shard") == host.want("shard") for other in hosts)


def _member(host: Host, size: int) -> Iterator[Trouble]:
    said, log = part(host, "galera"), tuple(containers(host).get("mariadb", {}).get("log", ()))
    if problem := said.get("problem"):
        yield _silent(host, str(problem), log)
        return
    status, state = said.get("wsrep_cluster_status", ""), said.get("wsrep_local_state_comment", "")
    if said.get("wsrep_on", "ON").upper() not in ("ON", "1"):
        cause = f"MariaDB on {host.name} replicates nothing: wsrep_on is off."
        fix = f"Restart it: `systemctl restart kolla-mariadb-container` on {host.name}."
        yield Trouble(f"{host.name}: wsrep_on is off", cause, fix, log)
    elif status.lower() != "primary":
        cause = f"MariaDB on {host.name} is in a part of the cluster without a majority ({status}),"
        fix = f"See the network between the members. {RECOVER}"
        yield Trouble(f"{host.name}: {status}", f"{cause} and refuses queries.", fix, log)
    elif said.get("wsrep_ready", "").upper() != "ON" or state != "Synced":
        cause = f"MariaDB on {host.name} is not ready: it is {state or 'of unknown state'}."
        fix = "While it says Joining or Donor, wait; else see /var/log/kolla/mariadb/mariadb.log."
        yield Trouble(f"{host.name}: {state}", cause, fix, log)
    elif (members := _number(said)) != size:
        cause = f"The cluster that {host.name} sees has {members} members instead of {size}."
        fix = f"See container mariadb on the others. {RECOVER}"
        yield Trouble(f"{host.name}: {members} of {size} members", cause, fix, log)


def _number(said: Mapping[str, Any]) -> int:
    text = str(said.get("wsrep_cluster_size", ""))
    return int(text) if text.isdecimal() else 0


def _silent(host: Host, problem: str, log: tuple[str, ...]) -> Trouble:
    seen = f"{host.name}: {problem}"
    if re.search(r"\b1045\b|Access denied", problem):
        cause = f"MariaDB on {host.name} refuses the monitor's password: mariadb_monitor_password "
        cause += "of the site is not the one it was deployed with."
        fix = "`cc-ansible reconfigure --tags mariadb` sets the site's."
    elif re.search(r"\(11[13]\)|\b200[23]\b|Can't connect", problem):
        cause = f"Nothing answers on MariaDB's port on {host.name}: it is down or starting."
        fix = f"See its container and /var/log/kolla/mariadb/mariadb.log there. {RECOVER}"
    elif re.search(r"\b1047\b|not yet prepared", problem):
        cause = f"MariaDB on {host.name} has no majority of its cluster and refuses queries."
        fix = f"See the network between the members. {RECOVER}"
    elif re.search(r"No such container|is not running", problem):
        cause = f"Container mariadb on {host.name} does not run."
        fix = f"Start it: `systemctl start kolla-mariadb-container` on {host.name}. {RECOVER}"
    else:
        cause = f"MariaDB on {host.name} does not tell its state."
        fix = f"See container mariadb on {host.name}."
    return Trouble(seen, cause, fix, log)
