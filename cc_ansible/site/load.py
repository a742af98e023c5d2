"""From a directory to one :class:`Site`: which site, its layers merged, where its parts are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible import paths
from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import dotenv, layers, yamlfile
from cc_ansible.site.layers import Value
from cc_ansible.site.secrets import vaultpassword
from cc_ansible.site.secrets.vaultpassword import VaultPassword

if TYPE_CHECKING:
    from cc_ansible.site.secrets.settings import Secrets

SCENARIOS = ("independent", "associate", "part-time", "edge", "lab")
DEFAULT_SCENARIO = "independent"
SCENARIO_VARIABLE = "chi_scenario"
SITE_VARIABLE = "CC_ANSIBLE_SITE"
VAULT_VARIABLE = vaultpassword.VARIABLE
SECRETS_VARIABLE = "secrets"


@dataclass(frozen=True)
class Site:
    """What one site says. Plain data; nothing here is decrypted.

    ``path`` is resolved; ``inventory_dir`` is the inventory directory, or the file when the site
    keeps a lone ``inventory`` file; ``secrets`` is None when the site does not set it; there is no
    ``passwords_file`` where passwords are kept on a server.
    """

    path: Path
    name: str
    scenario: str
    project: Path
    variables: Mapping[str, Value] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    inventory_dir: Path
    passwords_file: Path
    vault_password: VaultPassword
    custom_config_dir: Path
    certificates_dir: Path
    state_dir: Path
    secrets: Secrets | None = None

    @property
    def vault_password_file(self) -> Path | None:
        """The file or command with the vault password; None when it comes from elsewhere."""
        return self.vault_password.file

    def settings(self) -> dict[str, Any]:
        """The merged variables without their origins."""
        return {key: value.value for key, value in self.variables.items()}


def find(option: str | None, environ: Mapping[str, str] | None = None) -> Path:
    """The site config directory: ``-s``, then ``CC_ANSIBLE_SITE``, then ``./site-config``.

    The last one is looked for in the checkout.

    :raises SiteInvalid: when there is none, or the one named is no directory.
    """
    environ = os.environ if environ is None else environ
    named = option or environ.get(SITE_VARIABLE)
    site = Path(named).expanduser() if named else paths.PROJECT / "site-config"
    if site.is_dir():
        return site.resolve()
    if named:
        source = "-s/--site" if option else SITE_VARIABLE
        raise SiteInvalid(
            f"The site config {site} is not a directory.",
            detail=f"It was named by {source}.",
            fix=f"Correct {source}, or create one with `cc-ansible init {site}`.",
        )
    raise SiteInvalid(
        "No site config was named.",
        detail=f"Neither -s/--site nor {SITE_VARIABLE} is given, and {site} does not exist.",
        fix="Create one with `cc-ansible init DIR`, or point to one with `-s DIR`.",
    )


def load(path: Path, project: Path = paths.PROJECT, env: Mapping[str, str] | None = None) -> Site:
    """Read a site config directory and merge its layers.

    :param env: the process environment (tests pass their own).
    :raises SiteInvalid: for anything missing or malformed, with its place and fix.
    """
    env = os.environ if env is None else env
    path = path.expanduser().resolve()
    environment = dotenv.read(path / ".env")
    require_defaults(path)
    site_layers = _layers(site_files(path))
    scenario = _scenario(site_layers)
    documents = [*_layers(project_files(project, scenario)), *site_layers]
    variables = layers.merge_layers(documents)
    secrets = _secrets(variables, documents)
    return Site(
        path=path,
        name=path.name,
        scenario=scenario,
        project=project,
        variables=variables,
        environment=environment,
        inventory_dir=_inventory(path),
        passwords_file=_passwords(path, on_server=secrets is not None and secrets.on_server),
        vault_password=_vault_password(path, env, environment, secrets),
        custom_config_dir=path / "node_custom_config",
        certificates_dir=path / "certificates",
        state_dir=paths.site_state_dir(path),
        secrets=secrets,
    )


def project_files(project: Path, scenario: str) -> list[Path]:
    """The files of the project's layers, weakest first; they may be absent."""
    return [project / "kolla" / "defaults.yml", project / f"kolla/scenarios/{scenario}.yml"]


def site_files(path: Path) -> list[Path]:
    """The files of the site's layers that exist, weakest first."""
    files = [path / "globals.yml", path / "defaults.yml"]
    return [
        file for file in (*files, *sorted((path / "globals.d").glob("*.yml"))) if file.is_file()
    ]


def directories(path: Path) -> dict[str, str]:
    """Variables of every run that say where the site's own files are.

    The older names are what existing sites refer to.
    """
    return {
        "kolla_certificates_dir": str(path / "certificates"),
        "site_config_dir": str(path),
        "cc_ansible_site_dir": str(path),
        "deployment_dir": str(paths.PROJECT),
        "cc_state_dir": str(paths.site_state_dir(path)),
    }


def require_defaults(path: Path) -> None:
    """Refuse a directory that is no site config.

    :raises SiteInvalid: it has no defaults.yml.
    """
    defaults = path / "defaults.yml"
    if not defaults.is_file():
        raise SiteInvalid(
            f"{path} has no defaults.yml.",
            detail="Every site config has one; an empty file is enough.",
            fix=f"Point to a site config with `-s DIR`, or create {defaults}.",
            origin=Origin(defaults),
        )


def _layers(files: list[Path]) -> list[yamlfile.Document]:
    return [yamlfile.load_mapping(file) for file in files if file.exists()]


def _scenario(site_layers: list[yamlfile.Document]) -> str:
    chosen = layers.merge_layers(site_layers).get(SCENARIO_VARIABLE)
    if chosen is None:
        return DEFAULT_SCENARIO
    if chosen.value not in SCENARIOS:
        raise SiteInvalid(
            f"Unknown scenario {chosen.value!r}.",
            detail=f"Known scenarios: {', '.join(SCENARIOS)}.",
            fix=f"Set {SCENARIO_VARIABLE} to one of these, or remove it for {DEFAULT_SCENARIO}.",
            origin=chosen.origin,
        )
    return str(chosen.value)


def _inventory(path: Path) -> Path:
    inventory = path / "inventory"
    if inventory.is_file():
        return inventory
    if not inventory.is_dir():
        raise SiteInvalid(
            f"{path} has no inventory.",
            fix=f"Create {inventory / 'hosts'} with the groups control, network and compute.",
            origin=Origin(inventory),
        )
    return inventory


def _secrets(variables: Mapping[str, Value], documents: list[yamlfile.Document]) -> Secrets | None:
    if SECRETS_VARIABLE not in variables:
        return None
    from cc_ansible.site.secrets import settings

    return settings.read(variables[SECRETS_VARIABLE], documents)


def _passwords(path: Path, *, on_server: bool) -> Path:
    passwords = path / "passwords.yml"
    if not passwords.is_file() and not on_server:
        raise SiteInvalid(
            f"{path} has no passwords.yml.",
            fix=f"Restore it from the site's repository or backup to {passwords}; "
            "`cc-ansible init` writes one for a new site.",
            origin=Origin(passwords),
        )
    return passwords


def _vault_password(
    path: Path,
    env: Mapping[str, str],
    environment: Mapping[str, str],
    secrets: Secrets | None,
) -> VaultPassword:
    """Where the vault password is; a file that is named must exist."""
    chosen = secrets.vault_password if secrets else None
    if named := env.get(VAULT_VARIABLE):
        file, source = Path(named).expanduser().absolute(), f"{VAULT_VARIABLE} in the environment"
    elif named := environment.get(VAULT_VARIABLE):
        file, source = path / Path(named).expanduser(), f"{VAULT_VARIABLE} in .env"
    elif chosen and chosen.file:
        file, source = path / Path(chosen.file).expanduser(), "secrets.vault_password"
    elif chosen:
        return VaultPassword(path, source=chosen, environment=environment)
    else:
        default = path / "vault_password"
        return VaultPassword(path, default if default.is_file() else None)
    if not file.is_file():
        raise SiteInvalid(
            f"The vault password file {file} does not exist.",
            detail=f"It is named by {source}.",
            fix=f"Correct that, or remove it to use {path / 'vault_password'}.",
            origin=Origin(path / ".env") if source.endswith(".env") else None,
        )
    return VaultPassword(path, file)
