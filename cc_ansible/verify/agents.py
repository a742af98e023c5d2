"""Agents and workers: what the cloud says of those that report to it, by service."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cc_ansible.verify import cloud
from cc_ansible.verify.check import Check, Failed, Trouble
from cc_ansible.verify.result import Result

if TYPE_CHECKING:
    from openstack.connection import Connection

NAME = "agents of"
PAGE = "agents"


@dataclass(frozen=True)
class Agent:
    """Something that reports to its service: what it is, where, and when it last did."""

    binary: str
    host: str
    alive: bool
    enabled: bool = True
    seen: str = ""


@dataclass(frozen=True)
class Heard:
    """What one service says of its agents; ``problem`` is set when it does not answer."""

    service: str
    agents: tuple[Agent, ...] = ()
    problem: Exception | None = None
    note: str = ""


Question = Callable[["Connection", "Connection"], Heard]


def ask(admin: Connection, system: Connection) -> list[Heard]:
    """Ask every service of the catalogue that has agents, side by side.

    ``system`` is the admin of the whole system, whom Ironic shows everything.
    """
    types = {str(entry["type"]) for entry in admin.service_catalog}
    questions = [(name, question) for kind, name, question in QUESTIONS if kind in types]

    def one(named: tuple[str, Question]) -> Heard:
        name, question = named
        try:
            return question(admin, system)
        except Exception as problem:
            return Heard(name, problem=problem)

    with ThreadPoolExecutor(len(questions) or 1) as pool:
        return list(pool.map(one, questions))


def judge(heard: Sequence[Heard], containers: Mapping[str, Mapping[str, str]]) -> list[Result]:
    """One result for each service; ``containers`` are states by host and name, where known."""
    return [_judged(each, containers) for each in heard]


def _judged(heard: Heard, containers: Mapping[str, Mapping[str, str]]) -> Result:
    check = Check(f"{NAME} {heard.service}", PAGE)

    def question() -> str:
        if heard.problem:
            raise heard.problem
        dead = [agent for agent in heard.agents if not agent.alive]
        if dead:
            raise Failed(*(_dead(agent, containers) for agent in dead))
        if not heard.agents and not heard.note:
            cause = f"{heard.service} knows of no service or agent that ever reported to it."
            fix = f"See its containers; `cc-ansible deploy --tags {heard.service.lower()}`."
            raise Failed(Trouble("it has no agents", cause, fix))
        off = sum(not agent.enabled for agent in heard.agents)
        text = heard.note or f"{len(heard.agents)} alive"
        return f"{text}, {off} of them switched off" if off else text

    return check.ask(question, cloud.explain)


def _dead(agent: Agent, containers: Mapping[str, Mapping[str, str]]) -> Trouble:
    since = f" since {agent.seen} UTC" if agent.seen else ""
    cause = f"{agent.binary} on {agent.host} has not reported{since}"
    name = agent.binary.replace("-", "_")
    state = next((names[name] for host, names in containers.items()
                  if name in names and _same(host, agent.host)), "")  # fmt: skip
    fix = f"See container {name} on {agent.host} and its log in /var/log/kolla."
    if state and state != "running":
        cause += f": its container does not run (it is {state})."
        fix = f"Start it: `systemctl restart kolla-{name}-container` on {agent.host}."
    elif state:
        cause += ": its container runs, but it does not reach RabbitMQ, or hangs."
        fix += f" Then: `systemctl restart kolla-{name}-container`."
    else:
        cause += "."
    return Trouble(f"{agent.binary} on {agent.host} is dead", cause, fix)


def _same(host: str, reported: str) -> bool:
    """Whether an agent's host is one of the inventory: services add suffixes and domains."""
    return host == reported or reported.startswith((f"{host}-", f"{host}."))


# --- what each service is asked -----------------------------------------------------------------


def _nova(admin: Connection, system: Connection) -> Heard:
    rows = _json(admin.compute.get("/os-services"), "services")
    return Heard("Nova", tuple(_of_state(row) for row in rows))


def _neutron(admin: Connection, system: Connection) -> Heard:
    rows = _json(admin.network.get("/agents"), "agents")
    agents = tuple(
        Agent(
            str(row["binary"]),
            str(row["host"]),
            bool(row["alive"]),
            bool(row["admin_state_up"]),
            _moment(row.get("heartbeat_timestamp")),
        )
        for row in rows
    )
    return Heard("Neutron", agents)


def _ironic(admin: Connection, system: Connection) -> Heard:
    baremetal = cloud.adapter(system, "baremetal")
    rows = _json(baremetal.get("/v1/conductors", microversion="1.49"), "conductors")
    agents = tuple(
        Agent(
            "ironic-conductor",
            str(row["hostname"]),
            bool(row["alive"]),
            seen=_moment(row.get("updated_at")),
        )
        for row in rows
    )
    drivers = _json(baremetal.get("/v1/drivers"), "drivers")
    names = sorted(str(row["name"]) for row in drivers)
    if not any(agent.alive for agent in agents) or not names:
        text = "no conductor offers a driver" if agents else "no conductor is known"
        cause = "Ironic can do nothing to any machine: no conductor of it works."
        raise Failed(Trouble(text, cause, "See container ironic_conductor and its log."))
    return Heard("Ironic", agents, note=f"{len(agents)} alive, drivers {', '.join(names)}")


def _heat(admin: Connection, system: Connection) -> Heard:
    rows = _json(admin.orchestration.get("/services"), "services")
    hosts: dict[str, Agent] = {}
    for row in rows:
        # Engines that were restarted stay in the list as down beside their successors.
        alive, host = row["status"] == "up", str(row["hostname"])
        agent = Agent(str(row["binary"]), host, alive, seen=_moment(row.get("updated_at")))
        if agent.alive or agent.host not in hosts:
            hosts[agent.host] = agent
    return Heard("Heat", tuple(hosts.values()))


def _cinder(admin: Connection, system: Connection) -> Heard:
    rows = _json(admin.block_storage.get("/os-services"), "services")
    return Heard("Cinder", tuple(_of_state(row) for row in rows))


def _blazar(admin: Connection, system: Connection) -> Heard:
    """Blazar's API asks its manager for everything, so an answer is a sign of life of both."""
    answer = cloud.adapter(admin, "reservation").get("/os-hosts")
    if answer.status_code in (500, 504):
        text = f"/os-hosts answers {answer.status_code}"
        cause = "Blazar's API runs, but its manager does not answer it through RabbitMQ."
        fix = "See container blazar_manager and its log, and check RabbitMQ."
        raise Failed(Trouble(text, cause, fix))
    hosts = _json(answer, "hosts")
    return Heard("Blazar", note=f"the manager answers: {len(hosts)} hosts")


QUESTIONS: tuple[tuple[str, str, Question], ...] = (
    ("compute", "Nova", _nova),
    ("network", "Neutron", _neutron),
    ("baremetal", "Ironic", _ironic),
    ("orchestration", "Heat", _heat),
    ("block-storage", "Cinder", _cinder),
    ("volumev3", "Cinder", _cinder),
    ("reservation", "Blazar", _blazar),
)
"""Type in the catalogue, name, and what to ask."""


def _json(answer: Any, key: str) -> list[dict[str, Any]]:
    from openstack.exceptions import raise_from_response

    raise_from_response(answer)
    found: list[dict[str, Any]] = answer.json()[key]
    return found


def _of_state(row: Mapping[str, Any]) -> Agent:
    return Agent(
        str(row["binary"]),
        str(row["host"]),
        row.get("state") == "up",
        row.get("status", "enabled") == "enabled",
        _moment(row.get("updated_at")),
    )


def _moment(text: object) -> str:
    """A time of an API without its fraction and offset; all of them are UTC."""
    try:
        return f"{datetime.datetime.fromisoformat(str(text)):%Y-%m-%d %H:%M:%S}"
    except ValueError:
        return ""
