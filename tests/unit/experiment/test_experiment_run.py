"""An experiment on a cloud that works, and where it cannot be done."""

from __future__ import annotations

import dataclasses

import pytest
from smallcloud import ADMIN_PROJECT
from trials import BACK, FORWARD, Trying, by_name

from cc_ansible.verify.experiment import names
from cc_ansible.verify.result import Level, Status


def test_a_user_gets_a_node_and_leaves_nothing(trying: Trying) -> None:
    trying.cloud.console_interface = "ipmitool-socat"
    results = trying()
    assert list(by_name(results)) == [*FORWARD, *BACK]
    assert {result.status for result in results} == {Status.PASSED}
    assert {result.level for result in results} == {Level.FULL}
    assert trying.cloud.left() == {} and trying.cloud.vlans == {}


def test_the_results_say_what_was_seen(trying: Trying) -> None:
    trying.cloud.console_interface = "ipmitool-socat"
    results = by_name(trying())
    assert results["tenant network on a VLAN"].detail == "VLAN 202 of physnet1, routed to public"
    assert results["switch port set"].detail == "tor p24 is on VLAN 202"
    assert results["switch port back"].detail == "tor p24 is on VLAN 1"
    assert results["floating IP"].detail == "203.0.113.7 leads to 192.168.97.5"
    # The token in a console's URL opens it.
    assert results["console"].detail == "serial: ws://10.0.0.1:6083/"
    assert results["lease active"].seconds > 0


def test_users_do_what_users_do(trying: Trying) -> None:
    trying()
    for path in ("/leases", "/servers", "/networks", "/routers", "/floatingips"):
        [project] = set(trying.cloud.who("POST", path))
        assert project not in (ADMIN_PROJECT, "system"), path


def test_everything_is_called_after_the_experiment(trying: Trying) -> None:
    made: set[str] = set()

    def look(method: str, path: str) -> None:
        for kind in ("projects", "users", "servers", "leases", "items", "networks", "routers"):
            have = trying.cloud.things[kind].values()
            made.update(str(each["name"]) for each in have)

    trying.cloud.after = look
    trying()
    ours = {name for name in made if not name.startswith("availability_window_")} - {"public"}
    parsed = {found.text for name in ours if (found := names.parse(name))}
    assert len(parsed) == 1 and all(names.parse(name) for name in ours), ours


def test_a_real_node_is_chosen_and_never_changed(trying: Trying) -> None:
    cloud = trying.cloud
    cloud.real("other", node_type="compute_other")
    cloud.real("mine", authorized_projects="p-1")
    busy, free = cloud.real("busy"), cloud.real("free")
    span = {"start_date": "2020-01-01T00:00:00.000000", "end_date": "2099-01-01T00:00:00.000000"}
    held = {"id": "r-0", "resource_properties": busy}
    cloud.things["leases"]["l-0"] = {"id": "l-0", "name": "x", "reservations": [held], **span}
    before = cloud.left()
    results = trying(fake=None, node_type="compute_real", switch_port_vlan=None)
    assert not [result for result in results if result.failed]
    assert by_name(results)["node chosen"].detail == f"free ({free})"
    assert "the switch was not asked" in by_name(results)["switch port set"].detail
    assert cloud.left() == before
    assert not [path for _, path in cloud.writes() if path.startswith(("/inventory", "/baremetal"))]


def test_no_free_node_is_said_with_the_reasons(trying: Trying) -> None:
    key = trying.cloud.real("c01")
    trying.cloud.things["nodes"][key]["provision_state"] = "active"
    found = by_name(trying(fake=None, items=("c01",)))["node chosen"]
    assert found.failed and found.log == ("c01: it is active",)
    found = by_name(trying(fake=None, node_type="compute_gpu"))["node chosen"]
    assert "compute_real" in found.cause


def test_without_a_way_out_there_is_no_floating_ip(trying: Trying) -> None:
    results = by_name(trying(external_network=""))
    assert results["floating IP"].status is Status.SKIPPED
    assert "floating IP released" not in results
    assert not trying.cloud.who("POST", "/routers")
    assert not any(result.failed for result in results.values())


def test_a_node_without_a_switch(trying: Trying) -> None:
    fake = dataclasses.replace(trying.options.fake, switch_port=None)
    results = by_name(trying(fake=fake))
    for name in ("switch port idle", "switch port set"):
        assert results[name].status is Status.SKIPPED
    assert not any(result.failed for result in results.values())


def test_many_in_a_row(trying: Trying) -> None:
    results = trying(repetitions=3)
    assert not any(result.failed for result in results)
    assert len({result.name for result in results}) == len(results) == 3 * len([*FORWARD, *BACK])
    assert trying.cloud.left() == {}


def test_no_further_one_after_a_failure(trying: Trying) -> None:
    trying.cloud.lease_status = "ERROR"
    results = trying(repetitions=3)
    assert {result.name.partition(":")[0] for result in results} == {"experiment 1"}


@pytest.mark.parametrize(
    ("without", "options", "reason"),
    [
        ("reservation", {}, "the site has no Blazar"),
        ("inventory", {}, "the site has no Doni"),
        ("", {"fake": None}, "nobody said which node may be used"),
    ],
)
def test_where_it_cannot_be_done(
    trying: Trying, without: str, options: dict[str, object], reason: str
) -> None:
    trying.cloud.without = {without}
    [result] = trying(**options)
    assert (result.status, result.detail) == (Status.SKIPPED, reason)
    assert trying.cloud.writes() == []
