"""One action of Kolla-Ansible on a site: lock, workspace, the command itself, journal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible import __version__
from cc_ansible.errors import UsageError
from cc_ansible.kolla import needed, overlay, validity, workspace
from cc_ansible.paths import VENV_BIN

if TYPE_CHECKING:
    from cc_ansible.kolla.workspace import Workspace
    from cc_ansible.runs.run import Run
    from cc_ansible.site.load import Site

KOLLA_ANSIBLE = VENV_BIN / "kolla-ansible"
LOG_LINES = 20


def action(
    site: Site,
    name: str,
    arguments: Sequence[str] = (),
    *,
    validate: bool = True,
    hidden: Sequence[str] = (),
    again: str = "",
    **options: Any,
) -> None:
    """Run an action with Kolla-Ansible's own command line; ``arguments`` are its options.

    The whole site config is checked first, unless ``validate`` is False. ``hidden`` are secrets
    beside those of the site now; ``again`` is the command that goes on with it, where that is
    another one; ``options`` go to `open_run` (how progress is shown).

    Raises:
        SiteInvalid: the site config cannot be used; nothing was touched.
        Locked: another run works on the site.
        RunFailed: Kolla-Ansible or a task failed.
        Interrupted: stopped by the user.
    """
    from cc_ansible.runs.redact import Redactor
    from cc_ansible.runs.run import open_run
    from cc_ansible.site.secrets import use

    if validate:
        validity.require(site.path)
    in_use = use.take(site)
    if validate:
        needed.require(site, name, arguments, in_use.passwords)
    command = " ".join(["cc-ansible", "-s", str(site.path), name, *arguments])
    resume = Redactor(in_use.hidden).text(again or command)
    with (
        open_run(
            site.state_dir,
            site.path,
            name,
            list(arguments),
            f"{name} {' '.join(arguments)}".strip(),
            tags=_tags(arguments),
            secrets=[*in_use.hidden, *hidden],
            version=__version__,
            resume=resume,
            **options,
        ) as run,
        workspace.assemble(site, _facts(name, run, site), in_use) as space,
    ):
        run.container_log = lambda host, container: container_log(space, host, container)
        run.ansible(_command(space, name, arguments), env=space.environment(), cwd=space.path)


def _tags(arguments: Sequence[str]) -> list[str]:
    """The value of --tags, which says how much of an action is run."""
    for index, word in enumerate(arguments):
        if word in ("-t", "--tags"):
            return arguments[index + 1].split(",") if index + 1 < len(arguments) else []
        if word.startswith("--tags="):
            return word.partition("=")[2].split(",")
    return []


def _command(space: Workspace, name: str, arguments: Sequence[str]) -> list[str]:
    argv = [str(KOLLA_ANSIBLE), name, "--inventory", str(space.inventory)]
    argv += ["--configdir", str(space.config)]
    argv += space.vault_arguments()
    return [*argv, *_own_playbooks(space, list(arguments))]


def _own_playbooks(space: Workspace, arguments: list[str]) -> list[str]:
    """Playbooks of the user's move beside Kolla's, where group_vars and roles are found."""
    for index, word in enumerate(arguments):
        if word in ("-p", "--playbook"):
            if index + 1 == len(arguments):
                raise UsageError(f"{word} needs a file")
            file = Path(arguments[index + 1])
            arguments[index + 1] = str(overlay.add_playbook(space.tree, file))
        elif word.startswith("--playbook="):
            file = Path(word.partition("=")[2])
            arguments[index] = f"--playbook={overlay.add_playbook(space.tree, file)}"
    return arguments


def _facts(name: str, run: Run, site: Site) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "cc_run": {
            "id": run.id,
            "action": name,
            "user": run.journal.record.owner.user,
            "commit": run.journal.record.commit or "",
            "started": run.journal.record.started,
        }
    }
    if name == "post-deploy":
        credentials = site.state_dir / "credentials"
        credentials.mkdir(parents=True, exist_ok=True, mode=0o700)
        facts["node_config"] = str(credentials)
    return facts


def container_log(space: Workspace, host: str, container: str) -> list[str]:
    """The last lines a container on a host wrote; empty when they cannot be had."""
    argv = [str(VENV_BIN / "ansible"), host, "-i", str(space.inventory), "--become"]
    argv += space.vault_arguments()
    script = f"docker logs --tail {LOG_LINES} {container} 2>&1"
    env = {**space.environment(), "ANSIBLE_STDOUT_CALLBACK": "minimal", "LC_ALL": "C.UTF-8"}
    try:
        result = subprocess.run(
            [*argv, "-m", "ansible.builtin.shell", "-a", script],
            env={**os.environ, **env},
            cwd=space.path,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return []
    return result.stdout.splitlines()[1:][-LOG_LINES:] if result.returncode == 0 else []
