"""What ``secrets`` in defaults.yml may say, and how it is told that it may not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cc_ansible.errors import SiteInvalid
from cc_ansible.site.load import Site
from cc_ansible.site.secrets.settings import Secrets, checked_url

Make = Callable[..., Site]
SECRET = "hvs.this-is-the-secret-itself"


def test_a_site_without_the_variable_keeps_its_file(make_site: Make) -> None:
    assert make_site().secrets is None


def test_the_file_is_the_default_and_needs_nothing_else(make_site: Make) -> None:
    site = make_site({"defaults.yml": "secrets:\n"})
    assert site.secrets == Secrets()
    assert not site.secrets.on_server


def test_everything_can_be_said(make_site: Make) -> None:
    text = """\
secrets:
  backend: openbao
  url: https://bao.example.org:8200/
  mount: kv
  path: /chi/mysite/
  namespace: team
  ca_cert: certificates/bao-ca.pem
  auth:
    method: approle
    mount: sites
    role_id: some-role
    secret_id: {command: [pass, show, chi]}
  vault_password:
    keyring: {username: mysite}
"""
    secrets = make_site({"defaults.yml": text, "passwords.yml": None}).secrets
    assert secrets is not None
    assert secrets.on_server
    assert (secrets.url, secrets.path) == ("https://bao.example.org:8200", "chi/mysite")
    assert secrets.vault_password and secrets.vault_password.keyring
    assert secrets.vault_password.keyring.service == "cc-ansible"


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("backend: vaultt", "secrets.backend must be 'ansible-vault'", 2),
        ("backnd: openbao", "secrets.backnd is not known; did you mean `backend`?", 2),
        ("backend: openbao", "secrets backend openbao needs path", 1),
        ("path: chi//x", "secrets.path must be a path such as chi/mysite", 2),
        ("path: ../x", "secrets.path must be a path", 2),
        ("url: vault.example.org", "secrets.url must be a URL such as https", 2),
        ("url: http://vault.example.org", "secrets.url must begin with https://", 2),
        ("url: https://me:x@vault.example.org", "must not hold a user or password", 2),
        ("path: '{{ site }}'", "secrets.path is a template", 2),
        ("auth: {method: ldap}", "secrets.auth.method must be 'token' or 'approle'", 2),
        ("auth:\n    roleid: x", "secrets.auth.roleid is not known; did you mean `role_id`?", 3),
        ("auth: {role_id: x}", "secrets.auth method token does not use role_id", 2),
        (f"auth: {{token: {SECRET}}}", "secrets.auth.token must say where the secret is", 2),
        (f"vault_password: {SECRET}", "secrets.vault_password must say where the secret is", 2),
        ("vault_password: {}", "needs one of file, command and keyring", 2),
        ("vault_password: {file: a, command: b}", "needs one of file, command and keyring", 2),
        ("vault_password: {keyring: {}}", "secrets.vault_password.keyring.username is missing", 2),
        ("vault_password: {command: 3}", "secrets.vault_password.command must be", 2),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    text: str, said: str, line: int, make_site: Make
) -> None:
    with pytest.raises(SiteInvalid) as caught:
        make_site({"defaults.yml": f"secrets:\n  {text}\n"})
    assert said in caught.value.summary
    assert caught.value.origin and caught.value.origin.line == line
    assert SECRET not in f"{caught.value.summary} {caught.value.detail} {caught.value.fix}"


def test_the_line_is_that_of_the_layer_that_says_it(make_site: Make) -> None:
    with pytest.raises(SiteInvalid) as caught:
        make_site(
            {
                "defaults.yml": "secrets:\n  mount: kv\n",
                "globals.d/10-secrets.yml": "a: 1\nsecrets:\n  path: a//b\n",
            }
        )
    origin = caught.value.origin
    assert origin and (origin.file.name, origin.line) == ("10-secrets.yml", 3)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8200", "http://localhost:1", "http://[::1]:8200", "https://x"]
)
def test_plain_http_is_for_this_machine_only(url: str) -> None:
    assert checked_url(url) == url


def test_a_site_on_a_server_has_no_passwords_file(make_site: Make) -> None:
    site = make_site(
        {"defaults.yml": "secrets: {backend: openbao, path: a}\n", "passwords.yml": None}
    )
    assert site.secrets and site.secrets.on_server
    with pytest.raises(SiteInvalid, match=r"has no passwords\.yml"):
        (site.path / "defaults.yml").write_text("{}\n")
        make_site({"passwords.yml": None})


class TestVaultPassword:
    def site(self, make_site: Make, value: Any, files: Any = None, env: Any = None) -> Site:
        import json

        text = f"secrets: {{vault_password: {json.dumps(value)}}}\n"
        return make_site({"defaults.yml": text, **(files or {})}, env)

    def test_from_a_file_relative_to_the_site(self, make_site: Make) -> None:
        site = self.site(make_site, {"file": "keys/vault"}, {"keys/vault": "from-the-file\n"})
        assert site.vault_password.value == b"from-the-file"
        assert site.vault_password_file == site.path / "keys/vault"

    def test_a_file_that_is_missing_stops_at_once(self, make_site: Make) -> None:
        with pytest.raises(SiteInvalid, match="keys/vault does not exist") as caught:
            self.site(make_site, {"file": "keys/vault"})
        assert "secrets.vault_password" in caught.value.detail

    @pytest.mark.parametrize("command", ["printf 'from command\\n'", ["printf", "from command\n"]])
    def test_from_a_command(self, make_site: Make, command: Any) -> None:
        site = self.site(make_site, {"command": command})
        assert site.vault_password.value == b"from command"

    def test_a_command_runs_in_the_site_with_its_environment(self, make_site: Make) -> None:
        files = {".env": "WHO=me\n", "ask": "#!/bin/sh\necho $WHO in $PWD\n"}
        site = self.site(make_site, {"command": ["sh", "ask"]}, files)
        assert site.vault_password.value == f"me in {site.path}".encode()

    def test_a_failing_command_is_told_without_its_output(self, make_site: Make) -> None:
        script = f"#!/bin/sh\necho {SECRET}\necho locked >&2\nexit 4\n"
        site = self.site(make_site, {"command": ["sh", "ask"]}, {"ask": script})
        with pytest.raises(SiteInvalid, match="exit code 4") as caught:
            _ = site.vault_password.value
        assert "locked" in caught.value.detail
        assert SECRET not in caught.value.detail

    @pytest.mark.parametrize("command", ["/none/such", "true"])
    def test_a_command_that_gives_nothing(self, make_site: Make, command: str) -> None:
        site = self.site(make_site, {"command": command})
        with pytest.raises(SiteInvalid, match="vault password"):
            _ = site.vault_password.value

    def test_the_older_variable_wins(self, make_site: Make, tmp_path: Path) -> None:
        (tmp_path / "other").write_text("from-the-variable\n")
        env = {"CC_ANSIBLE_VAULT_PASSWORD": str(tmp_path / "other")}
        site = self.site(make_site, {"command": "false"}, env=env)
        assert site.vault_password.value == b"from-the-variable"


class TestKeyring:
    @pytest.fixture(autouse=True)
    def ring(self) -> Any:
        import keyring
        from keyring.backend import KeyringBackend

        class Memory(KeyringBackend):
            priority = 1  # type: ignore[assignment]

            def __init__(self) -> None:
                super().__init__()
                self.entries = {("cc-ansible", "mysite"): "from-the-keyring"}

            def get_password(self, service: str, username: str) -> str | None:
                return self.entries.get((service, username))

            def set_password(self, service: str, username: str, password: str) -> None:
                self.entries[service, username] = password

        before = keyring.get_keyring()
        keyring.set_keyring(Memory())
        yield
        keyring.set_keyring(before)

    def site(self, make_site: Make, username: str) -> Site:
        text = f"secrets: {{vault_password: {{keyring: {{username: {username}}}}}}}\n"
        return make_site({"defaults.yml": text})

    def test_the_entry_is_read(self, make_site: Make) -> None:
        assert self.site(make_site, "mysite").vault_password.value == b"from-the-keyring"

    def test_an_entry_that_is_missing_can_be_stored(self, make_site: Make) -> None:
        with pytest.raises(SiteInvalid) as caught:
            _ = self.site(make_site, "other").vault_password.value
        assert caught.value.fix == "Store it: `keyring set cc-ansible other`."

    def test_a_machine_without_a_keyring(self, make_site: Make) -> None:
        import keyring
        import keyring.backends.fail

        keyring.set_keyring(keyring.backends.fail.Keyring())
        with pytest.raises(SiteInvalid, match="keyring cannot be asked") as caught:
            _ = self.site(make_site, "mysite").vault_password.value
        assert "use a file or a command" in caught.value.fix
