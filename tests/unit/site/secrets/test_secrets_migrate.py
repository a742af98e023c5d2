"""Moving passwords between the file and a real server: nothing is lost, whatever happens."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openbao
import pytest

from cc_ansible.errors import CcError, SiteInvalid, UsageError
from cc_ansible.site import load, vault
from cc_ansible.site.load import Site
from cc_ansible.site.secrets import migrate, store
from cc_ansible.site.secrets.server import Server

Make = Callable[..., Site]
PLAIN = """\
# kept by hand
database_password: secret-of-the-db
nova_ssh_key:
  private_key: |
    line
  public_key: ssh-rsa x
docker_registry_password:
number: 42
literal: !unsafe '{{ x }}'
"""
DEFAULTS = """\
# the site
secrets:  # where they are
  backend: ansible-vault  # for now
  url: {url}
  path: {path}
  auth: {{token: {{command: [echo, {token}]}}}}
network_interface: 'eth0'  # stays
"""


@pytest.fixture
def site(make_site: Make, bao: openbao.Server, kv_path: str) -> Site:
    defaults = DEFAULTS.format(url=bao.url, path=kv_path, token=openbao.ROOT)
    files = {"defaults.yml": defaults, "vault_password": "right\n", "passwords.yml": PLAIN}
    made = make_site(files)
    vault.encrypt_file(made, made.passwords_file)
    return made


def again(site: Site) -> Site:
    return load.load(site.path, site.project, {})


def values(site: Site) -> dict[str, Any]:
    return dict(store.read(store.open_store(site)).values)


def test_to_the_server_and_back(site: Site) -> None:
    before = values(site)
    moved = migrate.migrate(site, "openbao")
    assert (moved.count, moved.copied, moved.removed) == (len(before), True, False)
    text = (site.path / "defaults.yml").read_text()
    assert re.search(r"^  backend: openbao +# for now$", text, re.MULTILINE)
    assert "network_interface: 'eth0'  # stays\n" in text
    there = again(site)
    assert values(there) == before
    assert site.passwords_file.exists(), "the old store is kept until it is told to go"

    gone = migrate.migrate(there, "openbao", remove_old=True)
    assert (gone.copied, gone.switched, gone.removed) == (False, None, True)
    assert not site.passwords_file.exists()
    assert values(again(site)) == before

    back = migrate.migrate(again(site), "ansible-vault", remove_old=True)
    assert back.copied and back.removed
    here = again(site)
    assert values(here) == before
    assert vault.is_encrypted(site.passwords_file.read_text())
    assert store.open_store(here, "openbao").read().empty
    assert re.search(
        r"^  backend: ansible-vault +# for now$",
        (site.path / "defaults.yml").read_text(),
        re.MULTILINE,
    )


def test_a_dry_run_changes_nothing(site: Site) -> None:
    before = (site.path / "defaults.yml").read_text()
    moved = migrate.migrate(site, "openbao", dry_run=True, remove_old=True)
    assert moved.copied and moved.switched and moved.removed
    assert (site.path / "defaults.yml").read_text() == before
    assert site.passwords_file.exists()
    assert store.open_store(site, "openbao").read().empty


def test_killed_between_copy_and_switch_it_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "_switch", killed)
        with pytest.raises(KeyboardInterrupt):
            migrate.migrate(site, "openbao", remove_old=True)
    assert values(site), "the site still works with its old store"
    moved = migrate.migrate(site, "openbao", remove_old=True)
    assert not moved.copied
    assert moved.removed
    assert again(site).secrets.backend == "openbao"  # type: ignore[union-attr]


def test_other_passwords_at_the_target_are_not_overwritten(
    site: Site, put: Callable[..., None], bao: openbao.Server, kv_path: str
) -> None:
    put(database_password="theirs", other="x")
    with pytest.raises(UsageError, match="different passwords; nothing was changed") as caught:
        migrate.migrate(site, "openbao")
    assert "database_password, docker_registry_password, literal" in caught.value.detail
    assert "theirs" not in caught.value.detail
    found = bao.call("GET", f"secret/data/{kv_path}")["data"]["data"]
    assert found == {"database_password": "theirs", "other": "x"}


def test_an_old_store_that_differs_is_not_removed(site: Site) -> None:
    migrate.migrate(site, "openbao")
    there = again(site)
    opened = store.open_store(there)
    seen = opened.read()
    opened.write(seen.text.replace("secret-of-the-db", "rotated-since"), seen)
    with pytest.raises(UsageError, match="different passwords"):
        migrate.migrate(there, "openbao", remove_old=True)
    assert site.passwords_file.exists()


def test_what_is_not_read_back_is_not_switched_to(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Server.write

    def lossy(self: Server, text: str, seen: Any) -> None:
        real(self, text.replace("secret-of-the-db", "garbled"), seen)

    monkeypatch.setattr(Server, "write", lossy)
    with pytest.raises(CcError, match="is not what was written"):
        migrate.migrate(site, "openbao", remove_old=True)
    assert site.passwords_file.exists()
    assert again(site).secrets.backend == "ansible-vault"  # type: ignore[union-attr]


def test_the_two_names_of_a_server_are_the_same_place(site: Site) -> None:
    migrate.migrate(site, "openbao")
    moved = migrate.migrate(again(site), "hashicorp-vault")
    assert (moved.copied, moved.removed) == (False, False)
    assert again(site).secrets.backend == "hashicorp-vault"  # type: ignore[union-attr]
    assert values(again(site))["number"] == 42


def test_a_site_that_never_named_a_server(make_site: Make) -> None:
    site = make_site({"vault_password": "right\n"})
    with pytest.raises(SiteInvalid, match=r"secrets\.path is not set"):
        migrate.migrate(site, "openbao")
    moved = migrate.migrate(site, "ansible-vault")
    assert (moved.copied, moved.switched) == (False, None)


def test_the_file_that_sets_the_variable_is_changed(
    make_site: Make, bao: openbao.Server, kv_path: str
) -> None:
    secrets = DEFAULTS.format(url=bao.url, path=kv_path, token=openbao.ROOT)
    files = {
        "defaults.yml": "a: 1  # untouched\n",
        "globals.d/secrets.yml": secrets,
        "vault_password": "right\n",
    }
    site = make_site(files)
    moved = migrate.migrate(site, "openbao")
    assert moved.switched == site.path / "globals.d" / "secrets.yml"
    assert (site.path / "defaults.yml").read_text() == "a: 1  # untouched\n"


@pytest.mark.parametrize(
    "odd", ["secrets: !replace\n  backend: ansible-vault\n", "mode: 0o17\nexponent: 1e3\n"]
)
def test_a_file_that_would_change_otherwise_is_left_to_the_admin(
    odd: str,
    make_site: Make,
    bao: openbao.Server,
    kv_path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BAO_ADDR", bao.url)
    monkeypatch.setenv("BAO_TOKEN", openbao.ROOT)
    text = odd.replace("ansible-vault\n", f"ansible-vault\n  path: {kv_path}\n")
    if "secrets" not in text:
        text += f"secrets: {{path: {kv_path}}}\n"
    site = make_site({"defaults.yml": text, "vault_password": "right\n"})
    try:
        migrate.migrate(site, "openbao")
    except SiteInvalid as error:
        assert "by hand" in error.fix
        assert (site.path / "defaults.yml").read_text() == text
    else:
        assert again(site).secrets.backend == "openbao"  # type: ignore[union-attr]
        settings = again(site).settings()
        assert {k: v for k, v in settings.items() if k != "secrets"} == {
            k: v for k, v in site.settings().items() if k != "secrets"
        }


def test_a_stronger_layer_that_disagrees_is_noticed(
    make_site: Make, bao: openbao.Server, kv_path: str
) -> None:
    secrets = DEFAULTS.format(url=bao.url, path=kv_path, token=openbao.ROOT)
    site = make_site({"defaults.yml": secrets, "vault_password": "right\n"})
    (site.path / "globals.d").mkdir()
    (site.path / "globals.d" / "late.yml").write_text("secrets: {backend: ansible-vault}\n")
    with pytest.raises(SiteInvalid) as caught:
        migrate.migrate(site, "openbao")
    assert "by hand" in caught.value.fix
    assert (site.path / "defaults.yml").read_text() == secrets


def test_values_a_server_cannot_hold_stop_before_anything_is_written(
    make_site: Make, bao: openbao.Server, kv_path: str, tmp_path: Path
) -> None:
    secrets = DEFAULTS.format(url=bao.url, path=kv_path, token=openbao.ROOT)
    files = {
        "defaults.yml": secrets,
        "vault_password": "right\n",
        "passwords.yml": "a: 1\nday: 2024-01-01\n",
    }
    site = make_site(files)
    with pytest.raises(SiteInvalid, match="day holds a value"):
        migrate.migrate(site, "openbao")
    assert store.open_store(site, "openbao").read().empty
