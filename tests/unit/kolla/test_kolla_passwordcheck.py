"""What `passwords check` finds: names, strength, and how secrets are kept. Never a value."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import small_site

from cc_ansible.kolla import known, passwordcheck
from cc_ansible.site import vault, yamlfile
from cc_ansible.site.findings import Finding, Severity
from cc_ansible.site.load import Site, load

FULL = {
    name: {"private_key": f"private key of {name}", "public_key": "ssh-rsa AAA"}
    if name.endswith("_ssh_key")
    else f"good-{name}-0123456789"
    for name in known.passwords()
}
Check = Callable[..., list[Finding]]


def git(path: Path, *words: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
    subprocess.run(["git", "-C", str(path), *who, *words], check=True, capture_output=True)


@pytest.fixture
def site(site_dir: Path) -> Site:
    """A site with nothing to find: full, strong, encrypted, private."""
    (site_dir / "vault_password").write_text("a long vault password\n")
    (site_dir / "vault_password").chmod(0o400)
    made = load(site_dir, env={})
    vault.replace(made.passwords_file, vault.encrypt(made, yamlfile.dump(FULL)))
    return made


@pytest.fixture
def check(site: Site) -> Check:
    """The findings for changed passwords (None removes one) and further settings."""

    def run(settings: str = "", **changed: object) -> list[Finding]:
        values = {**FULL, **changed}
        text = yamlfile.dump({key: value for key, value in values.items() if value != "gone"})
        vault.replace(site.passwords_file, vault.encrypt(site, text))
        (site.path / "defaults.yml").write_text(small_site.DEFAULTS + settings)
        found = passwordcheck.check(load(site.path, env={}))
        secret = [
            value
            for name, value in changed.items()
            if isinstance(value, str) and len(value) > 5 and value not in f"{name} password gone"
        ]
        for finding in found:
            shown = f"{finding.summary} {finding.detail} {finding.fix}"
            assert not any(value in shown for value in secret)
        return found

    return run


def brief(found: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity.value) for finding in found]


def test_a_good_site_has_nothing_to_be_found(check: Check) -> None:
    assert check() == []


def test_a_missing_one_is_an_error_only_where_it_is_needed(check: Check) -> None:
    found = check(manila_keystone_password="gone", nova_keystone_password="gone")
    assert brief(found) == [("password-missing", "error"), ("password-missing", "warning")]
    assert found[0].summary == "The password nova_keystone_password is missing."
    assert found[0].fix == "Run `cc-ansible passwords generate`."


def test_an_empty_one_too_but_for_those_that_may_be(check: Check) -> None:
    found = check(nova_keystone_password=None, docker_registry_password=None)
    assert brief(found) == [("password-empty", "error")]
    assert brief(check("own: '{{ ours }}'\n", ours="")) == [("password-empty", "error")]


def test_an_unknown_one_with_the_nearest_name(check: Check) -> None:
    found = check(nova_keystone_password="gone", nova_keystone_pasword="good-0123456789")
    unknown = [finding for finding in found if finding.rule == "password-unknown"]
    assert [finding.fix for finding in unknown] == ["Did you mean `nova_keystone_password`?"]
    found = check(qqqqqq="good-0123456789")
    assert [finding.fix for finding in found] == ["Remove it."]


@pytest.mark.parametrize(
    "file",
    [
        "defaults.yml",
        "inventory/group_vars/all.yml",
        "node_custom_config/x.conf",
        "post_deploy.yml",
    ],
)
def test_one_that_the_site_itself_uses_is_known(file: str, site: Site, check: Check) -> None:
    use = "own: '{{ our_token }}'\nsite_variables: [own]\n"
    if file == "defaults.yml":
        assert check(use, our_token="good-our-0123456789") == []
        return
    (site.path / file).parent.mkdir(parents=True, exist_ok=True)
    (site.path / file).write_text(use if file.endswith("yml") else "[x]\ny = {{ our_token }}\n")
    assert check(our_token="good-our-0123456789") == []


def test_one_that_kolla_reads_is_known(check: Check) -> None:
    assert check(docker_registry_username="good-0123456789") == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("short-1", "fewer than 12 characters"),
        ("password", "everybody tries first"),
        ("NOVA", "everybody tries first"),
        ("nova_keystone_password", "everybody tries first"),
        ("aaaaaaaaaaaaaaaabbbb", "different characters"),
        (12345678, "fewer than 12"),
    ],
)
def test_a_weak_one_is_told_with_the_reason(value: object, reason: str, check: Check) -> None:
    (found,) = check(nova_keystone_password=value)
    assert (found.rule, found.severity) == ("password-weak", Severity.WARNING)
    assert reason in found.detail
    assert found.fix == "Run `cc-ansible passwords rotate nova_keystone_password`."


def test_the_same_one_for_two_purposes(check: Check) -> None:
    same = "good-shared-0123456789"
    (found,) = check(nova_keystone_password=same, neutron_keystone_password=same)
    assert found.rule == "password-shared"
    assert "nova_keystone_password and neutron_keystone_password" in found.summary
    same_key = {"private_key": "the same key", "public_key": "x"}
    (found,) = check(nova_ssh_key=same_key, keystone_ssh_key={**same_key, "public_key": "y"})
    assert found.rule == "password-shared"


def test_templates_are_no_values(check: Check) -> None:
    template = "{{ database_password }}"
    assert check(nova_database_password=template, glance_database_password=template) == []


def test_secrets_among_the_variables_with_their_lines(check: Check) -> None:
    settings = (
        "docker_registry_password: hunter2-hunter2\n"
        "horizon_keystone_domain: x\n"
        "site_variables: [own]\n"
        "own:\n"
        "  - {name: a, client_secret: hunter2-hunter2}\n"
        "  - {name: b, client_secret: '{{ blazar_keystone_password }}'}\n"
        "  - {name: c, client_secret: !vault 'x'}\n"
    )
    plain = [finding for finding in check(settings) if finding.rule == "secret-plaintext"]
    lines = [finding.origin.line for finding in plain if finding.origin]
    assert lines == [3, 7]
    assert plain[1].summary == "own.0.client_secret is a secret in plain text."
    assert all("hunter2" not in f"{f.summary}{f.detail}{f.fix}" for f in plain)


def test_a_plaintext_file_has_lines_and_modes(site: Site) -> None:
    vault.replace(site.passwords_file, "a: 1\nnova_keystone_password: short\n", mode=0o644)
    found = passwordcheck.check(load(site.path, env={}))
    rules = {finding.rule for finding in found}
    assert {"secret-plaintext", "secret-mode", "password-weak", "password-missing"} <= rules
    weak = next(finding for finding in found if finding.rule == "password-weak")
    assert weak.origin and weak.origin.line in (1, 2)


def test_a_vault_password_that_others_may_read(site: Site) -> None:
    (site.path / "vault_password").chmod(0o644)
    (found,) = passwordcheck.check(site)
    assert (found.rule, found.fix.split()[1]) == ("secret-mode", "`chmod")
    assert "0600" in found.fix


def test_an_executable_that_prints_it_may_be_read_by_all(site: Site) -> None:
    (site.path / "vault_password").chmod(0o600)
    (site.path / "vault_password").write_text("#!/bin/sh\necho a long vault password\n")
    (site.path / "vault_password").chmod(0o755)
    assert passwordcheck.check(load(site.path, env={})) == []


def test_no_vault_password_at_all(site: Site) -> None:
    (site.path / "vault_password").unlink()
    found = passwordcheck.check(load(site.path, env={}))
    assert ("vault-password-missing", "error") in brief(found)


class TestGit:
    def test_an_encrypted_file_belongs_there(self, site: Site) -> None:
        (site.path / ".gitignore").write_text("/vault_password\n")
        git(site.path, "init", "-q")
        git(site.path, "add", "-A")
        assert passwordcheck.check(site) == []

    def test_the_vault_password_does_not_and_history_counts(self, site: Site) -> None:
        git(site.path, "init", "-q")
        git(site.path, "add", "-A")
        (found,) = passwordcheck.check(site)
        assert (found.rule, found.severity) == ("secret-in-git", Severity.ERROR)
        assert found.origin and found.origin.file == site.path / "vault_password"
        git(site.path, "commit", "-qm", "x")
        git(site.path, "rm", "-q", "--cached", "vault_password")
        git(site.path, "commit", "-qm", "y")
        (found,) = passwordcheck.check(site)
        assert found.summary == "vault_password is in the history of git."

    def test_plain_passwords_and_private_keys(self, site: Site) -> None:
        vault.replace(site.passwords_file, yamlfile.dump(FULL), mode=0o600)
        (site.path / "certificates").mkdir()
        key = "-----BEGIN PRIVATE KEY-----\nx\n"
        (site.path / "certificates" / "plain.key").write_text(key)
        (site.path / "certificates" / "safe.key").write_text(vault.encrypt(site, key))
        (site.path / ".gitignore").write_text("/vault_password\n")
        git(site.path, "init", "-q")
        git(site.path, "add", "-A")
        found = [one for one in passwordcheck.check(site) if one.rule == "secret-in-git"]
        assert [one.origin.file.name for one in found if one.origin] == [
            "plain.key",
            "passwords.yml",
        ]

    def test_what_the_repository_names_is_not_run(self, site: Site, tmp_path: Path) -> None:
        git(site.path, "init", "-q")
        hook = tmp_path / "hook"
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        hook.chmod(0o755)
        git(site.path, "config", "core.fsmonitor", str(hook))
        passwordcheck.check(site)
        assert not (tmp_path / "ran").exists()


def test_a_site_that_cannot_be_decrypted_is_a_finding_not_an_end(site: Site) -> None:
    (site.path / "vault_password").chmod(0o600)
    (site.path / "vault_password").write_text("wrong\n")
    (site.path / "vault_password").chmod(0o644)
    found = passwordcheck.check(load(site.path, env={}))
    assert brief(found) == [("unreadable", "error"), ("secret-mode", "warning")]
