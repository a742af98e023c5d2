"""Which nodes pass, whatever Blazar says or does not say."""

from __future__ import annotations

import logging
import pathlib
import uuid
from typing import Any

import pytest
import scheduling
from blazar_chi_nova import reservations
from blazar_double import Blazar
from scheduling import CONF, Scheduler, host, request

NODES = [str(uuid.uuid4()) for _ in range(10)]
HOSTS = [host(node) for node in NODES]
KNOWN, OTHERS = set(NODES[:5]), set(NODES[5:])
KVM = host("kvm1", "QEMU")


@pytest.fixture
def reserved(blazar: Blazar) -> str:
    blazar.nodes = NODES[:5]
    key = str(uuid.uuid4())
    blazar.reservations[key] = {
        "active": True,
        "status": "active",
        "project_id": "p1",
        "nodes": NODES[:2],
    }
    return key


def test_without_a_hint_only_nodes_that_blazar_does_not_lend_pass(
    scheduler: Scheduler, reserved: str
) -> None:
    assert scheduler.choose([*HOSTS, KVM], request()) == OTHERS | {"kvm1"}


def test_with_a_hint_only_nodes_of_the_reservation_pass(
    scheduler: Scheduler, reserved: str
) -> None:
    found = scheduler.choose([*HOSTS, KVM], request(hints={"reservation": reserved}))
    assert found == set(NODES[:2])


@pytest.mark.parametrize("form", [lambda key: [key], str.upper, lambda key: f" {key} "])
def test_a_hint_may_be_a_list_and_is_read_leniently(
    scheduler: Scheduler, reserved: str, form: Any
) -> None:
    hints = {"reservation": form(reserved)}
    assert scheduler.choose(HOSTS, request(hints=hints)) == set(NODES[:2])


def test_several_reservations_in_a_hint_are_used_together(
    scheduler: Scheduler, blazar: Blazar, reserved: str
) -> None:
    more, others = str(uuid.uuid4()), str(uuid.uuid4())
    mine = blazar.reservations[reserved]
    blazar.reservations[more] = {**mine, "nodes": NODES[2:3]}
    blazar.reservations[others] = {**mine, "project_id": "p2", "nodes": NODES[3:4]}
    hints = {"reservation": [reserved, more, others]}
    assert scheduler.choose(HOSTS, request(hints=hints)) == set(NODES[:3])


@pytest.mark.parametrize(
    ("change", "project", "reason"),
    [
        ({"active": False, "status": "pending"}, "p1", "not active but pending"),
        ({"active": False, "status": "active"}, "p1", "or ending"),
        ({}, "p2", "not of project p2"),
    ],
)
def test_a_reservation_that_one_may_not_use_gives_no_node(
    scheduler: Scheduler,
    blazar: Blazar,
    reserved: str,
    caplog: pytest.LogCaptureFixture,
    change: dict[str, Any],
    project: str,
    reason: str,
) -> None:
    blazar.reservations[reserved] |= change
    caplog.set_level(logging.INFO)
    assert scheduler.choose([*HOSTS, KVM], request(project, {"reservation": reserved})) == set()
    assert reason in caplog.text
    assert reserved in caplog.text


def test_a_reservation_that_is_not_there_gives_no_node(
    scheduler: Scheduler, reserved: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert not scheduler.choose(HOSTS, request(hints={"reservation": str(uuid.uuid4())}))
    assert "there is no such reservation of nodes" in caplog.text


@pytest.mark.parametrize("hint", ["", "lease1", "../leases", [], ["x", "y"], "1" * 32])
def test_a_hint_that_is_no_id_gives_no_node_and_asks_nobody(
    scheduler: Scheduler, blazar: Blazar, caplog: pytest.LogCaptureFixture, hint: Any
) -> None:
    assert scheduler.choose([*HOSTS, KVM], request(hints={"reservation": hint})) == set()
    assert "is no id of a reservation" in caplog.text
    assert blazar.asked == []


def test_blazar_is_asked_once_for_all_nodes_and_servers_of_a_request(
    scheduler: Scheduler, blazar: Blazar, reserved: str
) -> None:
    many = [*HOSTS, *(host(str(uuid.uuid4())) for _ in range(1000))]
    scheduler.choose(many, request(), servers=20)
    assert len(blazar.asked) == 1
    scheduler.choose(many, request(hints={"reservation": reserved}), servers=2)
    assert len(blazar.asked) == 2


def test_each_request_sees_reservations_as_they_are_then(
    scheduler: Scheduler, blazar: Blazar, reserved: str
) -> None:
    assert scheduler.choose(HOSTS, request()) == OTHERS
    blazar.nodes = NODES[:6]
    assert scheduler.choose(HOSTS, request()) == set(NODES[6:])


@pytest.mark.parametrize("hinted", [False, True])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "{}"),
        (404, "{}"),
        (403, "{}"),
        (200, "no json"),
        (200, "[]"),
        (200, '{"reservable": {}}'),
        (200, '{"reservable": {"nodes": null, "reservations": {}}}'),
    ],
)
def test_no_node_passes_when_blazar_gives_no_answer(
    scheduler: Scheduler,
    blazar: Blazar,
    reserved: str,
    caplog: pytest.LogCaptureFixture,
    status: int,
    body: str,
    hinted: bool,
) -> None:
    blazar.status, blazar.body = status, body
    hints = {"reservation": reserved} if hinted else {}
    assert scheduler.choose(HOSTS, request(hints=hints)) == set()
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "Blazar cannot be asked" in record.getMessage()


def test_no_node_passes_when_nobody_is_there(
    scheduler: Scheduler, blazar: Blazar, caplog: pytest.LogCaptureFixture
) -> None:
    blazar.close()
    assert scheduler.choose(HOSTS, request()) == set()
    assert "Blazar cannot be asked" in caplog.text


def test_nodes_pass_again_when_blazar_is_back(
    scheduler: Scheduler, blazar: Blazar, reserved: str
) -> None:
    blazar.status = 503
    assert scheduler.choose(HOSTS, request()) == set()
    blazar.status = 200
    assert scheduler.choose(HOSTS, request()) == OTHERS


def test_the_password_is_not_logged(
    scheduler: Scheduler, blazar: Blazar, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    blazar.status = 500
    scheduler.choose(HOSTS, request())
    assert "secret" not in caplog.text


def test_reserved_virtual_machines_are_left_to_novas_own_filters(
    scheduler: Scheduler, blazar: Blazar
) -> None:
    blazar.nodes = ["kvm1"]
    flavor = {"aggregate_instance_extra_specs:reservation": str(uuid.uuid4())}
    assert scheduler.choose([KVM], request(extra_specs=flavor)) == {"kvm1"}
    assert scheduler.choose([KVM], request()) == set()
    assert len(blazar.asked) == 1


def test_hypervisors_that_are_never_lent_cost_nothing(
    blazar: Blazar, reserved: str, tmp_path: pathlib.Path
) -> None:
    scheduling.configure(tmp_path / "nova.conf", blazar.url, "hypervisor_types = ironic")
    scheduler = Scheduler()
    assert scheduler.choose([KVM], request()) == {"kvm1"}
    assert blazar.asked == []
    blazar.status = 503
    assert scheduler.choose([*HOSTS, KVM], request()) == {"kvm1"}
    assert scheduler.choose([KVM], request(hints={"reservation": reserved})) == set()


def _rebuilding(**more: Any) -> Any:
    spec = request(hints={"_nova_check_type": ["rebuild"]})
    for name, value in more.items():
        setattr(spec, name, value)
    return spec


def test_a_server_is_rebuilt_where_it_is(scheduler: Scheduler, blazar: Blazar) -> None:
    blazar.nodes = NODES[:5]
    spec = _rebuilding(force_hosts=["ironic-compute"], force_nodes=[NODES[0]])
    assert scheduler.choose(HOSTS[:1], spec) == {NODES[0]}
    assert blazar.asked == []


def test_pretending_to_rebuild_gives_nobody_a_node(scheduler: Scheduler, blazar: Blazar) -> None:
    blazar.nodes = NODES[:5]
    assert scheduler.choose(HOSTS, _rebuilding()) == OTHERS


def test_evacuation_obeys_the_reservation(
    scheduler: Scheduler, blazar: Blazar, reserved: str
) -> None:
    spec = request(hints={"reservation": reserved}, ignore_hosts=["gone"])
    assert scheduler.choose(HOSTS, spec) == set(NODES[:2])


def test_one_host_is_judged_as_all_are(scheduler: Scheduler, blazar: Blazar, reserved: str) -> None:
    (filter_,) = scheduler._filters
    assert [filter_.host_passes(each, request()) for each in HOSTS] == [False] * 5 + [True] * 5


def test_the_sample_of_options_says_what_nova_reads(scheduler: Scheduler) -> None:
    ((group, options),) = reservations.list_opts()
    found = {option.dest: option.default for option in options}
    for name in ("service_type", "valid_interfaces", "timeout", "hypervisor_types"):
        registered = CONF._get_opt_info(name, group)["opt"]
        assert registered.default == found[name]
    assert found["service_type"] == "reservation"
    assert CONF.blazar_chi.timeout == 2
