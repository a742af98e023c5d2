"""Rules about the files that hold secrets: encrypted, private, and not in git."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from cc_ansible.errors import Origin
from cc_ansible.site import yamlfile
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.load import Site
from cc_ansible.site.names import is_secret
from cc_ansible.site.rules.secrets import SECRET_PLAINTEXT
from cc_ansible.site.secrets.settings import Source

SECRET_MODE = warning("secret-mode", "Files with secrets are readable by their owner only")
SECRET_IN_GIT = error("secret-in-git", "No secret is in git as it is")
VAULT_PASSWORD_MISSING = error(
    "vault-password-missing", "The password of encrypted files is at hand"
)
OTHERS = stat.S_IRWXG | stat.S_IRWXO
_KEY = b"PRIVATE KEY-----"
_LONGEST = 1 << 20


def kept(site: Site) -> Iterator[Finding]:
    """What is wrong with the files of a site that hold secrets or open them."""
    yield from _passwords_file(site)
    yield from _modes(site)
    yield from _in_git(site)


def _passwords_file(site: Site) -> Iterator[Finding]:
    file = site.passwords_file
    if not file.is_file():
        return
    if not yamlfile.is_encrypted(file):
        yield SECRET_PLAINTEXT.broken(
            f"{file.name} is not encrypted.",
            Origin(file),
            fix=f"Run `cc-ansible encrypt_file {file}`.",
        )
    elif not site.vault_password.known and not (site.secrets and site.secrets.on_server):
        yield VAULT_PASSWORD_MISSING.broken(
            f"{file.name} is encrypted, and there is no vault password.",
            Origin(file),
            fix=f"Put it into {site.path / 'vault_password'} (mode 0400), or say where it is with "
            "secrets.vault_password.",
        )


def _modes(site: Site) -> Iterator[Finding]:
    for file in [*_openers(site), *_plain(site)]:
        yield from _open(file, OTHERS)
    # Kolla-Ansible lets the group read the keys that it makes.
    for file in sorted(site.certificates_dir.rglob("*")):
        if file.is_file() and _is_private_key(file):
            yield from _open(file, stat.S_IRWXO)


def _open(file: Path, others: int) -> Iterator[Finding]:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & others:
        yield SECRET_MODE.broken(
            f"{file.name} is open to others (mode {mode:04o}).",
            Origin(file),
            fix=f"Run `chmod {mode & ~OTHERS:04o} {file}`.",
        )


def _in_git(site: Site) -> Iterator[Finding]:
    openers = [file for file in _openers(site) if file.is_relative_to(site.path)]
    secret = [site.path / "vault_password", *openers, *_plain(site)]
    tracked = _tracked(site.path, list(dict.fromkeys(secret)))
    for file in tracked:
        yield SECRET_IN_GIT.broken(
            f"{file.name} is in git.",
            Origin(file),
            fix=f"Run `git rm --cached {file.name}`, name it in .gitignore, and change what it "
            "protects: its history keeps it.",
        )
    if openers and not tracked and _was_tracked(site.path, openers):
        yield SECRET_IN_GIT.broken(
            f"{openers[0].name} is in the history of git.",
            Origin(openers[0]),
            fix="Change it (`ansible-vault rekey`), and what it protects.",
        )
    for file in _tracked(site.path, [site.certificates_dir, site.custom_config_dir]):
        if _is_private_key(file):
            yield SECRET_IN_GIT.broken(
                f"{file.name} is a private key in git.",
                Origin(file),
                fix=f"Run `cc-ansible encrypt_file {file}`, or take it out of git and make a new "
                "one.",
            )


def _openers(site: Site) -> list[Path]:
    """Files that hold what opens the secrets; commands that print it are none."""
    files = [site.vault_password.file] if site.vault_password.file else []
    auth = site.secrets.auth if site.secrets else None
    sources: list[Source | None] = [auth.token, auth.secret_id] if auth else []
    files += [site.path / Path(one.file).expanduser() for one in sources if one and one.file]
    return [file for file in files if file.is_file() and not os.access(file, os.X_OK)]


def _plain(site: Site) -> Iterator[Path]:
    """Files whose secrets can be read as they are."""
    if site.passwords_file.is_file() and not yamlfile.is_encrypted(site.passwords_file):
        yield site.passwords_file
    if any(is_secret(name) for name in site.environment):
        yield site.path / ".env"


def _is_private_key(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return _KEY in stream.read(_LONGEST)
    except OSError:
        return False


def _tracked(site: Path, files: list[Path]) -> list[Path]:
    """The files among these, or below them, that git keeps."""
    names = _git(site, "ls-files", "-z", "--", *map(str, files)).split("\0")
    return [site / name for name in names if name]


def _was_tracked(site: Path, files: list[Path]) -> bool:
    return bool(_git(site, "log", "--all", "-1", "--format=%h", "--", *map(str, files)).strip())


def _git(site: Path, *words: str) -> str:
    """What git says; nothing where there is no git or no repository."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    # A look must neither fail because of another owner nor run what the repository names.
    safe = ["-c", "safe.directory=*", "-c", "core.fsmonitor=false"]
    try:
        done = subprocess.run(
            ["git", *safe, "-C", str(site), *words],
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""
