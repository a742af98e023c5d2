"""What is said about networks: interfaces, virtual addresses, ports."""

from __future__ import annotations

from typing import Any

import pytest
from hosts_site import Site, container, interface

from cc_ansible.kolla.images import Service
from cc_ansible.site.findings import Severity


def nic(site: Site, name: str, host: str = "node1") -> dict[str, Any]:
    found: dict[str, Any] = site.facts[host]["interfaces"][name]
    return found


# --- interfaces ------------------------------------------------------------------------------


def test_an_interface_that_does_not_exist_is_shown_at_its_line(site: Site) -> None:
    site.wanted["node1"]["api_interface"] = "eno9"
    site.wanted["node1"]["tunnel_interface"] = "eno9"
    missing = [each for each in site.judge() if each.finding.rule == "interface-missing"]
    assert len(missing) == 1
    found = missing[0].finding
    assert found.origin is not None
    assert (found.origin.file.name, found.origin.line) == ("defaults.yml", 2)
    assert "eno9 (api_interface)" in found.summary
    assert "eno1 (10.20.0.11/24, 10.20.0.250/32), eno2" in found.detail
    assert "inventory/host_vars/node1.yml" in found.fix


def test_what_a_host_sets_itself_is_shown_there(site: Site) -> None:
    variables = site.path / "inventory" / "host_vars"
    variables.mkdir()
    (variables / "node1.yml").write_text("---\napi_interface: eno9\n")
    site.wanted["node1"]["api_interface"] = "eno9"
    found = next(each.finding for each in site.judge() if each.finding.rule == "interface-missing")
    assert found.origin is not None
    assert (found.origin.file.name, found.origin.line) == ("node1.yml", 2)


def test_an_interface_without_an_address_of_the_family(site: Site) -> None:
    site.facts["compute1"]["interfaces"]["eno1"] = interface("fd00::1/64")
    found = site.only()
    assert (found.finding.rule, found.host) == ("interface-without-address", "compute1")
    assert "no ipv4 address" in found.finding.summary


def test_a_family_of_its_own_for_tunnels(site: Site) -> None:
    site.wanted["node1"].update(tunnel_interface="eno2", tunnel_family="ipv6")
    assert site.only().finding.rule == "interface-without-address"
    nic(site, "eno2")["addresses"] += interface("fd00::1/64")["addresses"]
    assert site.judge() == []


def test_an_interface_for_what_a_host_does_not_run_is_not_needed(site: Site) -> None:
    for variable in ("migration_interface", "dns_interface", "tunnel_interface"):
        site.wanted["compute1"][variable] = "none"
    site.wanted["compute1"]["neutron_external_interface"] = "none"
    site.wanted["compute1"]["kolla_external_vip_interface"] = "none"
    assert site.judge() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"up": False}, "interface-down"), ({"carrier": False}, "interface-no-carrier")],
)
@pytest.mark.parametrize("name", ["eno1", "eno2", "eno3"])
def test_links(site: Site, name: str, change: dict[str, bool], expected: str) -> None:
    nic(site, name).update(change)
    assert site.only().finding.rule == expected


def test_an_external_interface_with_an_address_would_lock_the_admin_out(site: Site) -> None:
    site.facts["node1"]["interfaces"]["eno3"] = interface("192.0.2.7/24")
    found = site.only().finding
    assert (found.rule, found.severity) == ("interface-with-address", Severity.ERROR)
    assert found.origin is not None and found.origin.line == 3
    assert "192.0.2.7/24" in found.summary


def test_an_address_that_a_router_advertised_does_not_count(site: Site) -> None:
    found = interface("2001:db8::7/64")
    found["addresses"][0]["dynamic"] = True
    site.facts["node1"]["interfaces"]["eno3"] = found
    assert site.judge() == []


@pytest.mark.parametrize(("master", "fine"), [("ovs-system", True), ("bond0", False)])
def test_an_external_interface_may_be_in_one_bridge_only(
    site: Site, master: str, fine: bool
) -> None:
    nic(site, "eno3")["master"] = master
    if fine:
        assert site.judge() == []
    else:
        assert site.only().finding.rule == "interface-in-use"


def test_several_external_interfaces(site: Site) -> None:
    site.wanted["node1"]["neutron_external_interface"] = "eno3,eno4"
    assert "eno4" in site.only().finding.summary


def test_interfaces_of_networks_are_looked_at_too(site: Site) -> None:
    with (site.path / "defaults.yml").open("a") as file:
        file.write(
            "neutron_networks:\n"
            "  - {name: public, bridge_name: br-ex, external_interface: eno3}\n"
            "  - name: physnet1\n"
            "    bridge_name: br-tenant\n"
            "    external_interface: eno4\n"
        )
    found = [each for each in site.judge() if each.finding.rule == "interface-missing"]
    assert [each.host for each in found] == ["node1", "node2"]
    assert all(each.finding.origin and each.finding.origin.line == 9 for each in found)


def test_a_bridge_that_leads_nowhere(site: Site) -> None:
    nic(site, "eno1")["kind"] = "bridge"
    assert site.only().finding.rule == "bridge-without-ports"
    nic(site, "eno1")["ports"] = ["eno5"]
    assert site.judge() == []


def test_an_mtu_that_is_not_that_of_the_others(site: Site) -> None:
    nic(site, "eno1", "compute1")["mtu"] = 9000
    found = site.only()
    assert (found.finding.rule, found.host) == ("mtu-differs", "compute1")
    for host in ("node1", "node2"):
        nic(site, "eno1", host)["mtu"] = 9000
    assert site.judge() == []


def test_a_host_that_cannot_tell_its_interfaces_is_not_judged(site: Site) -> None:
    site.facts["compute1"]["interfaces"] = None
    assert site.judge() == []


# --- virtual addresses -----------------------------------------------------------------------


def free_vips(site: Site) -> None:
    """A site that is not deployed yet: nobody has the virtual addresses."""
    for name in ("node1", "node2"):
        for each in site.facts[name]["interfaces"].values():
            each["addresses"] = [one for one in each["addresses"] if one["prefix"] != 32]
        site.facts[name]["engine"]["containers"] = []
        site.facts[name]["listeners"] = []
        for vip in site.answers[name]["neighbours"].values():
            vip.update(state="unreachable", taken=False)


def test_virtual_addresses_may_be_free(site: Site) -> None:
    free_vips(site)
    assert site.judge() == []


def test_a_virtual_address_that_another_machine_has(site: Site) -> None:
    free_vips(site)
    said = {"state": "silent", "taken": True, "mac": "52:54:00:00:00:99"}
    site.answers["node2"]["neighbours"]["10.20.0.250"] = said
    found = site.only()
    assert (found.finding.rule, found.host) == ("vip-taken", "node2")
    assert "52:54:00:00:00:99" in found.finding.summary
    assert found.finding.origin is not None and found.finding.origin.line == 1


def test_a_dead_load_balancer_may_be_the_one_that_has_it(site: Site, rule: Any) -> None:
    free_vips(site)
    site.dead("node1", "Connection refused")
    site.answers["node2"]["neighbours"]["10.20.0.250"] = {"state": "open", "taken": True}
    assert rule() == {"host-unreachable": "node1", "vip-uncertain": "node2"}


def test_a_virtual_address_on_a_host_that_is_no_load_balancer(site: Site) -> None:
    free_vips(site)
    nic(site, "eno1", "compute1")["addresses"] += interface("10.20.0.250/24")["addresses"]
    found = site.only()
    assert (found.finding.rule, found.host) == ("vip-taken", "compute1")


def test_a_virtual_address_in_the_hosts_own_configuration(site: Site) -> None:
    site.facts["node1"]["engine"]["containers"] = [container("keystone", id="k" * 64)]
    found = site.judge()
    assert {each.finding.rule for each in found} == {"vip-on-host"}


def test_without_keepalived_the_address_is_a_hosts_own(site: Site) -> None:
    site.facts["node1"]["engine"]["containers"] = [container("keystone", id="k" * 64)]
    for wanted in site.wanted.values():
        wanted["keepalived"] = False
    assert site.judge() == []


def test_a_virtual_address_of_another_network(site: Site) -> None:
    free_vips(site)
    for wanted in site.wanted.values():
        wanted["kolla_internal_vip_address"] = "10.99.0.250"
    found = site.judge()
    outside = [each for each in found if each.finding.rule == "vip-not-in-network"]
    assert [each.host for each in outside] == ["node1", "node2"]
    assert "10.20.0.0/24" in outside[0].finding.detail


# --- ports -----------------------------------------------------------------------------------


def listen(site: Site, address: str, port: int, **owner: Any) -> None:
    said = {"address": address, "port": port, "process": None, "container": None, **owner}
    site.facts["node2"]["listeners"].append(said)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.20.0.12"])
def test_a_port_that_another_program_has(site: Site, address: str) -> None:
    listen(site, address, 3306, process="mariadbd")
    found = site.only()
    assert (found.finding.rule, found.host) == ("port-in-use", "node2")
    assert "3306" in found.finding.summary and "mariadbd has it" in found.finding.summary
    assert "mariadb needs" in found.finding.summary


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "172.17.0.1"])
def test_a_port_at_another_address_is_free(site: Site, address: str) -> None:
    listen(site, address, 3306, process="mariadbd")
    assert site.judge() == []


def test_a_port_of_a_container_is_ours(site: Site) -> None:
    listen(site, "0.0.0.0", 3306, process="mariadbd", container="k" * 64)
    assert site.judge() == []


def test_a_container_around_the_whole_host_is_not_ours(site: Site) -> None:
    listen(site, "0.0.0.0", 3306, process="mariadbd", container="f" * 64)
    assert site.only().finding.rule == "port-in-use"


def test_a_port_in_the_way_of_the_load_balancer(site: Site) -> None:
    listen(site, "10.20.0.250", 5000, process="nginx")
    assert "haproxy needs" in site.only().finding.summary


def test_published_ports_of_other_containers(site: Site) -> None:
    listen(site, "0.0.0.0", 3306, process="docker-proxy")
    assert "published port" in site.only().finding.summary


def test_a_host_that_does_not_run_the_service_may_use_its_port(site: Site) -> None:
    site.facts["compute1"]["listeners"].append(
        {"address": "0.0.0.0", "port": 3306, "process": "mariadbd", "container": None}
    )
    assert site.judge() == []


def test_what_a_port_is_for_is_told_once(site: Site) -> None:
    listen(site, "0.0.0.0", 3306, process="mariadbd")
    listen(site, "::", 3306, process="mariadbd")
    assert len(site.judge()) == 1


def test_services_without_hosts_need_no_interfaces(site: Site) -> None:
    site.services = [Service("nova", "x", "x", "registry.example.org/kolla/x:1", "nova_libvirt")]
    site.listeners = []
    site.facts["node1"]["engine"]["containers"] = []
    for name in ("node1", "node2", "compute1"):
        site.wanted[name]["keepalived"] = False
        site.facts[name]["engine"]["containers"] = []
        del site.facts[name]["interfaces"]["eno3"]
    assert site.judge() == []


def test_a_host_whose_addresses_are_unknown_may_have_the_vip(site: Site, rule: Any) -> None:
    free_vips(site)
    site.facts["compute1"]["interfaces"] = None
    site.answers["node2"]["neighbours"]["10.20.0.250"] = {"state": "open", "taken": True}
    assert rule() == {"vip-uncertain": "node2"}


def test_one_interface_for_two_families(site: Site) -> None:
    site.wanted["node1"]["tunnel_family"] = "ipv6"
    found = site.only().finding
    assert found.rule == "interface-without-address"
    assert "no ipv6 address (tunnel_interface)" in found.summary
    site.facts["node1"]["interfaces"]["eno1"]["up"] = False
    assert [each.finding.rule for each in site.judge()].count("interface-down") == 1
