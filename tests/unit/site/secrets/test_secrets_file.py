"""Passwords in the encrypted file: read, edited, completed, and never overwritten for others."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cc_ansible.errors import CcError, Exit, SiteInvalid, UsageError
from cc_ansible.site import passwords, vault
from cc_ansible.site.load import Site
from cc_ansible.site.secrets import edit, store
from cc_ansible.site.secrets.store import Changed, Store

Make = Callable[..., Site]
PLAIN = "# ours\ndatabase_password: secret-of-the-db\nshort: abc\nkeys:\n  a: [nested-secret]\n"


@pytest.fixture
def site(make_site: Make) -> Site:
    made = make_site({"vault_password": "right\n", "passwords.yml": PLAIN})
    vault.encrypt_file(made, made.passwords_file)
    return made


@pytest.fixture
def opened(site: Site) -> Store:
    return store.open_store(site)


@pytest.fixture
def editor(tmp_path: Path) -> Callable[[str], str]:
    """An editor that runs a shell script on the file, ``$1``."""

    def make(script: str) -> str:
        file = tmp_path / "editor"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return str(file)

    return make


def never(error: CcError) -> bool:
    raise AssertionError(error)


def test_the_text_is_read_with_its_comments_and_its_values_without_tags(site: Site) -> None:
    inline = vault.encrypt(site, "inline-secret").replace("\n", "\n  ").rstrip()
    text = f"# ours\na: !vault |\n  {inline}\nb: !unsafe '{{{{ x }}}}'\n"
    vault.replace(site.passwords_file, vault.encrypt(site, text))
    seen = store.read(store.open_store(site))
    assert seen.text == text
    assert seen.values == {"a": "inline-secret", "b": "{{ x }}"}


def test_writing_encrypts_also_what_was_plain(make_site: Make) -> None:
    site = make_site({"vault_password": "right\n"})
    opened = store.open_store(site)
    opened.write("a: b\n", opened.read())
    assert vault.is_encrypted(site.passwords_file.read_text())
    assert opened.read().values == {"a": "b"}


def test_a_late_write_is_refused_and_nothing_is_lost(opened: Store) -> None:
    early, late = opened.read(), opened.read()
    opened.write("a: first\n", early)
    with pytest.raises(Changed, match="Somebody else changed") as caught:
        opened.write("a: second\n", late)
    assert caught.value.exit_code == Exit.LOCKED
    assert opened.read().values == {"a": "first"}


def test_what_is_no_mapping_is_not_written(opened: Store) -> None:
    with pytest.raises(SiteInvalid):
        opened.write("- a\n", opened.read())
    assert opened.read().text == PLAIN


def test_a_file_that_is_gone_is_an_empty_store(opened: Store, site: Site) -> None:
    opened.remove()
    opened.remove()
    assert opened.read().empty
    with pytest.raises(SiteInvalid, match="There are no passwords"):
        store.read(opened)
    opened.write("a: b\n", opened.read())
    assert site.passwords_file.stat().st_mode & 0o777 == 0o600


class TestEdit:
    def test_an_unchanged_text_writes_nothing(self, opened: Store, site: Site) -> None:
        before = site.passwords_file.read_text()
        assert not edit.edit(opened, never, "true").changed
        assert site.passwords_file.read_text() == before

    def test_blank_values_are_generated_and_comments_kept(
        self, opened: Store, editor: Callable[[str], str], tmp_path: Path
    ) -> None:
        script = f'echo "new_password:" >> "$1"; stat -c "%a %n" "$1" > {tmp_path}/seen'
        done = edit.edit(opened, never, editor(script))
        assert done.generated == ("new_password",)
        seen = opened.read()
        assert seen.text.startswith("# ours\ndatabase_password: secret-of-the-db\n")
        assert len(seen.values["new_password"]) == 40
        mode, draft = (tmp_path / "seen").read_text().split()
        assert mode == "600"
        assert draft.startswith("/dev/shm/")
        assert not Path(draft).exists()

    def test_a_text_that_does_not_parse_is_offered_again(
        self, opened: Store, editor: Callable[[str], str]
    ) -> None:
        script = 'if grep -q bad "$1"; then echo "ok: 1" > "$1"; else echo "bad: [" > "$1"; fi'
        asked: list[SiteInvalid] = []

        def again(error: SiteInvalid) -> bool:
            asked.append(error)
            return True

        assert edit.edit(opened, again, editor(script)).changed
        assert [error.origin.line for error in asked if error.origin] == [2]
        assert opened.read().values == {"ok": 1}

    def test_a_stored_text_that_does_not_parse_can_be_mended(
        self, opened: Store, site: Site, editor: Callable[[str], str]
    ) -> None:
        vault.replace(site.passwords_file, vault.encrypt(site, "a: [\n"))
        assert edit.edit(opened, never, editor('echo "a: b" > "$1"')).changed
        assert opened.read().values == {"a": "b"}

    def test_giving_up_writes_nothing(self, opened: Store, editor: Callable[[str], str]) -> None:
        with pytest.raises(SiteInvalid):
            edit.edit(opened, lambda error: False, editor('echo "a: [" > "$1"'))
        assert opened.read().text == PLAIN

    @pytest.mark.parametrize("command", ["false", "/none/editor", "''"])
    def test_a_failing_editor_writes_nothing(self, opened: Store, command: str) -> None:
        with pytest.raises(UsageError):
            edit.edit(opened, never, command)
        assert opened.read().text == PLAIN

    def test_what_others_changed_meanwhile_is_kept(
        self, opened: Store, editor: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.meanwhile(opened, monkeypatch, PLAIN.replace("abc", "theirs") + "added: too\n")
        done = edit.edit(opened, never, editor('sed -i "s/secret-of-the-db/mine/" "$1"'))
        assert done.merged == ("added", "short")
        values = opened.read().values
        assert (values["database_password"], values["short"]) == ("mine", "theirs")
        assert values["added"] == "too"
        assert opened.read().text.startswith("# ours\n")

    def test_the_same_password_changed_twice_is_refused(
        self, opened: Store, editor: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.meanwhile(opened, monkeypatch, PLAIN.replace("abc", "theirs"))
        with pytest.raises(Changed) as caught:
            edit.edit(opened, never, editor('sed -i "s/abc/mine/" "$1"'))
        assert "short" in caught.value.detail
        assert opened.read().values["short"] == "theirs"

    def meanwhile(self, opened: Store, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        """Somebody else writes while the editor is open."""
        real = edit._run_editor

        def run(command: list[str], draft: Path) -> None:
            opened.write(text, opened.read())
            real(command, draft)

        monkeypatch.setattr(edit, "_run_editor", run)

    def test_vim_keeps_nothing_of_the_text_on_disk(
        self, opened: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert shutil.which("vim"), "tests/packages installs vim"
        home = tmp_path / "home"
        (home / "kept").mkdir()
        rc = "set undofile undodir=~/kept backup backupdir=~/kept directory=~/kept\n"
        (home / ".vimrc").write_text(f"{rc}set viminfo='100,<50,n~/kept/viminfo\n")
        keys = tmp_path / "keys"
        keys.write_bytes(b":%s/secret-of-the-db/new-secret-of-ours/\rggyyGpdd:wq\r")
        editor = f"vim -s {keys} -u {home}/.vimrc"
        pid, handle = pty.fork()
        if pid == 0:
            os.environ["TERM"] = "xterm"
            edit.edit(opened, never, editor)
            os._exit(0)
        with contextlib.suppress(OSError):
            while os.read(handle, 4096):
                pass
        os.waitpid(pid, 0)
        assert opened.read().values["database_password"] == "new-secret-of-ours"
        assert [file for file in home.rglob("*") if file.is_file()] == [home / ".vimrc"]


class TestGenerate:
    @pytest.fixture(autouse=True)
    def short_list(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Kolla's real list holds key pairs, which take seconds each."""
        file = tmp_path / "kolla.yml"
        file.write_text("database_password:\nrbd_secret_uuid:\ndocker_registry_password:\n")
        monkeypatch.setattr(passwords, "kolla_passwords", lambda: file)

    def test_what_is_missing_or_blank_is_made_and_nothing_else(
        self, opened: Store, project: Path
    ) -> None:
        opened.write(PLAIN + "rbd_secret_uuid: ''\n", opened.read())
        assert passwords.complete(opened, project) == [
            "rbd_secret_uuid",
            "docker_registry_password",
        ]
        values = opened.read().values
        assert values["database_password"] == "secret-of-the-db"
        assert len(values["rbd_secret_uuid"]) == 36
        assert values["docker_registry_password"] is None
        assert passwords.complete(opened, project) == []

    def test_the_projects_own_list_counts_too(self, opened: Store, project: Path) -> None:
        (project / "kolla" / "passwords.yml").write_text("doni_password:\nfixed: as-listed\n")
        assert {"doni_password", "fixed"} <= set(passwords.complete(opened, project))
        assert opened.read().values["fixed"] == "as-listed"

    def test_somebody_elses_values_win(
        self, opened: Store, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = passwords.generated

        def slow(blanks: dict[str, object]) -> dict[str, object]:
            monkeypatch.setattr(passwords, "generated", real)
            opened.write(PLAIN + "rbd_secret_uuid: theirs\n", opened.read())
            return real(blanks)

        monkeypatch.setattr(passwords, "generated", slow)
        assert passwords.complete(opened, project) == ["docker_registry_password"]
        assert opened.read().values["rbd_secret_uuid"] == "theirs"


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


def test_kollas_generator_leaves_just_the_optional_ones_blank(tmp_path: Path) -> None:
    names = [name for name in passwords.known(tmp_path) if not name.endswith("_ssh_key")]
    assert set(names) - set(passwords.generated(dict.fromkeys(names))) == passwords.OPTIONAL
