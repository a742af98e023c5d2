"""cc-ansible passwords, as it is typed: both stores, exit codes, what is printed."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openbao
import pytest
import small_site
import yaml

from cc_ansible.cli.main import main
from cc_ansible.errors import Exit
from cc_ansible.kolla import known, run
from cc_ansible.paths import PROJECT
from cc_ansible.site import passwords, vault, yamlfile
from cc_ansible.site.load import load
from cc_ansible.site.secrets import store

CANARY = f"canary-{secrets.token_hex(8)}"
FULL = {
    name: {"private_key": f"private key of {name}", "public_key": "ssh-rsa AAA"}
    if name.endswith("_ssh_key")
    else f"good-{name}-{CANARY[-8:]}"
    for name in known.passwords()
}
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def no_login_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("VAULT_", "BAO_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(params=["ansible-vault", "openbao"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def full_site(
    site_dir: Path, backend: str, bao: openbao.Server, request: pytest.FixtureRequest
) -> Path:
    """A site whose passwords are all there, in one of the stores."""
    (site_dir / "vault_password").write_text("a long vault password\n")
    (site_dir / "vault_password").chmod(0o600)
    (site_dir / "token").write_text(openbao.ROOT)
    (site_dir / "token").chmod(0o600)
    path = "".join(c if c.isalnum() else "-" for c in request.node.name)
    settings = {"backend": backend, "url": bao.url, "path": path}
    settings["auth"] = {"token": {"file": "token"}}
    (site_dir / "defaults.yml").write_text(
        small_site.DEFAULTS + yaml.safe_dump({"secrets": settings})
    )
    site = load(site_dir, env={})
    text = yamlfile.dump(FULL)
    if backend == "openbao":
        (site_dir / "passwords.yml").unlink()
        opened = store.open_store(site)
        opened.write(text, opened.read())
    else:
        vault.replace(site.passwords_file, vault.encrypt(site, text))
    return site_dir


@pytest.fixture
def say(full_site: Path, capfd: pytest.CaptureFixture[str]) -> Say:
    """Run a command on the site: exit code, standard output, standard error."""

    def run(*words: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([*words, "-s", str(full_site)])
        return code, *capfd.readouterr()

    return run


def values(site: Path) -> dict[str, object]:
    return dict(store.read(store.open_store(load(site, env={}))).values)


def change(site: Path, **changed: object) -> None:
    opened = store.open_store(load(site, env={}))
    seen = opened.read()
    new = {**seen.values, **changed}
    opened.write(yamlfile.dump({k: v for k, v in new.items() if v != "gone"}), seen)


@pytest.fixture
def no_run(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str], dict[str, object]]]:
    """Runs that would have been started."""
    started: list[tuple[str, list[str], dict[str, object]]] = []

    def action(site: object, name: str, arguments: list[str], **options: object) -> None:
        started.append((name, arguments, options))

    monkeypatch.setattr(run, "action", action)
    return started


def test_view_shows_all_or_the_values_asked_for(say: Say) -> None:
    code, out, _ = say("passwords", "view")
    assert (code, yaml.safe_load(out)) == (Exit.OK, FULL)
    assert say("view_passwords")[1] == say("view-passwords")[1] == out
    code, out, _ = say("passwords", "view", "keystone_admin_password", "metadata_secret")
    assert out == f"{FULL['keystone_admin_password']}\n{FULL['metadata_secret']}\n"
    code, out, _ = say("passwords", "view", "nova_ssh_key")
    assert yaml.safe_load(out) == FULL["nova_ssh_key"]
    code, out, err = say("passwords", "view", "metadata_secret", "keystone_admin_pasword")
    assert (code, out) == (Exit.USAGE, "")
    assert "Did you mean keystone_admin_password?" in err


def test_edit_tells_what_it_did(
    say: Say, full_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    assert say("passwords", "edit")[:2] == (Exit.OK, "Nothing changed.\n")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "ours:" >> "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    code, out, _ = say("edit_passwords")
    assert (code, out) == (Exit.OK, "Generated: ours.\nSaved, encrypted.\n")
    assert len(str(values(full_site)["ours"])) == 40


def test_generate_fills_and_names_only(say: Say, full_site: Path) -> None:
    assert say("passwords", "generate") == (Exit.OK, "No password is missing.\n", "")
    change(full_site, metadata_secret="gone", designate_rndc_key=None)
    code, out, _ = say("passwords", "generate", "--check")
    assert (code, out) == (Exit.CHANGES_PENDING, "Missing: metadata_secret, designate_rndc_key.\n")
    assert values(full_site)["designate_rndc_key"] is None
    code, out, _ = say("passwords", "generate", "--output", "json")
    assert json.loads(out) == {"generated": ["metadata_secret", "designate_rndc_key"]}
    found = values(full_site)
    assert len(str(found["metadata_secret"])) == 40
    assert {**found, "metadata_secret": 0, "designate_rndc_key": 0} == {
        **FULL,
        "metadata_secret": 0,
        "designate_rndc_key": 0,
    }
    assert str(found["metadata_secret"]) not in out


def test_generate_starts_an_empty_store(
    say: Say, full_site: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    short = full_site / "short.yml"
    short.write_text("database_password:\n")
    monkeypatch.setattr(passwords, "kolla_passwords", lambda: short)
    store.open_store(load(full_site, env={})).remove()
    code, out, err = say("passwords", "generate")
    if backend == "ansible-vault":
        assert code == Exit.SITE_INVALID
        assert "has no passwords.yml" in err
    else:
        ours = yamlfile.load_mapping(PROJECT / "kolla" / "passwords.yml").value
        names = ["database_password", *ours]
        assert (code, out) == (Exit.OK, f"Generated: {', '.join(names)}.\n")
        assert sorted(values(full_site)) == sorted(names)


def test_rotate_changes_and_says_what_to_deploy(say: Say, full_site: Path) -> None:
    code, out, _ = say("passwords", "rotate", "metadata_secret", "neutron_keystone_password")
    assert code == Exit.OK
    assert out.splitlines() == [
        "New values: metadata_secret, neutron_keystone_password.",
        "metadata_secret: Until the deploy is done, instances may get no metadata.",
        "Used by: neutron, nova, nova-cell.",
        "They take effect with:",
        f"  cc-ansible -s {full_site} deploy --tags neutron,nova,nova-cell",
    ]
    found = values(full_site)
    changed = {name for name in FULL if found[name] != FULL[name]}
    assert changed == {"metadata_secret", "neutron_keystone_password"}
    assert str(found["metadata_secret"]) not in out


def test_rotate_and_deploy_at_once_hides_the_old_values_too(
    say: Say, full_site: Path, no_run: list[tuple[str, list[str], dict[str, object]]]
) -> None:
    code, out, _ = say("passwords", "rotate", "metadata_secret", "--deploy")
    assert code == Exit.OK
    ((name, arguments, options),) = no_run
    assert (name, arguments) == ("deploy", ["--tags", "neutron,nova,nova-cell"])
    assert options["hidden"] == [FULL["metadata_secret"]]
    assert "take effect" not in out


def test_rotate_can_be_tried_first(
    say: Say, full_site: Path, no_run: list[tuple[str, list[str], dict[str, object]]]
) -> None:
    words = ["passwords", "rotate", "metadata_secret", "--dry-run"]
    out = say(*words, "--deploy")[1]
    assert out.startswith("Would get new values: metadata_secret.\n")
    out = say(*words, "--output", "json")[1]
    assert json.loads(out)["tags"] == ["neutron", "nova", "nova-cell"]
    assert values(full_site) == FULL
    assert no_run == []


def test_rotate_refuses_as_a_whole(say: Say, full_site: Path) -> None:
    code, out, err = say("passwords", "rotate", "metadata_secret", "database_password")
    assert (code, out) == (Exit.USAGE, "")
    assert "database_password cannot be rotated by a deploy. Nothing was changed." in err
    assert "1. on a host of group mariadb" in err
    assert values(full_site) == FULL


def test_a_deploy_without_a_password_that_it_needs_stops_at_once(say: Say, full_site: Path) -> None:
    change(full_site, metadata_secret="gone")
    code, _, err = say("deploy")
    assert code == Exit.SITE_INVALID
    assert "metadata_secret" in err
    assert "passwords generate" in err


def test_check_finds_and_fails(say: Say, full_site: Path) -> None:
    assert say("passwords", "check", "--strict")[0] == Exit.OK
    change(full_site, metadata_secret="weak")
    code, out, _ = say("passwords", "check")
    assert code == Exit.OK
    assert "[password-weak]" in out
    assert say("passwords", "check", "--strict")[0] == Exit.SITE_INVALID
    change(full_site, metadata_secret="gone")
    code, out, _ = say("passwords", "check", "--output", "json")
    assert code == Exit.SITE_INVALID
    (finding,) = json.loads(out)["findings"]
    assert (finding["rule"], finding["severity"]) == ("password-missing", "error")


def test_migrate_there_and_back(say: Say, full_site: Path, backend: str) -> None:
    other = "ansible-vault" if backend == "openbao" else "openbao"
    before = (full_site / "defaults.yml").read_text()
    code, out, err = say("passwords", "migrate", "--to", other, "--dry-run")
    assert (code, err) == (Exit.OK, "")
    assert "would be copied" in out
    assert (full_site / "defaults.yml").read_text() == before
    code, out, _ = say("passwords", "migrate", "--to", other)
    assert code == Exit.OK
    assert f"{len(FULL)} passwords copied from" in out
    assert f"defaults.yml was changed: secrets.backend is {other}." in out
    assert f"passwords migrate --to {other} --remove-old" in out
    assert values(full_site) == FULL
    code, out, _ = say("passwords", "migrate", "--to", other, "--remove-old")
    assert "was removed." in out
    code, out, _ = say("passwords", "migrate", "--to", backend, "--remove-old")
    assert code == Exit.OK
    assert values(full_site) == FULL
    assert yaml.safe_load((full_site / "defaults.yml").read_text()) == yaml.safe_load(before)


def test_the_group_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["passwords", "--help"]) == Exit.OK
    text = capsys.readouterr().out
    for name in ("view", "edit", "generate", "rotate", "check", "migrate"):
        assert f"\n  {name} " in text
        assert main(["passwords", name, "--help"]) == Exit.OK
        assert capsys.readouterr().out.startswith(f"Usage: cc-ansible passwords {name}")


@pytest.fixture
def editing(full_site: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real `passwords edit` under way; its editor has saved a canary and waits."""
    editor = tmp_path / "editor"
    editor.write_text(
        f'#!/bin/sh\necho "ours: $CANARY" >> "$1"\necho "$1" > {tmp_path}/draft\nexec sleep 30\n'
    )
    editor.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "cc_ansible", "-s", str(full_site), "passwords", "edit"],
        env={**os.environ, "EDITOR": str(editor), "CANARY": CANARY},
        start_new_session=True,
    )
    deadline = time.monotonic() + 20
    while not (tmp_path / "draft").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield process
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_killed_while_editing_nothing_is_on_disk(
    editing: subprocess.Popen[bytes], full_site: Path, tmp_path: Path, state_home: Path
) -> None:
    draft = Path((tmp_path / "draft").read_text().strip())
    assert draft.is_relative_to("/dev/shm")
    assert draft.stat().st_mode & 0o777 == 0o600
    assert draft.parent.stat().st_mode & 0o777 == 0o700
    assert CANARY in draft.read_text()
    os.kill(editing.pid, signal.SIGKILL)
    editing.wait()
    ours = [FULL["metadata_secret"], CANARY]
    for file, text in _recent(tmp_path, Path("/tmp"), Path("/var/tmp"), Path.home()):
        assert not any(str(one).encode() in text for one in ours), file
    assert values(full_site) == FULL
    # The next command that needs such a directory removes what is left of the killed one.
    assert main(["-s", str(full_site), "passwords", "rotate", "aodh_keystone_password"]) == Exit.OK
    assert not draft.parent.exists()


def _recent(top: Path, *others: Path) -> Iterator[tuple[Path, bytes]]:
    """All files below one directory, and those of the last minute right in others."""
    since = time.time() - 60
    for file in top.rglob("*"):
        if file.is_file() and not file.is_symlink():
            yield file, file.read_bytes()
    for file in (file for place in others for file in place.iterdir()):
        with contextlib.suppress(OSError):  # Others remove theirs meanwhile.
            if file.is_file() and file.stat().st_mtime > since:
                yield file, file.read_bytes()
