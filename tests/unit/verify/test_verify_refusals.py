"""A cloud that has nothing, half of it, or refuses: what each check says of that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_cloud import World
from test_verify_standard import Cloud, cloud, gone

from cc_ansible.verify import agents, api, quick
from cc_ansible.verify import cloud as clouds
from cc_ansible.verify.aside import Aside
from cc_ansible.verify.standard import checks, leftovers
from cc_ansible.verify.standard.ground import Ground

__all__ = ["cloud"]


@pytest.mark.parametrize(
    ("service", "path", "empty"),
    [
        ("compute", "GET /compute/v2.1/os-services", {"services": []}),
        ("network", "GET /network/v2.0/agents", {"agents": []}),
    ],
)
def test_a_service_without_any_agent_fails(
    service: str, path: str, empty: dict[str, Any], world: World
) -> None:
    world.answers[path] = empty
    connection = world.connection(service)
    (result,) = agents.judge(agents.ask(connection, connection), {})
    assert (result.failed, result.detail) == (True, "it has no agents")


def test_an_empty_catalogue_fails(world: World) -> None:
    (result,) = api.endpoints(world.connection())
    assert (result.failed, result.detail) == (True, "the catalogue is empty")
    assert "cc-ansible deploy" in result.fix


def test_an_answer_that_never_comes_is_not_waited_for_for_ever(world: World) -> None:
    assert clouds.connect(world.start()).session.timeout == clouds.TIMEOUT


class Wanted:
    """What the site runs: nothing."""

    services: tuple[object, ...] = ()


def test_a_clouds_yaml_of_another_release_says_what_to_do(world: World) -> None:
    file = world.start("identity")
    entries = json.loads(file.read_text())["clouds"]
    entry = entries["kolla-admin-internal"]
    file.write_text(json.dumps({"clouds": {"kolla-admin": entry}}))
    token, connection = api.token(file)
    assert (token.failed, connection) == (True, None)
    assert "cc-ansible post-deploy" in token.fix


def test_an_old_clouds_yaml_without_the_system_is_enough(world: World) -> None:
    file = world.start("identity", "baremetal")
    entry = json.loads(file.read_text())["clouds"]["kolla-admin-internal"]
    file.write_text(json.dumps({"clouds": {"kolla-admin-internal": entry}}))
    world.answers["GET /baremetal/v1/conductors"] = {"conductors": []}
    world.answers["GET /baremetal/v1/drivers"] = {"drivers": []}
    found = quick.ask_cloud(file, Aside(Wanted))  # type: ignore[arg-type]
    assert not found.results[0].failed
    (result,) = agents.judge(found.heard, {})
    assert (result.name, result.detail) == ("agents of Ironic", "no conductor is known")


# --- level standard ------------------------------------------------------------------------------


def test_a_stack_that_heat_cannot_remove_fails(cloud: Cloud) -> None:
    cloud.answers["GET /orchestration/v1/p"] = (404, {})
    failed = {"stack_status": "DELETE_FAILED", "stack_status_reason": "it is stuck"}

    def made(body: bytes) -> Any:
        name = json.loads(body)["stack_name"]
        stack = {"id": "s", "stack_name": name, "stack_status": "CREATE_COMPLETE"}
        cloud.answers["GET /orchestration/v1/p/stacks/s"] = {"stack": stack}
        return 201, {"stack": stack}

    def removed(body: bytes) -> Any:
        stack = cloud.answers["GET /orchestration/v1/p/stacks/s"]["stack"]
        stack.update(failed)
        return 204, ""

    cloud.answers["POST /orchestration/v1/p/stacks"] = made
    cloud.answers["DELETE /orchestration/v1/p/stacks/s"] = removed
    result = cloud.run("stack")["stack"]
    assert (result.failed, result.detail) == (True, "DELETE_FAILED: it is stuck")
    assert "could not remove" in result.cause


def test_leases_that_cannot_be_listed_are_not_taken_for_none(cloud: Cloud) -> None:
    cloud.broken.add("GET /reservation/v1/leases")
    result = cloud.run("leftovers*")["leftovers of killed verifications"]
    assert result.failed and result.detail.startswith("leases: ")


def test_leftovers_alone_can_be_asked_for(cloud: Cloud) -> None:
    cloud.answers["GET /orchestration/v1/p/stacks"] = {"stacks": []}
    found = cloud.run("leftovers*")
    assert {name: each.detail for name, each in found.items()} == {
        "leftovers of killed verifications": "there are none"
    }
    dead = gone()
    cloud.kept["images"] = {"4": {"id": "4", "name": f"{dead}-image"}}
    (result,) = cloud.run("leftovers*").values()
    assert result.detail == f"removed {dead}-image"
    assert cloud.run("no such check") == {}


def test_every_item_of_every_project_is_asked_for_page_by_page(cloud: Cloud) -> None:
    def item(name: str, state: str) -> dict[str, Any]:
        workers = [{"worker_type": "ironic", "state": state}]
        kind = {"hardware_type": "baremetal", "properties": {}, "project_id": "p"}
        return {"uuid": name, "name": name, "workers": workers, **kind}

    more = [{"rel": "next", "href": "/v1/next"}]
    first = {"hardware": [item("c01", "STEADY")], "links": more}
    cloud.answers["GET /inventory/v1/hardware/"] = first
    cloud.answers["GET /inventory/v1/next"] = {"hardware": [item("c02", "ERROR")]}
    result = cloud.run("hardware list")["hardware list"]
    assert (result.failed, result.detail) == (True, "1 tasks failed: c02: ironic")


def test_what_ctrl_c_leaves_behind_is_said(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(ground: Ground) -> str:
        cloud.kept["networks"] = {"n": {"id": "n", "name": f"{ground.name}-network"}}
        raise KeyboardInterrupt

    monkeypatch.setattr(checks, "CHECKS", (("network", interrupted),))
    cloud.broken.add("DELETE /network/v2.0/networks/n")
    ground = Ground(cloud.connection, leftovers.new_name())
    with pytest.raises(KeyboardInterrupt) as stop:
        checks.run(ground, (), lambda text: None)
    (note,) = stop.value.__notes__
    assert f"{ground.name}-network" in note and "tries again" in note
