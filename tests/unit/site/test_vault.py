"""Files encrypted with the real ansible-vault, and where its password comes from."""

from __future__ import annotations

import stat
from collections.abc import Callable

import pytest

from cc_ansible.errors import SiteInvalid
from cc_ansible.site import load, vault, yamlfile
from cc_ansible.site.load import Site
from cc_ansible.site.secrets import hide

Make = Callable[..., Site]
PLAIN = "# ours\ndatabase_password: secret-of-the-db\nshort: abc\nkeys:\n  a: [nested-secret]\n"


@pytest.fixture
def site(make_site: Make) -> Site:
    """A site with an encrypted passwords file."""
    made = make_site({"vault_password": "right\n", "passwords.yml": PLAIN})
    vault.encrypt_file(made, made.passwords_file)
    return made


def test_passwords_are_decrypted_in_memory(site: Site) -> None:
    assert site.passwords_file.read_text().startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    assert hide.read_passwords(site)["database_password"] == "secret-of-the-db"
    assert vault.view(site, site.passwords_file) == PLAIN


def test_a_plaintext_file_is_accepted(make_site: Make) -> None:
    assert hide.read_passwords(make_site())["database_password"] == "secret-of-the-db"


def test_inline_vault_values_are_decrypted_too(make_site: Make) -> None:
    first = make_site({"vault_password": "right\n"})
    inline = yamlfile.Tagged("!vault", vault.encrypt(first, "inline-secret"))
    text = yamlfile.dump({"token": inline})
    site = make_site({"defaults.yml": text, "passwords.yml": text, "vault_password": "right\n"})
    assert hide.read_passwords(site) == {"token": "inline-secret"}
    assert hide.secret_values(site) == ["inline-secret"]


def test_a_wrong_password_names_the_file_tried(site: Site) -> None:
    (site.path / "vault_password").write_text("wrong\n")
    with pytest.raises(SiteInvalid) as caught:
        hide.read_passwords(load.load(site.path, site.project, {}))
    assert str(site.path / "vault_password") in caught.value.detail
    assert "CC_ANSIBLE_VAULT_PASSWORD" in caught.value.fix


def test_no_password_says_where_to_put_it(site: Site, make_site: Make) -> None:
    (site.path / "vault_password").unlink()
    again = make_site({"passwords.yml": site.passwords_file.read_text()})
    with pytest.raises(SiteInvalid, match="no vault password"):
        hide.read_passwords(again)


def test_an_executable_password_file_is_run_once(site: Site, make_site: Make) -> None:
    text = site.passwords_file.read_text()
    (site.path / "ask").write_text(f"#!/bin/sh\necho asked >> '{site.path}/asked'\necho right\n")
    (site.path / "ask").chmod(0o755)
    env = {"CC_ANSIBLE_VAULT_PASSWORD": str(site.path / "ask")}
    again = make_site({"passwords.yml": text}, env)
    for _ in range(3):
        assert hide.read_passwords(again)["short"] == "abc"
    assert (site.path / "asked").read_text() == "asked\n"
    (site.path / "ask").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(SiteInvalid, match="cannot be used"):
        hide.read_passwords(make_site({"passwords.yml": text}, env))


def test_encrypt_and_decrypt_a_file(site: Site) -> None:
    file = site.path / "key with space.pem"
    file.write_text("private\n")
    assert vault.encrypt_file(site, file)
    assert not vault.encrypt_file(site, file)
    assert vault.decrypt_file(site, file)
    assert not vault.decrypt_file(site, file)
    assert file.read_text() == "private\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
