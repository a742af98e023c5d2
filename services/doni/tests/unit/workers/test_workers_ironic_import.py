"""Items for nodes that are in Ironic already."""

from __future__ import annotations

import pytest
from doing import UUID, Task, item
from doni.workers.ironic import IronicWorker, importing
from ironic_double import IronicDouble


def test_a_node_becomes_the_item_that_it_was_made_of(
    node_worker: IronicWorker, ironic: IronicDouble
) -> None:
    interface = {
        "name": "eno1",
        "mac_address": "52:54:00:12:34:56",
        "switch_id": "00:1c:73:00:00:01",
        "switch_port_id": "Ethernet1",
        "switch_info": "leaf1",
        "physical_network": "physnet1",
        "pxe_enabled": True,
    }
    whole = item(
        interfaces=[interface],
        baremetal_capabilities={"boot_mode": "uefi"},
        extra_capabilities={"gpu": "a100"},
        traits=["CUSTOM_GPU"],
        ipmi_port=6230,
    )
    Task(node_worker).succeeds(whole)
    ironic.nodes[UUID]["driver_info"]["ipmi_port"] = "6230"
    (found,) = node_worker.import_existing()
    expected = {key: value for key, value in whole.properties.items() if key != "ipmi_password"}
    assert found == {"uuid": UUID, "name": "node1", "properties": expected}
    assert "******" not in str(found)


def test_what_is_imported_is_left_as_it_is(node_worker: IronicWorker, ironic: IronicDouble) -> None:
    Task(node_worker).succeeds(item())
    (found,) = node_worker.import_existing()
    ironic.forget()
    Task(node_worker).succeeds(item(**{**dict.fromkeys(item().properties), **found["properties"]}))
    assert ironic.writes() == []


def test_all_pages_are_read(
    node_worker: IronicWorker, ironic: IronicDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PAGE", 2)
    for n in range(5):
        uuid, mac = f"{n}{UUID[1:]}", f"52:54:00:00:00:0{n}"
        interfaces = [{"name": "eno1", "mac_address": mac}]
        Task(node_worker).succeeds(item(uuid=uuid, name=f"n{n}", interfaces=interfaces))
    ironic.nodes[UUID]["driver"] = "ilo"
    found = node_worker.import_existing()
    assert [entry["name"] for entry in found] == ["n1", "n2", "n3", "n4"]
    assert all(len(entry["properties"]["interfaces"]) == 1 for entry in found)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://10.0.0.1:8443/redfish", "10.0.0.1"),
        ("https://[fd00::1]:8443", "fd00::1"),
        ("bmc.example.org", "bmc.example.org"),
        (None, None),
    ],
)
def test_the_address_of_a_redfish_service(url: str | None, host: str | None) -> None:
    assert importing._host(url) == host
