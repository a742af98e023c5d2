"""The lab's bare metal: how many, what identifies one, and how the site config declares it."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cc_ansible.appliances import publishing
from cc_ansible.errors import UsageError
from cc_ansible.hardware import declared
from cc_ansible.kolla import imageids, known
from cc_ansible.lab import machines, metal, site, spec
from cc_ansible.lab.spec import Lab
from cc_ansible.site import init
from cc_ansible.site.load import load
from cc_ansible.site.secrets import store
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey


def test_a_machine_is_the_same_in_every_lab() -> None:
    few, many = Lab(machines=2).metal, Lab(machines=spec.MOST_MACHINES).metal
    assert few == many[:2]
    assert [each.name for each in few] == ["machine1", "machine2"]
    for value in ("bmc", "mac", "uuid", "container"):
        assert len({getattr(each, value) for each in many}) == spec.MOST_MACHINES


def test_controllers_have_addresses_of_their_own() -> None:
    lab = Lab(controllers=5, machines=spec.MOST_MACHINES)
    taken = {lab.gateway, lab.vip, lab.registry_address, lab.switch_address}
    taken |= {node.address for node in lab.nodes}
    controllers = {each.bmc for each in lab.metal}
    assert not controllers & taken
    assert all(ipaddress.IPv4Address(each) in ipaddress.IPv4Network(lab.subnet) for each in taken)


@pytest.mark.parametrize("number", [-1, spec.MOST_MACHINES + 1])
def test_more_machines_than_ports_are_refused(number: int) -> None:
    with pytest.raises(UsageError, match=f"of {number} machines"):
        Lab(machines=number)


@pytest.mark.parametrize(
    ("available", "controllers", "room"),
    [(24, 1, 2), (10, 1, 1), (9, 1, 0), (2, 1, 0), (27, 3, 2), (24, 3, 1)],
)
def test_memory_decides_how_many_there_are(
    tmp_path: Path, available: int, controllers: int, room: int
) -> None:
    meminfo = tmp_path / "meminfo"
    kib = available << 20
    meminfo.write_text(f"MemTotal:       {2 * kib} kB\nMemAvailable:   {kib} kB\n")
    assert spec.room_for_machines(controllers, meminfo) == room


@pytest.mark.parametrize("kvm", [True, False])
def test_a_machine_has_a_card_on_the_switch_and_a_console_that_is_kept(kvm: bool) -> None:
    (machine,) = Lab(machines=1).metal
    root = ElementTree.fromstring(machines.domain(machine, kvm=kvm))
    assert root.get("type") == ("kvm" if kvm else "qemu")
    assert root.findtext("uuid") == machine.uuid
    (card,) = root.findall("devices/interface")
    assert card.find("mac").get("address") == machine.mac
    # Without this nobody behind the switch accepts what it sends.
    assert card.find("driver/host").get("csum") == "off"
    assert root.find("devices/serial/log").get("file").endswith("console.log")


@pytest.fixture
def lab_site(state_home: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    lab = Lab(machines=2)
    init.create(
        lab.site,
        scenario="lab",
        inventory_text=site.inventory(lab),
        settings=site.settings(lab),
        files=site.files(lab),
    )
    return lab


def test_the_sites_passwords_have_that_of_the_controllers_once(lab_site: Lab) -> None:
    opened = store.open_store(load(lab_site.site, env={}))
    first = metal.declare(lab_site, opened)
    assert len(first) > 20
    assert metal.declare(lab_site, opened) == first
    assert opened.read().values[machines.PASSWORD] == first


def test_a_lab_without_machines_declares_none() -> None:
    assert not [name for name in site.files(Lab()) if name.startswith(("hardware/", "images/"))]


def test_machines_that_come_later_are_declared(lab_site: Lab) -> None:
    more = Lab(machines=3)
    metal.declare(more, store.open_store(load(lab_site.site, env={})))
    text = (lab_site.site / metal.HARDWARE).read_text()
    assert more.metal[2].mac in text


def test_hardware_says_what_the_lab_has(lab_site: Lab) -> None:
    loaded = load(lab_site.site, env={})
    password = metal.declare(lab_site, store.open_store(loaded))
    made = {imageids.APPLIANCE: metal.RAMDISK, imageids.ARCH: "x86_64"}
    images = [
        {"name": f"{metal.RAMDISK}-{part}", "file": f"/x/image.{part}", "sha256": digit * 64}
        for part, digit in (("kernel", "a"), ("initramfs", "b"))
    ]
    publishing.write(loaded, [{**each, "properties": made} for each in images])
    subject = Subject(Survey(lab_site.site), known)
    items = declared.read(subject, load(lab_site.site, env={}), {machines.PASSWORD: password})
    assert [item.name for item in items] == ["machine1", "machine2"]
    for item, machine in zip(items, lab_site.metal, strict=True):
        said = item.properties
        assert said["redfish_address"] == f"https://{machine.bmc}"
        assert said["redfish_password"] == password
        assert said["redfish_system_id"].endswith(machine.uuid)
        assert said["baremetal_interfaces"]["deploy"] == "direct"
        assert said["baremetal_inspect"] is True
        (port,) = said["interfaces"]
        assert (port["mac_address"], port["switch_port_id"]) == (machine.mac, machine.name)
        assert said["baremetal_deploy_kernel_image"] != said["baremetal_deploy_ramdisk_image"]
