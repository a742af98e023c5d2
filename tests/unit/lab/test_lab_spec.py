"""The shape of a lab: addresses, its inventory, its settings."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from fake_engine import Container, Engine

from cc_ansible.errors import UsageError
from cc_ansible.lab import nodes, site, spec, status
from cc_ansible.lab.spec import Lab
from cc_ansible.paths import PROJECT
from cc_ansible.site import inifile, layers


@pytest.mark.parametrize("subnet", [spec.DEFAULT_SUBNET, "172.20.0.0/16", "192.0.2.0/24"])
def test_every_part_of_a_lab_has_an_address_of_its_own(subnet: str) -> None:
    lab = Lab(controllers=5, subnet=subnet)
    network = ipaddress.IPv4Network(subnet)
    taken = [lab.gateway, lab.vip, lab.registry_address, *(node.address for node in lab.nodes)]
    assert len(set(taken)) == 8
    assert all(ipaddress.IPv4Address(address) in network for address in taken)
    edges = {str(network.network_address), str(network.broadcast_address)}
    assert not edges & set(taken)


def test_nodes_are_numbered_from_one() -> None:
    names = [(node.name, node.container) for node in Lab(controllers=3).nodes]
    assert names == [(f"node{n}", f"cc-lab-node{n}") for n in (1, 2, 3)]


@pytest.mark.parametrize("controllers", [0, 2, 4, 7, -1])
def test_a_lab_without_a_quorum_is_refused(controllers: int) -> None:
    with pytest.raises(UsageError, match=f"of {controllers} controllers") as caught:
        Lab(controllers=controllers)
    assert caught.value.fix == "use --controllers 1, 3 or 5"


@pytest.mark.parametrize(
    ("subnet", "reason"),
    [
        ("banana", "banana"),
        ("10.20.30.5/24", "host bits set"),
        ("10.20.30.0/33", "netmask"),
        ("fd00::/64", "4 octets"),
        ("10.20.30.0/25", "too small"),
    ],
)
def test_a_bad_subnet_is_named_with_its_reason(subnet: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        Lab(subnet=subnet)
    assert caught.value.summary.startswith(f"--subnet {subnet}")
    assert caught.value.fix


def test_a_labs_shape_is_remembered(state_home: Path) -> None:
    assert spec.load() is None
    lab = Lab(controllers=3, subnet="192.0.2.0/24")
    spec.save(lab)
    assert spec.load() == lab
    assert lab.home.is_relative_to(state_home)
    assert lab.home.stat().st_mode & 0o077 == 0


@pytest.fixture
def inventory(tmp_path: Path, state_home: Path) -> InventoryManager:
    file = tmp_path / "hosts"
    file.write_text(site.inventory(Lab(controllers=3)))
    return InventoryManager(loader=DataLoader(), sources=[str(file)])


def test_ansible_reads_the_labs_groups(inventory: InventoryManager) -> None:
    def members(group: str) -> list[str]:
        return [host.name for host in inventory.groups[group].get_hosts()]

    everyone = ["node1", "node2", "node3"]
    for group in ("control", "network", "storage", "monitoring"):
        assert members(group) == everyone
    for group in site.EMPTY_GROUPS:
        assert members(group) == []
    assert members("deployment") == ["localhost"]


def test_ansible_learns_how_to_reach_each_node(inventory: InventoryManager) -> None:
    lab = Lab(controllers=3)
    for node in lab.nodes:
        host = inventory.get_host(node.name)
        assert host.vars["ansible_host"] == node.address
    control = inventory.groups["control"].vars
    assert control["ansible_ssh_private_key_file"] == str(lab.ssh_key)
    assert control["ansible_ssh_common_args"] == (
        f"-o UserKnownHostsFile={lab.known_hosts} -o IdentitiesOnly=yes"
    )
    assert "ansible_user" not in inventory.get_host("localhost").get_vars()


def test_groups_that_the_lab_empties_are_kollas() -> None:
    from cc_ansible.kolla import release

    multinode = release.MULTINODE.read_text()
    for group in site.EMPTY_GROUPS:
        assert f"[{group}]" in multinode or f"[{group}:children]" in multinode


def test_settings_lead_to_the_labs_vip_and_registry() -> None:
    lab = Lab(subnet="192.0.2.0/24")
    settings = site.settings(lab)
    assert settings["kolla_internal_vip_address"] == lab.vip == "192.0.2.250"
    assert settings["docker_registry"] == "192.0.2.2:5000"
    assert settings["docker_registry_insecure"] is True


def test_settings_and_scenario_speak_of_the_lab_in_different_variables() -> None:
    scenario = yaml.safe_load((PROJECT / "kolla/scenarios/lab.yml").read_text())
    assert not set(scenario) & set(site.settings(Lab()))
    assert layers.clean(scenario) == scenario


def test_ironic_enables_every_default_it_chooses() -> None:
    name = "node_custom_config/ironic.conf"
    text = site.files(Lab())[name]
    options = {
        line.partition(" = ")[0]: line.partition(" = ")[2].split(",")
        for line in text.splitlines()
        if " = " in line
    }
    inifile.parse(text, Path(name))
    defaults = [key for key in options if key.startswith("default_")]
    assert defaults
    for key in defaults:
        assert set(options[key]) <= set(options[f"enabled_{key.removeprefix('default_')}s"])
    kinds = {key.removeprefix("enabled_") for key in options if key.startswith("enabled_")}
    assert {"hardware_types", "boot_interfaces", "deploy_interfaces"} <= kinds


def test_ssh_uses_the_labs_own_key_and_known_hosts(state_home: Path) -> None:
    lab = Lab()
    words = nodes.ssh_command(lab, lab.nodes[0])
    assert words[-1] == "root@10.20.30.11"
    assert words[words.index("-i") + 1] == str(lab.ssh_key)
    assert f"UserKnownHostsFile={lab.known_hosts}" in words


def test_known_hosts_hold_each_nodes_key(engine: Engine, state_home: Path) -> None:
    lab = Lab(controllers=3)
    spec.save(lab)
    for node in lab.nodes:
        key = f"ssh-ed25519 KEY-OF-{node.name} root@{node.name}\n"
        engine.containers.known[node.container] = Container("id", answer=lambda argv, k=key: k)
    nodes.write_known_hosts(engine, lab)  # type: ignore[arg-type]
    assert lab.known_hosts.read_text().splitlines() == [
        f"{node.address},{node.name} ssh-ed25519 KEY-OF-{node.name}" for node in lab.nodes
    ]


def test_only_images_that_a_node_has_in_another_version_are_stale(engine: Engine) -> None:
    lab = Lab(controllers=3)
    same, changed, new = ("kolla/same:1", "kolla/changed:1", "kolla/new:1")
    ids = {reference: engine.images.add(reference) for reference in (same, changed, new)}
    registry = "10.20.30.2:5000"
    listing = f"{registry}/{same} {ids[same]}\n{registry}/{changed} sha256:old\nother:1 sha256:x\n"
    answers = [listing, listing, ""]
    for node, answer in zip(lab.nodes, answers, strict=True):
        engine.containers.known[node.container] = Container("i", answer=lambda argv, a=answer: a)
    assert nodes.stale_images(engine, lab, ids) == [f"{registry}/{changed}"]  # type: ignore[arg-type]


def test_status_tells_what_runs_and_what_does_not(engine: Engine, state_home: Path) -> None:
    lab = Lab(controllers=3)

    def answer(argv: list[str]) -> str:
        if argv[0] == "sh":
            return "512\n"
        return (
            "nova_api\trunning\tUp 5 minutes (healthy)\n"
            "keystone\trunning\tUp 5 minutes (unhealthy)\n"
            "bootstrap_glance\texited\tExited (1) 2 minutes ago\n"
        )

    engine.containers.known["cc-lab-node1"] = Container("1", answer=answer)
    engine.containers.known["cc-lab-node2"] = Container("2", status="exited")
    state = status.of(engine, lab)  # type: ignore[arg-type]
    assert state["registry"] == "absent"
    assert state["nodes"][0] == {
        "name": "node1",
        "address": "10.20.30.11",
        "state": "running",
        "running": 2,
        "stopped": ("bootstrap_glance",),
        "unhealthy": ("keystone",),
        "memory_mib": 512,
    }
    assert [node["state"] for node in state["nodes"]] == ["running", "exited", "absent"]
