"""The deployed site is a real one: containers, token, catalogue, memory."""

from __future__ import annotations

import json
import stat

EXPECTED_CONTAINERS = {
    "cron", "kolla_toolbox", "haproxy", "keepalived", "mariadb", "rabbitmq", "memcached",
    "keystone", "keystone_fernet", "keystone_ssh", "glance_api", "placement_api",
    "nova_api", "nova_metadata", "nova_scheduler", "nova_conductor", "nova_compute_ironic",
    "neutron_server", "neutron_rpc_server", "neutron_periodic_worker",
    "ironic_api", "ironic_conductor", "ironic_tftp", "ironic_http", "horizon",
    "blazar_api", "blazar_manager", "doni_api", "doni_worker",
    "heat_api", "heat_api_cfn", "heat_engine",
    "openvswitch_db", "openvswitch_vswitchd", "neutron_openvswitch_agent",
    "neutron_l3_agent", "neutron_dhcp_agent", "neutron_metadata_agent",
}  # fmt: skip
CATALOGUE = {
    "baremetal", "cloudformation", "compute", "identity", "image", "inventory", "network",
    "orchestration", "placement", "reservation",
}  # fmt: skip
MEMORY_LIMIT_MIB = 7168


def test_every_expected_container_runs_and_is_healthy(node):
    rows = [
        line.split("|")
        for line in node("docker ps -a --format '{{.Names}}|{{.Status}}'").split("\n")
        if line
    ]
    status = dict(rows)
    # The agents have a container for each router and network.
    own = ("neutron_dhcp_agent_", "neutron_l3_agent_")
    assert {name for name in status if not name.startswith(own)} == EXPECTED_CONTAINERS
    assert all(state.startswith("Up") for state in status.values()), status
    assert not [name for name, state in status.items() if "unhealthy" in state]


def test_images_came_from_the_lab_registry(node, lab):
    images = node("docker ps --format '{{.Image}}'").split()
    assert all(image.startswith(f"{lab.registry_address}:5000/kolla/") for image in images)


def test_a_token_is_issued_through_the_vip(cloud, lab):
    assert lab.vip in cloud.config.get_auth_args()["auth_url"]
    assert cloud.authorize()


def test_the_catalogue_is_complete_and_points_at_the_vip(cloud, lab):
    catalogue = {entry["type"]: entry["endpoints"] for entry in cloud.service_catalog}
    assert set(catalogue) >= CATALOGUE
    for endpoints in catalogue.values():
        assert {endpoint["interface"] for endpoint in endpoints} >= {"internal", "public"}
        assert all(lab.vip in endpoint["url"] for endpoint in endpoints)


def test_the_site_record_names_the_deploy(node, lab):
    record = json.loads(node("cat /etc/kolla/cc-ansible.json"))
    assert record["action"] in {"deploy", "reconfigure", "upgrade"}
    assert record["id"]
    assert len(record["commit"]) >= 7


def test_credentials_are_private(credentials):
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o700
    for name in ("clouds.yaml", "admin-openrc.sh"):
        assert stat.S_IMODE((credentials / name).stat().st_mode) == 0o600


def test_project_and_site_overrides_reach_the_service(node):
    nova = node("cat /etc/kolla/nova-scheduler/nova.conf")
    assert "discover_hosts_in_cells_interval = 60" in nova
    ironic = node("cat /etc/kolla/ironic-api/ironic.conf")
    assert "enabled_hardware_types = redfish,fake-hardware" in ironic
    database = node("docker exec mariadb my_print_defaults --mysqld")
    assert "--innodb_snapshot_isolation=OFF" in database


def test_memory_of_the_node(cc):
    state = json.loads(cc("lab", "status", "--output", "json").stdout)
    assert 500 < state["nodes"][0]["memory_mib"] <= MEMORY_LIMIT_MIB
