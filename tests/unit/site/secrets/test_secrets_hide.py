"""Everything that opens or is a secret is known to whoever hides secrets in output."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cc_ansible.site import vault
from cc_ansible.site.load import Site
from cc_ansible.site.secrets import hide

Make = Callable[..., Site]


@pytest.fixture
def keyed(make_site: Make) -> Site:
    return make_site({"vault_password": "the vault password\n"})


def inline(site: Site, text: str, indent: str = "  ") -> str:
    return f"!vault |\n{indent}" + vault.encrypt(site, text).strip().replace("\n", f"\n{indent}")


def test_the_leaves_of_passwords_longest_first(make_site: Make) -> None:
    text = "a: short\nb: a long password\nc: {d: [nested-secret, 1234567]}\ne: true\nf:\n"
    assert hide.secret_values(make_site({"passwords.yml": text})) == [
        "a long password",
        "nested-secret",
        "1234567",
    ]


def test_secrets_of_groups_and_hosts_inline_and_whole(keyed: Site, make_site: Make) -> None:
    site = make_site(
        {
            "inventory/group_vars/control.yml": f"a: {inline(keyed, 'inline of a group')}\nb: 1\n",
            "inventory/group_vars/all/vault.yml": vault.encrypt(keyed, "x: {y: whole file}\n"),
            "inventory/host_vars/node1.yml": (
                f"l:\n  - {inline(keyed, 'inline of a host', '    ')}\n"
            ),
            "inventory/more.yml": (
                f"all:\n  vars:\n    z: {inline(keyed, 'inline of all', '      ')}\n"
            ),
            "inventory/group_vars/broken.yml": "a: [\n",
            "inventory/group_vars/other.yml": "!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  0000\n",
        }
    )
    assert set(hide.secret_values(site)) == {
        "secret-of-the-db",
        "the vault password",
        "inline of a group",
        "whole file",
        "inline of a host",
        "inline of all",
    }


def test_secrets_of_the_environment_file(make_site: Make) -> None:
    env = "OS_PASSWORD=from-dotenv-1\nVAULT_TOKEN=from-dotenv-2\nOS_REGION_NAME=the-region\n"
    found = hide.secret_values(make_site({".env": env}))
    assert {"from-dotenv-1", "from-dotenv-2"} <= set(found)
    assert "the-region" not in found


def test_a_lone_inventory_file(keyed: Site, make_site: Make) -> None:
    text = f"all:\n  vars:\n    z: {inline(keyed, 'inline of all', '      ')}\n"
    (keyed.path / "inventory" / "hosts").unlink()
    (keyed.path / "inventory").rmdir()
    site = make_site({"inventory/hosts": None, "inventory": text})
    assert "inline of all" in hide.secret_values(site)
