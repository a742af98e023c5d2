"""cc-ansible ACTION: Kolla-Ansible's verbs, passed through with their own options."""

from __future__ import annotations

import click

from cc_ansible.cli.app import App
from cc_ansible.kolla.actions import ACTIONS, OFFLINE


def action_command(name: str) -> click.Command:
    """A click command that hands everything after the action to Kolla-Ansible."""

    @click.command(
        name,
        help=ACTIONS[name],
        short_help=ACTIONS[name],
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
    @click.option("--output", type=click.Choice(["text", "json"]), default="text")
    @click.argument("options", nargs=-1, type=click.UNPROCESSED)
    @click.pass_obj
    def command(app: App, output: str, options: tuple[str, ...]) -> None:
        run_action(app, name, list(options), output=output)

    return command


def run_action(app: App, name: str, options: list[str], output: str = "text") -> None:
    """Show an action's help, or run it on the site; ``output`` json shows its events."""
    import subprocess

    from cc_ansible.kolla import run

    if {"-h", "--help"} & set(options) or name in OFFLINE:
        raise click.exceptions.Exit(subprocess.call([run.KOLLA_ANSIBLE, name, *options]))
    run.action(app.load_site(), name, options, output=output)
