"""Passwords on a real OpenBao server: AppRole, least privilege, conflicts, and everything wrong."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path

import openbao
import pytest

from cc_ansible.errors import CcError, Exit, SiteInvalid
from cc_ansible.site import vault
from cc_ansible.site.load import Site
from cc_ansible.site.secrets import edit, hide, store
from cc_ansible.site.secrets.store import Changed

MakeKv = Callable[..., Site]
Put = Callable[..., None]


def never(error: CcError) -> bool:
    raise AssertionError(error)


def test_what_another_program_wrote_is_read(make_kv_site: MakeKv, put: Put) -> None:
    pair = {"private_key": "-----BEGIN\nx\n", "public_key": "ssh-rsa x"}
    put(database_password="from-the-server", number=7, blank=None, nova_ssh_key=pair)
    seen = store.read(store.open_store(make_kv_site()))
    assert seen.values == {
        "blank": None,
        "database_password": "from-the-server",
        "nova_ssh_key": pair,
        "number": 7,
    }
    assert "private_key: |\n" in seen.text


def test_what_is_written_comes_back_and_texts_stay_texts(make_kv_site: MakeKv) -> None:
    site = make_kv_site({"vault_password": "right\n"})
    opened = store.open_store(site)
    inline = vault.encrypt(site, "inline-secret").replace("\n", "\n  ").rstrip()
    text = f"a: !unsafe '{{{{ x }}}}'\nb: '{{{{ a }}}}'\nc: !vault |\n  {inline}\n"
    opened.write(text, opened.read())
    seen = opened.read()
    assert seen.values == {"a": "{{ x }}", "b": "{{ a }}", "c": "inline-secret"}
    assert "a: !unsafe '{{ x }}'" in seen.text
    assert "!vault" not in seen.text


def test_a_value_that_json_cannot_hold_is_refused_with_its_line(make_kv_site: MakeKv) -> None:
    opened = store.open_store(make_kv_site())
    with pytest.raises(SiteInvalid, match="born holds a value") as caught:
        opened.write("a: 1\nborn: 2024-01-01\n", opened.read())
    assert caught.value.origin and caught.value.origin.line == 2
    assert opened.read().empty


def test_a_late_write_is_refused_also_the_first_one(make_kv_site: MakeKv, put: Put) -> None:
    opened = store.open_store(make_kv_site())
    nothing = opened.read()
    put(a="theirs")
    with pytest.raises(Changed):
        opened.write("a: mine\n", nothing)
    seen = opened.read()
    put(a="theirs again")
    with pytest.raises(Changed) as caught:
        opened.write("a: mine\n", seen)
    assert caught.value.exit_code == Exit.LOCKED
    assert opened.read().values == {"a": "theirs again"}


def test_a_deleted_secret_is_an_empty_store_that_can_be_filled(
    make_kv_site: MakeKv, put: Put, bao: openbao.Server, kv_path: str
) -> None:
    put(a="1")
    put(a="2")
    opened = store.open_store(make_kv_site())
    bao.call("DELETE", f"secret/data/{kv_path}")
    assert opened.read().empty
    opened.write("a: 3\n", opened.read())
    bao.call("PUT", f"secret/destroy/{kv_path}", {"versions": [3]})
    opened.write("a: 4\n", opened.read())
    assert opened.read().values == {"a": 4}
    opened.remove()
    assert opened.read().version == 0


def test_no_secret_at_the_path_says_how_to_bring_it_there(make_kv_site: MakeKv) -> None:
    with pytest.raises(SiteInvalid, match="There are no passwords in secret/chi/") as caught:
        store.read(store.open_store(make_kv_site()))
    assert "passwords migrate" in caught.value.fix


def test_editing_merges_what_others_changed(
    make_kv_site: MakeKv, put: Put, bao: openbao.Server, kv_path: str, tmp_path: Path
) -> None:
    put(mine="old", theirs="old")
    body = '{"data": {"mine": "old", "theirs": "new"}}'
    script = tmp_path / "editor"
    script.write_text(
        "#!/bin/sh\n"
        f"{sys.executable} - <<'END'\n"
        "import urllib.request\n"
        f"request = urllib.request.Request('{bao.url}/v1/secret/data/{kv_path}', "
        f"data=b'{body}', headers={{'X-Vault-Token': '{openbao.ROOT}'}})\n"
        "urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)\n"
        "END\n"
        'sed -i "s/mine: old/mine: new/" "$1"\n'
    )
    script.chmod(0o755)
    opened = store.open_store(make_kv_site())
    assert edit.edit(opened, never, str(script)).merged == ("theirs",)
    assert opened.read().values == {"mine": "new", "theirs": "new"}


class TestAppRole:
    def site(
        self, make_kv_site: MakeKv, bao: openbao.Server, kv_path: str, *capabilities: str
    ) -> Site:
        role, secret = bao.approle("secret", kv_path, *capabilities)
        files = {"secret-id": f"{secret}\n"}
        auth = {"method": "approle", "role_id": role, "secret_id": {"file": "secret-id"}}
        return make_kv_site(files, auth=auth)

    def test_the_least_privilege_suffices_for_reading_and_writing(
        self, make_kv_site: MakeKv, bao: openbao.Server, kv_path: str
    ) -> None:
        opened = store.open_store(self.site(make_kv_site, bao, kv_path, "create", "read", "update"))
        opened.write("a: 1\n", opened.read())
        opened.write("a: 2\n", opened.read())
        assert opened.read().values == {"a": 2}

    def test_reading_alone_may_not_write(
        self, make_kv_site: MakeKv, bao: openbao.Server, kv_path: str, put: Put
    ) -> None:
        put(a="1")
        opened = store.open_store(self.site(make_kv_site, bao, kv_path, "read"))
        seen = opened.read()
        with pytest.raises(SiteInvalid, match="denies access") as caught:
            opened.write("a: 2\n", seen)
        assert f"`secret/data/{kv_path}`" in caught.value.fix
        assert "permission denied" in caught.value.detail

    def test_no_policy_at_all(
        self, make_kv_site: MakeKv, bao: openbao.Server, kv_path: str
    ) -> None:
        with pytest.raises(SiteInvalid, match="denies access"):
            store.open_store(self.site(make_kv_site, bao, f"{kv_path}-other", "read")).read()

    def test_a_wrong_secret_id(
        self, make_kv_site: MakeKv, bao: openbao.Server, kv_path: str
    ) -> None:
        site = self.site(make_kv_site, bao, kv_path, "read")
        (site.path / "secret-id").write_text("ffffffff-0000-0000-0000-000000000000\n")
        with pytest.raises(SiteInvalid, match="does not accept the login"):
            store.open_store(site).read()

    def test_the_token_is_revoked_and_hidden(
        self, make_kv_site: MakeKv, bao: openbao.Server, kv_path: str, put: Put
    ) -> None:
        put(a="a long password")
        site = self.site(make_kv_site, bao, kv_path, "read")
        opened = store.open_store(site)
        seen = opened.read()
        secret_id, token = opened.credentials()
        assert secret_id == (site.path / "secret-id").read_text().strip()
        with pytest.raises(urllib.error.HTTPError) as caught:
            bao.call("POST", "auth/token/lookup", {"token": token})
        assert caught.value.code in (403, 404)
        assert {secret_id, token, "a long password"} <= set(
            hide.all_of(site, seen.values, opened.credentials())
        )

    def test_role_and_secret_from_the_environment(
        self,
        make_kv_site: MakeKv,
        bao: openbao.Server,
        kv_path: str,
        put: Put,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        put(a="1")
        role, secret = bao.approle("secret", kv_path, "read")
        site = make_kv_site(auth={"method": "approle"})
        with pytest.raises(SiteInvalid, match="There is no role_id") as caught:
            store.open_store(site).read()
        assert "BAO_ROLE_ID" in caught.value.fix
        monkeypatch.setenv("VAULT_ROLE_ID", role)
        monkeypatch.setenv("VAULT_SECRET_ID", secret)
        assert store.open_store(site).read().values == {"a": "1"}


class TestToken:
    def test_from_a_file_and_from_the_environment_of_either_server(
        self, make_kv_site: MakeKv, put: Put, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(a="1")
        site = make_kv_site({"token": "root\n"}, auth={"token": {"file": "token"}})
        assert store.open_store(site).read().values == {"a": "1"}
        site = make_kv_site(auth=None)
        with pytest.raises(SiteInvalid, match="There is no token"):
            store.open_store(site).read()
        monkeypatch.setenv("VAULT_TOKEN", "wrong")
        monkeypatch.setenv("BAO_TOKEN", "root")
        assert store.open_store(site).read().values == {"a": "1"}
        with pytest.raises(SiteInvalid, match="does not accept the login"):
            store.open_store(site, "hashicorp-vault").read()

    def test_from_the_file_that_the_servers_command_line_writes(
        self, make_kv_site: MakeKv, put: Put, tmp_path: Path
    ) -> None:
        put(a="1")
        (tmp_path / "home" / ".vault-token").write_text("root")
        assert store.open_store(make_kv_site(auth=None)).read().values == {"a": "1"}

    def test_address_and_token_from_dotenv(
        self, make_kv_site: MakeKv, put: Put, bao: openbao.Server
    ) -> None:
        put(a="1")
        files = {".env": f"VAULT_ADDR={bao.url}\nVAULT_TOKEN=root\n"}
        site = make_kv_site(files, url=None, auth=None)
        assert store.open_store(site).read().values == {"a": "1"}
        assert "root" not in hide.secret_values(site), "too short to be told from other words"

    def test_a_wrong_one(self, make_kv_site: MakeKv) -> None:
        auth = {"token": {"command": ["echo", "hvs.wrong-token"]}}
        with pytest.raises(SiteInvalid, match="does not accept the login") as caught:
            store.open_store(make_kv_site(auth=auth)).read()
        assert caught.value.exit_code == Exit.SITE_INVALID
        assert "hvs.wrong-token" not in str(vars(caught.value))


class TestServer:
    def test_no_address_and_an_unsafe_one(
        self, make_kv_site: MakeKv, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site = make_kv_site(url=None)
        with pytest.raises(SiteInvalid, match=r"No secrets server is named\."):
            store.open_store(site).read()
        monkeypatch.setenv("BAO_ADDR", "http://vault.example.org:8200")
        with pytest.raises(SiteInvalid, match="BAO_ADDR must begin with https://"):
            store.open_store(site).read()

    def test_it_is_down(self, make_kv_site: MakeKv) -> None:
        url = f"http://127.0.0.1:{openbao.free_port()}"
        with pytest.raises(CcError, match=f"{url} cannot be reached") as caught:
            store.open_store(make_kv_site(url=url)).read()
        assert caught.value.exit_code == Exit.UNEXPECTED
        assert "refused" in caught.value.detail

    def test_something_else_answers(self, make_kv_site: MakeKv, serve: Callable[..., str]) -> None:
        from http.server import BaseHTTPRequestHandler

        class Teapot(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(418)
                self.end_headers()
                self.wfile.write(b"I am a teapot")

        with pytest.raises(CcError, match="cannot do what was asked"):
            store.open_store(make_kv_site(url=f"http://{serve(Teapot)}")).read()

    def test_it_is_sealed(self, tmp_path: Path, make_kv_site: MakeKv) -> None:
        server = openbao.Server(tmp_path / "sealed")
        server.start()
        try:
            server.call("PUT", "sys/seal")
            with pytest.raises(CcError, match="is sealed or in maintenance"):
                store.open_store(make_kv_site(url=server.url)).read()
        finally:
            server.stop()

    def test_no_engine_is_mounted_there(self, make_kv_site: MakeKv) -> None:
        opened = store.open_store(make_kv_site(mount="nowhere"))
        with pytest.raises(SiteInvalid, match="nowhere is no KV engine of version 2") as caught:
            opened.read()
        assert "-path=nowhere" in caught.value.fix

    def test_an_engine_of_version_1_is_not_written_to(
        self, make_kv_site: MakeKv, bao: openbao.Server, kv_path: str
    ) -> None:
        bao.call("POST", "sys/mounts/old", {"type": "kv", "options": {"version": "1"}})
        opened = store.open_store(make_kv_site(mount="old"))
        with pytest.raises(SiteInvalid, match="old is no KV engine of version 2"):
            opened.write("a: 1\n", opened.read())
        bao.call("POST", f"old/data/{kv_path}", {"data": "something"})
        with pytest.raises(SiteInvalid, match="old is no KV engine of version 2"):
            opened.read()

    def test_a_namespace_is_kept_apart(
        self, make_kv_site: MakeKv, bao: openbao.Server, put: Put, kv_path: str
    ) -> None:
        put(a="outside")
        bao.call("POST", "sys/namespaces/team", {})
        kind = {"type": "kv", "options": {"version": "2"}}
        bao.call("POST", "sys/mounts/secret", kind, namespace="team")
        opened = store.open_store(make_kv_site(namespace="team"))
        assert opened.read().empty
        opened.write("a: inside\n", opened.read())
        inside = bao.call("GET", f"secret/data/{kv_path}", namespace="team")
        assert inside["data"]["data"] == {"a": "inside"}
        assert store.open_store(make_kv_site()).read().values == {"a": "outside"}


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openbao.Server]:
    server = openbao.Server(tmp_path_factory.mktemp("tls"), tls=True)
    server.start()
    yield server
    server.stop()


class TestCertificates:
    def test_they_are_verified(self, make_kv_site: MakeKv, secure: openbao.Server) -> None:
        with pytest.raises(SiteInvalid, match="certificate of https://127") as caught:
            store.open_store(make_kv_site(url=secure.url)).read()
        assert "secrets.ca_cert" in caught.value.fix
        assert "certificate verify failed" in caught.value.detail

    def test_also_when_the_environment_says_not_to(
        self, make_kv_site: MakeKv, secure: openbao.Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BAO_SKIP_VERIFY", "1")
        monkeypatch.setenv("VAULT_SKIP_VERIFY", "1")
        with pytest.raises(SiteInvalid, match="certificate of https://127"):
            store.open_store(make_kv_site(url=secure.url)).read()

    def test_the_site_names_its_authority(
        self, make_kv_site: MakeKv, secure: openbao.Server
    ) -> None:
        files = {"certificates/ca.pem": secure.ca.read_text()}
        site = make_kv_site(files, url=secure.url, ca_cert="certificates/ca.pem")
        assert store.open_store(site).read().empty

    def test_one_that_is_missing(self, make_kv_site: MakeKv, secure: openbao.Server) -> None:
        site = make_kv_site(url=secure.url, ca_cert="certificates/none.pem")
        with pytest.raises(SiteInvalid, match=r"certificates/none\.pem does not exist"):
            store.open_store(site).read()


def test_a_site_with_a_file_never_imports_the_client(make_site: Callable[..., Site]) -> None:
    site = make_site()
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from cc_ansible.site import load\n"
        "from cc_ansible.site.secrets import hide\n"
        f"site = load.load(Path({str(site.path)!r}), Path({str(site.project)!r}), {{}})\n"
        "assert hide.secret_values(site)\n"
        "assert not {'hvac', 'requests', 'pydantic', 'keyring'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
