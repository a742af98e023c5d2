"""Secrets with the real vault and Kolla-Ansible's real generator."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cc_ansible.errors import CcError, SiteInvalid, UsageError
from cc_ansible.site import passwords, vault, yamlfile
from cc_ansible.site.load import Site

Make = Callable[..., Site]
PLAIN = "# ours\ndatabase_password: secret-of-the-db\nshort: abc\nkeys:\n  a: [nested-secret]\n"


@pytest.fixture
def site(make_site: Make) -> Site:
    """A site with an encrypted passwords file."""
    made = make_site({"vault_password": "right\n", "passwords.yml": PLAIN})
    vault.encrypt_file(made, made.passwords_file)
    return made


def editor(tmp_path: Path, script: str) -> str:
    file = tmp_path / "editor"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def never(error: CcError) -> bool:
    raise AssertionError(error)


def test_passwords_are_decrypted_in_memory(site: Site) -> None:
    assert site.passwords_file.read_text().startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    assert vault.read_passwords(site)["database_password"] == "secret-of-the-db"
    assert vault.view(site, site.passwords_file) == PLAIN


def test_a_plaintext_file_is_accepted(make_site: Make) -> None:
    assert vault.read_passwords(make_site())["database_password"] == "secret-of-the-db"


def test_inline_vault_values_are_decrypted_too(make_site: Make) -> None:
    first = make_site({"vault_password": "right\n"})
    inline = yamlfile.Tagged("!vault", vault.encrypt(first, "inline-secret"))
    text = yamlfile.dump({"token": inline})
    site = make_site({"defaults.yml": text, "passwords.yml": text, "vault_password": "right\n"})
    assert vault.read_passwords(site) == {"token": "inline-secret"}
    assert vault.secret_values(site) == ["inline-secret"]


def test_secret_values_are_the_long_leaves(site: Site) -> None:
    assert vault.secret_values(site) == ["secret-of-the-db", "nested-secret"]


def test_a_wrong_password_names_the_file_tried(site: Site) -> None:
    (site.path / "vault_password").write_text("wrong\n")
    with pytest.raises(SiteInvalid) as caught:
        vault.read_passwords(site)
    assert str(site.path / "vault_password") in caught.value.detail
    assert "CC_ANSIBLE_VAULT_PASSWORD" in caught.value.fix


def test_no_password_says_where_to_put_it(site: Site, make_site: Make) -> None:
    (site.path / "vault_password").unlink()
    again = make_site({"passwords.yml": site.passwords_file.read_text()})
    with pytest.raises(SiteInvalid, match="no vault password"):
        vault.read_passwords(again)


def test_an_executable_password_file_is_run(site: Site, make_site: Make) -> None:
    text = site.passwords_file.read_text()
    (site.path / "ask").write_text("#!/bin/sh\necho right\n")
    (site.path / "ask").chmod(0o755)
    env = {"CC_ANSIBLE_VAULT_PASSWORD": str(site.path / "ask")}
    again = make_site({"passwords.yml": text}, env)
    assert vault.read_passwords(again)["short"] == "abc"
    (site.path / "ask").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(SiteInvalid, match="cannot be used"):
        vault.read_passwords(again)


def test_encrypt_and_decrypt_a_file(site: Site) -> None:
    file = site.path / "key with space.pem"
    file.write_text("private\n")
    assert vault.encrypt_file(site, file)
    assert not vault.encrypt_file(site, file)
    assert vault.decrypt_file(site, file)
    assert not vault.decrypt_file(site, file)
    assert file.read_text() == "private\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


class TestEdit:
    def test_an_unchanged_text_writes_nothing(self, site: Site) -> None:
        before = site.passwords_file.read_text()
        assert not passwords.edit(site, never, "true")
        assert site.passwords_file.read_text() == before

    def test_blank_values_are_generated_and_comments_kept(self, site: Site, tmp_path: Path) -> None:
        script = 'echo "new_password:" >> "$1"; stat -c "%a %n" "$1" > seen'.replace(
            "seen", str(tmp_path / "seen")
        )
        assert passwords.edit(site, never, editor(tmp_path, script))
        text = vault.view(site, site.passwords_file)
        assert text.startswith("# ours\ndatabase_password: secret-of-the-db\n")
        assert len(vault.read_passwords(site)["new_password"]) == 40
        mode, draft = (tmp_path / "seen").read_text().split()
        assert mode == "600"
        assert draft.startswith("/dev/shm/")
        assert not Path(draft).exists()

    def test_a_text_that_does_not_parse_is_offered_again(self, site: Site, tmp_path: Path) -> None:
        script = 'if grep -q bad "$1"; then echo "ok: 1" > "$1"; else echo "bad: [" > "$1"; fi'
        asked: list[SiteInvalid] = []

        def again(error: SiteInvalid) -> bool:
            asked.append(error)
            return True

        assert passwords.edit(site, again, editor(tmp_path, script))
        assert len(asked) == 1
        assert vault.read_passwords(site) == {"ok": 1}

    def test_giving_up_writes_nothing(self, site: Site, tmp_path: Path) -> None:
        before = site.passwords_file.read_text()
        with pytest.raises(SiteInvalid):
            passwords.edit(site, lambda error: False, editor(tmp_path, 'echo "a: [" > "$1"'))
        assert site.passwords_file.read_text() == before

    @pytest.mark.parametrize("command", ["false", "/none/editor"])
    def test_a_failing_editor_writes_nothing(self, site: Site, command: str) -> None:
        before = site.passwords_file.read_text()
        with pytest.raises(UsageError):
            passwords.edit(site, never, command)
        assert site.passwords_file.read_text() == before


def test_generated_values_fit_their_keys() -> None:
    made = passwords.generated(
        {
            "rbd_secret_uuid": None,
            "docker_registry_password": None,
            "barbican_crypto_key": None,
            "our_ssh_key": None,
        }
    )
    assert len(made["rbd_secret_uuid"]) == 36
    assert "docker_registry_password" not in made
    assert made["barbican_crypto_key"].endswith("=")
    assert made["our_ssh_key"]["public_key"].startswith("ssh-rsa ")
