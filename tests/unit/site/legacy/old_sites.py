"""Old site configs as the wrapper of 2023.1 and before had them, written for these tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from old_inventory import inventory

VAULT_PASSWORD = "the-old-vault-password"
CANARY = "canary-that-must-stay-secret"
KEY = """\
-----BEGIN RSA PRIVATE KEY-----
MIIBOgIBAAJBAK-canary-private-key-material
-----END RSA PRIVATE KEY-----
"""


def encrypted(text: str, password: str = VAULT_PASSWORD) -> str:
    """Vault text."""
    from ansible.parsing.vault import VaultLib, VaultSecret

    secret = VaultSecret(password.encode())
    vault_text: bytes = VaultLib([("default", secret)]).encrypt(text, secret=secret)
    return vault_text.decode()


def write(path: Path, files: Mapping[str, str | None]) -> Path:
    """Write an old site; None leaves a file out."""
    for name, text in files.items():
        if text is not None:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text)
    if (path / "vault_password").exists():
        (path / "vault_password").chmod(0o400)
    return path


PASSWORDS = f"""\
---
database_password: {CANARY}-db
keystone_admin_password: {CANARY}-admin
keystone_database_password: {CANARY}-keystone
kibana_password: {CANARY}-kibana
ironic_inspector_keystone_password: {CANARY}-inspector
redis_master_password: {CANARY}-redis
zun_keystone_password: {CANARY}-zun
hammers_mysql_password: {CANARY}-hammers
dell_switch_password: {CANARY}-dell
docker_registry_password:
kolla_ssh_key:
  private_key: |
    {CANARY}-ssh
  public_key: ssh-rsa AAAA
"""


def minimal() -> dict[str, str]:
    """One host with everything, bare-metal machines behind it."""
    return {
        "defaults.yml": """\
---
# Our first site. Ask Dana before you change anything.

openstack_release: "2023.1"
kolla_base_distro: ubuntu

# The name users see.
openstack_region_name: CHI@Tiny
chameleon_site_name: tiny

# API addresses
kolla_internal_vip_address: 10.20.0.254   # keep in step with DNS
network_interface: eno1

enable_ironic: yes
enable_cinder: no
enable_heat: no
enable_ironic_ipxe: yes

neutron_networks:
  # what users reach the world through
  - name: public
    bridge_name: br-ex
    external_interface: eno2
    cidr: 192.0.2.0/24
    gateway_ip: 192.0.2.1
    allocation_pools:
      - start: 192.0.2.20
        end: 192.0.2.99
  - name: physnet1
    bridge_name: br-int1
    external_interface: eno3
    on_demand_vlan_ranges:
      - 200:250

switch_configs: []
es_heap_size: 2g
ironic_dnsmasq_dhcp_range: 10.51.0.10,10.51.0.200,255.255.255.0
ironic_dnsmasq_default_gateway: 10.51.0.1
""",
        "inventory/hosts": inventory("tiny-ctl"),
        "inventory/group_vars/README.md": "Variables of groups.\n",
        "inventory/host_vars/tiny-ctl": "ansible_connection: local\nnetwork_interface: eno7\n",
        "passwords.yml": encrypted(PASSWORDS),
        "vault_password": f"{VAULT_PASSWORD}\n",
        "post_deploy.yml": "---\n- hosts: localhost\n  tasks: []\n",
    }


def associate() -> dict[str, str]:
    """Users from the federation, Dell switches with all spellings of credentials."""
    return {
        "defaults.yml": f"""\
---
openstack_region_name: CHI@Associate
chameleon_site_name: associate
keystone_idp_client_id: associate-site
enable_keystone_federation_openid: yes
kolla_internal_vip_address: 10.30.0.10
kolla_external_vip_address: 198.51.100.10
kolla_external_fqdn: chi.example.edu
kolla_external_fqdn_cert: "{{{{ cc_ansible_site_dir }}}}/certificates/haproxy.pem"
network_interface: bond0
kolla_external_vip_interface: bond1

docker_registry: ghcr.io
docker_namespace: chameleoncloud/kolla
blazar_tag: stein
nova_compute_tag: 2023.1-fix3

switch_configs:
  # top of rack, row 1
  - name: leaf-1
    device_type: netmiko_dell_force10
    address: 10.0.0.11
    auth:
      user: chameleon
      pass: {CANARY}-leaf1   # rotated in May
      enable_secret: "{{{{ dell_switch_password }}}}"
    snmp:
      community_string: {CANARY}-snmp
    ngs_config:
      persist_changes: False
  - name: leaf-2
    device_type: netmiko_dell_os10
    address: 10.0.0.12
    auth:
      username: chameleon
      use_ssh_key: "yes"
  - name: corsa
    device_type: corsa_dp2000
    address: 10.0.0.13
    auth:
      token: "{{{{ corsa_token }}}}"
    ngs_config: {{}}

neutron_networks:
  - name: physnet1
    bridge_name: br-data
    external_interface: ens1
    on_demand_vlan_ranges: ["3000:3099"]
    reservable_vlan_ranges: ["3100:3199"]
  - name: public
    bridge_name: br-ex
    external_interface: ens2
    cidr: 198.51.100.0/24

ironic_deploy_kernel: 1bb0fc0a-7bbd-4a12-9d5a-3a3b9a7f1b11
ironic_deploy_ramdisk: 7a9d25ce-6c4c-4f5d-8f59-0e6f3b8f2c22
osg_pool: "grid"
rack_label: row1
unused_thing: 1
""",
        "inventory/hosts": inventory("ctl1 ansible_host=10.30.0.11", "net1"),
        "passwords.yml": encrypted(
            PASSWORDS + f"corsa_token: {CANARY}-corsa\nkeystone_idp_client_secret: {CANARY}-idp\n"
        ),
        "vault_password": f"{VAULT_PASSWORD}\n",
        "certificates/haproxy.pem": f"-----BEGIN CERTIFICATE-----\nX\n{KEY}",
        "certificates/ca/corp.crt": "-----BEGIN CERTIFICATE-----\nY\n",
        "node_custom_config/nova.conf": f"""\
# ours
[DEFAULT]
cpu_allocation_ratio = 2
rack = {{{{ rack_label }}}}
endpoint = {{{{ admin_protocol }}}}://x

[scheduler]
discover_hosts_in_cells_interval = 60

[plugin]
password = {CANARY}-nova-plugin
""",
        "node_custom_config/zun.conf": "[DEFAULT]\nx = 1\n",
        "node_custom_config/glance/ceph.client.glance.keyring": (
            f"[client.glance]\n  key = {CANARY}-ceph\n"
        ),
        "post_deploy.yml": """\
---
- hosts: localhost
  roles:
    - role: local.banner
  tasks:
    - name: Say hello
      debug:
        msg: "{{ greeting }}"
""",
        "inventory/group_vars/all.yml": "greeting: hello\n",
        "admin-openrc.sh": f"export OS_PASSWORD={CANARY}-openrc\n",
        ".lock": "",
    }


def edge() -> dict[str, str]:
    """User-owned devices over WireGuard."""
    return {
        "defaults.yml": """\
---
enable_k3s: yes
enable_zun: yes
enable_tunelo: yes
enable_neutron_wireguard: yes
enable_ironic: no
enable_nova: no
enable_glance: no
enable_heat: no
enable_kuryr: no
enable_redis: true
kolla_internal_vip_address: 10.40.0.254
network_interface: eth0
neutron_networks:
- name: public
  bridge_name: br-ex
  external_interface: eth1
  public:
    segment_type: flat
    cidr: 203.0.113.0/24
    gateway: 203.0.113.1
    ip_range_start: 203.0.113.10
    ip_range_end: 203.0.113.99
calico_block: 28
zun_tolerate_worker_taint: true
default_balena_fleet: fleet
""",
        "inventory/hosts": inventory(
            "edge1", more="\n[k3s]\nedge1\n\n[tunelo:children]\ncontrol\n"
        ),
        "passwords.yml": encrypted(PASSWORDS),
        "vault_password": f"{VAULT_PASSWORD}\n",
        "kolla-skip-tags": "# karbor\nhorizon\n",
    }


def odd() -> dict[str, str]:
    """Everything that sites did and nobody planned; all passwords in plain text."""
    return {
        "defaults.yml": f"""\
# flow style, anchors, old names
network_interface: eth0
kolla_internal_vip_address: 10.50.0.254
neutron_network_vlan_ranges: physnet1:200:250,physnet2:300:350
neutron_ovs_bridge_mappings: "physnet1:br1,physnet2:br2"
neutron_bridge_name: br1,br2
neutron_external_interface: em1,em2
admin_protocol: https
my_url: "{{{{ admin_protocol }}}}://{{{{ kolla_internal_fqdn }}}}/x"
keystone_internal_url: "{{{{ my_url }}}}"
lonely: "{{{{ my_unused }}}}"
my_unused: 3
ops_password: {CANARY}-ops
enable_haproxy: no
enable_swift: yes
enable_prometheus: no
rgw_port: 7480
neutron_plugin_agnet: openvswitch
glance_backends:
  - {{name: file, type: file}}
""",
        "globals.yml": f"""\
enable_prometheus: no
openstack_region_name: Ignored
kolla_install_type: source
api_secret: {CANARY}-globals
""",
        "globals.d/20-more.yaml": "haproxy_max_connections: 100\n",
        "inventory/hosts": inventory(
            f"odd[1:2] ansible_user=ops ansible_become_password={CANARY}-become",
            more="""
[telegraf]
odd1

[gpu_nodes]
gpu1 my_slot=3

[compute:children]
gpu_nodes

[gpu_idle]
gpu2

[freezer]
lonely1

[all:vars]
kolla_install_type=source
ansible_python_interpreter=/usr/bin/python3
""",
        ),
        "inventory/group_vars/haproxy": "haproxy_max_connections: 7\n",
        "inventory/group_vars/freezer.yml": "x: 1\n",
        "inventory/host_vars/odd1.yml": (
            f"enable_prometheus: yes\nipmi_password: {CANARY}-ipmi\n"
            f"ansible_ssh_pass: {CANARY}-ssh-pass\n"
        ),
        "passwords.yml": PASSWORDS,
        ".env": f"""\
# exported for every run
export ANSIBLE_FORKS=10
BASE=/srv/site
LOGS="$BASE/logs"
NOW=$(date)
OS_TOKEN={CANARY}-token
source /etc/profile.d/proxy.sh
if [ -n "$X" ]; then echo; fi
GREETING='hello  there'
""",
        "notes/todo.md": "Remember the milk.\n",
        "README.md": "# Odd\n",
    }


def kvm() -> dict[str, str]:
    """Several hosts with variables of their own, some of them encrypted."""
    return {
        "defaults.yml": f"""\
---
kolla_internal_vip_address: 10.60.0.254
network_interface: eth0
nova_compute_virt_type: kvm
enable_cinder: "yes"
enable_ceph: no
ceph_glance_keyring: client.glance-site.keyring
storage_nodes: &nodes
  - stor1
others: *nodes
ssh_banner: !vault |
{_indented(encrypted(CANARY + "-inline"))}
""",
        "inventory/10-hosts": "[control]\nctl1\nctl2\n\n[compute]\ncmp1\n\n[network:children]\n"
        "control\n\n[monitoring]\n\n[storage]\nstor1\n",
        "inventory/50-kolla": "[haproxy:children]\nnetwork\n\n[mariadb:children]\ncontrol\n\n"
        "[nova-api:children]\nnova\n\n[nova]\nctl1\n",
        "inventory/host_vars/cmp1/main.yml": "network_interface: ens3\n",
        "inventory/host_vars/cmp1/secret.yml": encrypted(f"bmc_pass: {CANARY}-bmc\n"),
        "inventory/host_vars/ctl2.example.org": "api_interface: ens9\n",
        "node_custom_config/cinder.conf": "[DEFAULT]\nbanner = {{ ssh_banner }}\n"
        "nodes = {{ others }}\n",
        "passwords.yml": encrypted(PASSWORDS),
        "vault_password": f"{VAULT_PASSWORD}\n",
    }


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines())


SITES = {
    "minimal": minimal,
    "associate": associate,
    "edge": edge,
    "odd": odd,
    "kvm": kvm,
}
