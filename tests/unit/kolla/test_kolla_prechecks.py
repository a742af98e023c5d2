"""What Kolla-Ansible's prechecks want, read from the installed release and from roles made up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import small_site

from cc_ansible.kolla import images, prechecks, variables, workspace
from cc_ansible.kolla.images import Service
from cc_ansible.kolla.prechecks import Listener
from cc_ansible.site.load import load

LAMP = Service("lamp", "lamp-api", "lamp-api", "kolla/lamp:1", "lamp_api", ("a", "b"))
PRECHECK = """\
- name: Free port for {name}
  ansible.builtin.wait_for:
    host: "{{{{ api_interface_address }}}}"
    port: "{{{{ {port} }}}}"
    state: {state}
  when:
    - container_facts.containers['{name}'] is not defined
    - inventory_hostname in groups['lamp-api']
    - {condition}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., Path]:
    """A tree with one role and one precheck."""

    def make(**changes: str) -> Path:
        said = {"name": "lamp_api", "port": "lamp_port", "state": "stopped", "condition": "true"}
        role = tmp_path / "roles" / "lamp"
        for kind, text in {
            "tasks/precheck.yml": PRECHECK.format(**{**said, **changes}),
            "defaults/main.yml": "lamp_port: '90{{ 4 }}'\n"
            'lamp_services:\n  lamp-api:\n    container_name: "lamp_api"\n',
        }.items():
            (role / kind).parent.mkdir(parents=True, exist_ok=True)
            (role / kind).write_text(text)
        return tmp_path

    return make


def found(tree: Path, **site: Any) -> list[Listener]:
    return prechecks.listeners([LAMP], site, tree)


def test_a_port_is_evaluated_as_in_the_role(tree: Callable[..., Path]) -> None:
    expected = Listener("lamp_api", ("a", "b"), "api_interface", 904)
    assert found(tree()) == [expected]
    assert found(tree(), lamp_port=905) == [Listener("lamp_api", ("a", "b"), "api_interface", 905)]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"state": "started"},
        {"condition": "false"},
        {"condition": "lamp_is_lit | bool"},
        {"port": "lamp_socket"},
    ],
    ids=["not-run", "not-to-be-free", "not-wanted", "cannot-be-told", "no-number"],
)
def test_what_is_left_out(tree: Callable[..., Path], change: dict[str, str]) -> None:
    assert found(tree(**change)) == []


def test_names_of_containers(tree: Callable[..., Path]) -> None:
    assert prechecks.container_names(tree()) == {"lamp_api"}
    assert {"mariadb", "nova_api", "keystone_ssh"} <= prechecks.container_names()


def test_the_pinned_release_supports_what_the_docs_say() -> None:
    systems = prechecks.systems()
    assert "trixie" in systems["debian"] and "noble" in systems["ubuntu"]
    assert prechecks.oldest_docker()[0].isdigit()


def test_ports_of_a_plain_site(tmp_path: Path, state_home: Path) -> None:
    site = load(small_site.write(tmp_path / "site"), env={})
    with workspace.assemble(site, {}) as space:
        said, groups = variables.effective(space)
        services = images.enabled_services(said, groups, space.tree)
        listeners = prechecks.listeners(services, said, space.tree)
        assert variables.evaluated(said, "docker_namespace") == "kolla"
        assert variables.evaluated(said, "kolla_internal_fqdn") == "192.0.2.250"
        assert variables.evaluated(said, "no_such_variable") is None
    places = {(each.container, each.address, each.port) for each in listeners}
    assert ("mariadb", "api_interface", 3306) in places
    assert ("haproxy", "kolla_internal_vip_address", 5000) in places
    assert ("nova_api", "api_interface", 8774) in places
    assert not [each for each in places if each[0] in ("cinder_api", "proxysql")]
    assert all(each.hosts == ("node1",) for each in listeners)
    rabbit = next(each for each in services if each.name == "rabbitmq")
    assert (rabbit.container, rabbit.hosts) == ("rabbitmq", ("node1",))
    maria = next(each for each in services if each.container == "mariadb")
    assert maria.hosts == ("node1",)
