"""What an import makes of each old site, beyond what holds for all of them."""

from __future__ import annotations

import stat
from pathlib import Path

import old_sites
import yaml
from imports import Import, Names, Write, decrypted

from cc_ansible.site import load, yamlfile
from cc_ansible.site.legacy.report import Kind


class TestAssociate:
    def test_switches_get_one_spelling_and_no_plain_secret(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        imported(old("associate"))
        text = (new / "defaults.yml").read_text()
        leaf1, leaf2, corsa = yaml.safe_load(text)["switch_configs"]
        assert leaf1["auth"] == {
            "username": "chameleon",
            "password": "{{ switch_configs_leaf_1_auth_password }}",
            "secret": "{{ dell_switch_password }}",
        }
        assert leaf2["auth"]["use_ssh_key"] is True
        assert corsa["auth"]["token"] == "{{ corsa_token }}"
        assert "  # top of rack, row 1\n" in text
        made = decrypted(new)
        assert made["switch_configs_leaf_1_auth_password"] == f"{old_sites.CANARY}-leaf1"
        assert made["switch_configs_leaf_1_snmp_community_string"] == f"{old_sites.CANARY}-snmp"
        assert made["dell_switch_password"] == f"{old_sites.CANARY}-dell"

    def test_what_upstream_skipped_silently_is_named(
        self, old: Write, imported: Import, names: Names
    ) -> None:
        effects = names(imported(old("associate")), Kind.EFFECT)
        assert "switch_configs.leaf-2" in effects
        assert "neutron_networks.physnet1.reservable_vlan_ranges" in effects
        assert not any("leaf-1" in name or "corsa" in name for name in effects)

    def test_images_of_the_old_site_are_no_ids_any_more(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        report = imported(old("associate"))
        text = (new / "defaults.yml").read_text()
        assert "1bb0fc0a" not in text
        assert "ironic_deploy_kernel: pxe_deploy_kernel" in text
        assert "ironic_deploy_kernel" in {item.name for item in report.items}

    def test_overrides_keep_what_only_the_site_says(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("associate"))
        text = (new / "node_custom_config/nova.conf").read_text()
        assert text == (
            "# ours\n[DEFAULT]\ncpu_allocation_ratio = 2\nrack = {{ rack_label }}\n"
            "endpoint = {{ internal_protocol }}://x\n\n"
            "[plugin]\npassword = {{ nova_plugin_password }}\n"
        )
        assert decrypted(new)["nova_plugin_password"] == f"{old_sites.CANARY}-nova-plugin"
        assert not (new / "node_custom_config/zun.conf").exists()
        dropped = names(report, Kind.DROPPED)
        assert {"zun.conf", "[scheduler] discover_hosts_in_cells_interval"} <= dropped
        keyring = new / "node_custom_config/glance/ceph.client.glance.keyring"
        assert keyring.read_text().startswith("$ANSIBLE_VAULT")

    def test_the_hook_waits_for_somebody_to_read_it(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        report = imported(old("associate"))
        assert yaml.safe_load((new / "post_deploy.yml").read_text())[0]["tasks"] == []
        assert "Say hello" in (new / "post_deploy.imported.yml").read_text()
        [item] = [each for each in report.of(Kind.DECISION) if each.name == "post_deploy.yml"]
        assert "role local.banner, Say hello" in item.why

    def test_a_lock_and_credentials_of_the_old_site_stay_there(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("associate"))
        assert {".lock", "admin-openrc.sh"} <= names(report, Kind.DROPPED)
        assert not (new / "admin-openrc.sh").exists()

    def test_pins_and_unread_variables_become_comments(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("associate"))
        asked = {"blazar_tag", "nova_compute_tag", "osg_pool", "unused_thing"}
        assert asked <= names(report, Kind.DECISION)
        text = (new / "defaults.yml").read_text()
        for name in asked:
            assert f"# {name}: " in text

    def test_the_provider_follows_from_the_client_id(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        imported(old("associate"))
        assert "\nenable_keystone_federation: true\n" in (new / "defaults.yml").read_text()

    def test_federation_with_a_provider_of_its_own(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        text = (
            "network_interface: eth0\nkolla_internal_vip_address: 10.0.0.9\n"
            "keystone_idp_client_id: x\nenable_keystone_federation: yes\n"
            "keystone_identity_providers: [{name: idp, protocol: openid}]\n"
        )
        imported(old("associate", {"defaults.yml": text, "node_custom_config/nova.conf": None}))
        said = yaml.safe_load((new / "defaults.yml").read_text())
        assert said["enable_keystone_federation"] is True


class TestEdge:
    def test_groups_with_hosts_become_comments(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("edge"))
        assert "# [k3s]\n# edge1\n" in (new / "inventory/hosts").read_text()
        assert "[k3s]" in names(report, Kind.DECISION)
        assert "[tunelo:children]" in names(report, Kind.DROPPED)

    def test_nested_public_fields_take_effect(
        self, old: Write, imported: Import, names: Names
    ) -> None:
        assert "neutron_networks.public.public" in names(imported(old("edge")), Kind.EFFECT)

    def test_skipped_tags_are_offered_as_flags(self, old: Write, imported: Import) -> None:
        items = imported(old("edge")).of(Kind.DECISION)
        assert [item.new for item in items if item.place == "kolla-skip-tags"] == [
            "enable_horizon: false"
        ]

    def test_another_scenario_may_be_chosen(self, old: Write, imported: Import, new: Path) -> None:
        imported(old("edge"), scenario="part-time")
        assert load.load(new, env={}).scenario == "part-time"


class TestOdd:
    def test_the_environment_is_data(self, old: Write, imported: Import, new: Path) -> None:
        report = imported(old("odd"))
        assert load.load(new, env={}).environment == {
            "ANSIBLE_FORKS": "10",
            "BASE": "/srv/site",
            "LOGS": "/srv/site/logs",
            "GREETING": "hello  there",
        }
        assert stat.S_IMODE((new / ".env").stat().st_mode) == 0o600
        refused = [item for item in report.of(Kind.DECISION) if item.place.startswith(".env")]
        assert [item.place for item in refused] == [".env:5", ".env:7", ".env:8", ".env"]
        assert refused[-1].name == "OS_TOKEN"

    def test_globals_yml_is_offered_not_applied(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        report = imported(old("odd"))
        assert not (new / "globals.yml").exists()
        offered = [item for item in report.items if item.place.startswith("globals.yml")]
        assert {(item.kind, item.name, item.new) for item in offered} == {
            (Kind.DECISION, "openstack_region_name", "openstack_region_name: Ignored"),
            (Kind.DECISION, "api_secret", ""),
            (Kind.DROPPED, "enable_prometheus", ""),
            (Kind.DROPPED, "kolla_install_type", ""),
        }

    def test_globals_d_stays_a_layer(self, old: Write, imported: Import, new: Path) -> None:
        imported(old("odd"))
        text = (new / "globals.d/20-more.yml").read_text()
        assert text == "haproxy_max_connections: 100\n"

    def test_secrets_on_inventory_lines_move_to_the_hosts(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        from ansible.parsing.vault import VaultLib, VaultSecret

        imported(old("odd"))
        assert "become" not in (new / "inventory/hosts").read_text()
        assert "odd[1:2] ansible_user=ops\n" in (new / "inventory/hosts").read_text()
        secret = VaultSecret((new / "vault_password").read_bytes().strip())
        for host in ("odd1", "odd2"):
            text = (new / f"inventory/host_vars/{host}.yml").read_text()
            block = text.partition("ansible_become_password: !vault |\n")[2]
            lines = "\n".join(line.strip() for line in block.splitlines())
            plain = VaultLib([("default", secret)]).decrypt(lines.encode())
            assert plain.decode() == f"{old_sites.CANARY}-become"

    def test_groups_of_the_site_and_groups_that_are_gone(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("odd"))
        text = (new / "inventory/hosts").read_text()
        assert "\n[gpu_nodes]\ngpu1\n" in text
        assert "# [telegraf]\n# odd1\n" in text
        assert "# [freezer]\n# lonely1\n" in text
        assert "# [gpu_idle]\n# gpu2\n" in text
        assert "[all:vars]\nansible_python_interpreter=/usr/bin/python3\n" in text
        asked = {"[telegraf]", "[freezer]", "[gpu_idle]", "my_slot", "freezer"}
        assert asked <= names(report, Kind.DECISION)
        loadbalancer = new / "inventory/group_vars/loadbalancer"
        assert loadbalancer.read_text() == "haproxy_max_connections: 7\n"
        assert not (new / "inventory/group_vars/freezer.yml").exists()

    def test_a_typo_is_recognised(self, old: Write, imported: Import) -> None:
        report = imported(old("odd"))
        [item] = [each for each in report.items if each.name == "neutron_plugin_agnet"]
        assert "Did you mean neutron_plugin_agent?" in item.why

    def test_files_of_unknown_purpose_are_left_to_the_admin(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        assert "notes" in names(imported(old("odd")), Kind.DECISION)
        assert not (new / "notes").exists()
        assert (new / "README.md").read_text() == "# Odd\n"


class TestKvm:
    def test_encrypted_parts_are_encrypted_again(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        from ansible.parsing.vault import VaultLib, VaultSecret

        imported(old("kvm"))
        password = (new / "vault_password").read_bytes().strip()
        vault = VaultLib([("default", VaultSecret(password))])
        whole = (new / "inventory/host_vars/cmp1/secret.yml").read_bytes()
        assert f"# bmc_pass: {old_sites.CANARY}-bmc\n" in vault.decrypt(whole.strip()).decode()
        banner = yamlfile.load(new / "defaults.yml").value["ssh_banner"]
        assert vault.decrypt(banner.value.strip()).decode() == f"{old_sites.CANARY}-inline"

    def test_anchors_cost_comments_only(self, old: Write, imported: Import, names: Names) -> None:
        assert "defaults.yml" in names(imported(old("kvm")), Kind.DECISION)

    def test_variables_of_hosts_keep_their_files(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        imported(old("kvm"))
        hosts = new / "inventory/host_vars"
        assert (hosts / "cmp1/main.yml").read_text() == "network_interface: ens3\n"
        assert (hosts / "ctl2.example.org").read_text() == "api_interface: ens9\n"
