"""Make a new site config: a git repository with everything a first deploy needs."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cc_ansible.errors import UsageError
from cc_ansible.paths import PROJECT
from cc_ansible.site import discover, passwords, vault, yamlfile
from cc_ansible.site.load import SCENARIO_VARIABLE, SCENARIOS, load

TEMPLATES = PROJECT / "site-config.example"
DIRECTORIES = (
    "certificates",
    "hardware",
    "images",
    "inventory/group_vars",
    "inventory/host_vars",
    "node_custom_config",
)
SCHEMAS = ".schemas"
"""Directory of JSON Schemas for editors, when ``create`` is given such files."""
VAULT_PASSWORD_BYTES = 48


def create(
    target: Path,
    scenario: str,
    *,
    proposal: discover.Proposal | None = None,
    inventory_text: str | None = None,
    settings: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    """Make a site config at ``target``, in one step: it is there whole or not at all.

    ``proposal`` fills the addresses in (this host's own by default), ``settings`` are further
    variables of defaults.yml, ``files`` further files (path below the site -> content).

    :raises UsageError: something is there already, or there is no such scenario.
    """
    if scenario not in SCENARIOS:
        raise UsageError(
            f"There is no scenario {scenario}.", fix=f"Use one of {', '.join(SCENARIOS)}."
        )
    refuse_existing(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
        site = Path(scratch, target.name)
        site.mkdir(mode=0o750)
        own = inventory_text is None
        proposal = proposal or discover.propose()
        schemas = any(name.startswith(f"{SCHEMAS}/") for name in files or {})
        _write_texts(site, scenario, proposal, dict(settings or {}), own_host=own, schemas=schemas)
        if inventory_text is not None:
            (site / "inventory" / "hosts").write_text(inventory_text)
        for name, content in (files or {}).items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(content)
        _write_secrets(site)
        commit(site, "Start this site")
        site.rename(target)


def refuse_existing(target: Path) -> None:
    """Refuse to write where something is.

    :raises UsageError: there is something at ``target``.
    """
    if os.path.lexists(target):
        raise UsageError(
            f"{target} exists already.", fix="Choose another directory; nothing was done."
        )


def write_skeleton(site: Path) -> None:
    """The directories of a site config, and the files that are the same for every site."""
    for directory in DIRECTORIES:
        (site / directory).mkdir(parents=True)
        (site / directory / ".gitkeep").touch()
    shutil.copyfile(TEMPLATES / "gitignore", site / ".gitignore")
    shutil.copyfile(TEMPLATES / "post_deploy.yml", site / "post_deploy.yml")


def fresh_vault_password() -> str:
    """A vault password that nobody guesses."""
    return secrets.token_urlsafe(VAULT_PASSWORD_BYTES)


def write_vault_password(site: Path, password: str) -> None:
    """Write it to where a site keeps it, readable by its owner only."""
    file = site / "vault_password"
    file.touch(mode=0o600)
    file.write_text(f"{password}\n")
    file.chmod(0o400)


def _write_texts(
    site: Path,
    scenario: str,
    proposal: discover.Proposal,
    settings: dict[str, Any],
    *,
    own_host: bool,
    schemas: bool,
) -> None:
    write_skeleton(site)
    proposed = asdict(proposal)
    proposed["vip"] = settings.pop("kolla_internal_vip_address", proposal.vip)
    for key in ("network_interface", "neutron_external_interface"):
        proposed[key] = settings.pop(key, proposed[key])
    settings.pop(SCENARIO_VARIABLE, None)
    context = {
        **proposed,
        "scenario": scenario,
        "name": site.name,
        "local": proposal.host == discover.hostname(),
        "schemas": schemas,
        "settings": yamlfile.dump(settings) if settings else "",
    }
    texts = {
        "defaults.yml.j2": "defaults.yml",
        "hosts.j2": "inventory/hosts",
        "README.md.j2": "README.md",
    }
    if own_host:
        texts["host_vars.yml.j2"] = f"inventory/host_vars/{proposal.host}.yml"
    _render(site, texts, context)


def _render(site: Path, texts: Mapping[str, str], context: Mapping[str, Any]) -> None:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        keep_trailing_newline=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    for template, name in texts.items():
        (site / name).write_text(environment.get_template(template).render(context))


def _write_secrets(site: Path) -> None:
    """A random vault password, and generated passwords that only ever exist encrypted on disk."""
    write_vault_password(site, fresh_vault_password())
    file = site / "passwords.yml"
    file.touch(mode=0o600)
    # The site's own vault password, whatever the environment of this process says.
    text = vault.encrypt(load(site, env={}), passwords.generate(PROJECT))
    vault.replace(file, text)


def commit(site: Path, message: str) -> None:
    """The first commit, as the user where git knows one; no hook or signature interferes.

    :raises UsageError: when there is no git, or it fails.
    """
    _git(site, "init", "--quiet", "--initial-branch=main")
    _git(site, "add", "--all")
    options = ["-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null"]
    for key, value in {"user.name": "cc-ansible", "user.email": "cc-ansible@localhost"}.items():
        if _git(site, "config", key, check=False) != 0:
            options += ["-c", f"{key}={value}"]
    _git(site, *options, "commit", "--quiet", "-m", message)


def _git(site: Path, *words: str, check: bool = True) -> int:
    # Variables such as GIT_DIR would lead to another repository.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    command = ["git", "-C", str(site), *words]
    try:
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise UsageError(
            "A site config is a git repository, and there is no git here.", fix="Install git."
        ) from error
    if check and result.returncode != 0:
        raise UsageError(
            "git could not make the site's repository.",
            detail=f"{' '.join(command)}: {result.stderr.strip()}",
            fix="Correct what git says, then run the command again; nothing was left behind.",
        )
    return result.returncode
