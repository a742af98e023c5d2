"""Who reports to the services of a cloud, and what is said of those who do not."""

from __future__ import annotations

from typing import Any

import pytest
from small_cloud import World

from cc_ansible.verify import agents
from cc_ansible.verify.result import Result

SERVICES = ("compute", "network", "baremetal", "orchestration", "reservation", "image")
WHEN = "2026-05-01T11:00:00.000000"


def nova(host: str = "node1", **changes: Any) -> dict[str, Any]:
    plain = {"binary": "nova-compute", "host": f"{host}-ironic", "state": "up"}
    return {**plain, "status": "enabled", "updated_at": WHEN, **changes}


def neutron(**changes: Any) -> dict[str, Any]:
    plain = {"binary": "neutron-dhcp-agent", "host": "node1", "alive": True}
    return {
        **plain,
        "admin_state_up": True,
        "heartbeat_timestamp": "2026-05-01 11:00:00",
        **changes,
    }


def answers() -> dict[str, Any]:
    """What services say when all is well."""
    link = [{"rel": "self", "href": "/"}]
    return {
        "GET /compute/v2.1/os-services": {"services": [nova(), nova("node2")]},
        "GET /network/v2.0/agents": {"agents": [neutron()]},
        "GET /baremetal/v1/conductors": {
            "conductors": [{"hostname": "node1", "alive": True, "updated_at": WHEN + "+00:00"}]
        },
        "GET /baremetal/v1/drivers": {"drivers": [{"name": "redfish", "links": link}]},
        "GET /orchestration/v1/p/services": {
            "services": [
                {"binary": "heat-engine", "hostname": "node1", "host": "x", "status": "down",
                 "updated_at": WHEN},
                {"binary": "heat-engine", "hostname": "node1", "host": "y", "status": "up",
                 "updated_at": WHEN},
            ]
        },
        "GET /reservation/v1/os-hosts": {"hosts": [{"id": 1}]},
    }  # fmt: skip


@pytest.fixture
def ask(world: World):  # type: ignore[no-untyped-def]
    """Results by name for a cloud that says this beside what is well."""

    def asked(containers: Any = None, **changes: Any) -> dict[str, Result]:
        world.answers.update({**answers(), **changes})
        connection = world.connection(*SERVICES)
        results = agents.judge(agents.ask(connection, connection), containers or {})
        return {result.name: result for result in results}

    return asked


def test_services_whose_agents_report_pass(ask) -> None:  # type: ignore[no-untyped-def]
    assert {name: result.detail for name, result in ask().items()} == {
        "agents of Nova": "2 alive",
        "agents of Neutron": "1 alive",
        "agents of Ironic": "1 alive, drivers redfish",
        "agents of Heat": "1 alive",
        "agents of Blazar": "the manager answers: 1 hosts",
    }


def failed(found: dict[str, Result]) -> Result:
    (result,) = [each for each in found.values() if each.failed]
    assert result.runbook == "docs/verify.md#agents"
    return result


@pytest.mark.parametrize(
    ("containers", "cause", "fix"),
    [
        ({}, "2026-05-01 11:00:00 UTC.", "See container nova_compute on node1-ironic"),
        ({"node1": {"nova_compute": "exited"}}, "its container does not run (it is exited)",
         "systemctl restart kolla-nova_compute-container"),
        ({"node1": {"nova_compute": "running"}, "node11": {"nova_compute": "exited"}},
         "its container runs, but it does not reach RabbitMQ", "Then: `systemctl restart"),
    ],
)  # fmt: skip
def test_a_dead_agent_is_named_with_what_is_known_of_its_container(  # type: ignore[no-untyped-def]
    ask, containers: Any, cause: str, fix: str
) -> None:
    rows = {"services": [nova(state="down"), nova("node2")]}
    result = failed(ask(containers, **{"GET /compute/v2.1/os-services": rows}))
    assert result.detail == "nova-compute on node1-ironic is dead"
    assert result.cause.startswith("nova-compute on node1-ironic has not reported since 2026-05-01")
    assert cause in result.cause
    assert fix in result.fix


def test_a_dead_agent_of_neutron(ask) -> None:  # type: ignore[no-untyped-def]
    rows = {"agents": [neutron(alive=False)]}
    result = failed(ask(**{"GET /network/v2.0/agents": rows}))
    assert (result.name, result.detail) == (
        "agents of Neutron",
        "neutron-dhcp-agent on node1 is dead",
    )


def test_an_agent_that_was_switched_off_is_counted_and_passes(ask) -> None:  # type: ignore[no-untyped-def]
    rows = {"services": [nova(status="disabled"), nova("node2")]}
    found = ask(**{"GET /compute/v2.1/os-services": rows})
    assert found["agents of Nova"].detail == "2 alive, 1 of them switched off"


@pytest.mark.parametrize(
    ("path", "rows", "cause"),
    [
        ("GET /baremetal/v1/drivers", {"drivers": []}, "no conductor of it works"),
        ("GET /baremetal/v1/conductors", {"conductors": []}, "no conductor of it works"),
        ("GET /reservation/v1/os-hosts", (500, {"error": "x"}), "its manager does not answer"),
        ("GET /compute/v2.1/os-services", (503, "no server"), "HAProxy has no server for it"),
        ("GET /compute/v2.1/os-services", (500, {}), "its database or RabbitMQ"),
        ("GET /compute/v2.1/os-services", (403, {}), "a policy was changed"),
    ],
)
def test_a_service_that_cannot_say_fails_with_the_reason(  # type: ignore[no-untyped-def]
    ask, path: str, rows: Any, cause: str
) -> None:
    assert cause in failed(ask(**{path: rows})).cause


def test_a_site_without_a_service_is_not_asked_about_it(world: World) -> None:
    connection = world.connection("image", "identity")
    assert agents.judge(agents.ask(connection, connection), {}) == []
