"""cc-ansible ACTION: Kolla-Ansible's verbs, passed through with their own options."""

from __future__ import annotations

import click

from cc_ansible.cli.app import App
from cc_ansible.kolla.actions import ACTIONS, OFFLINE

OWN_OPTIONS = """
options of cc-ansible:
  --output text|json    show progress, or the run's events as JSON
  --no-validate         act on a site config that has errors, in an emergency"""

PRUNE = """
  --prune               remove what we made and the site names no longer; --check lists it"""


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
    @click.option("--no-validate", is_flag=True)
    @click.argument("options", nargs=-1, type=click.UNPROCESSED)
    @click.pass_obj
    def command(
        app: App, output: str, no_validate: bool, options: tuple[str, ...], prune: bool = False
    ) -> None:
        words = [*options, *(["-e", "cc_prune=true"] if prune else [])]
        run_action(app, name, words, output=output, validate=not no_validate)

    if name == "post-deploy":
        click.option("--prune", is_flag=True)(command)
    return command


def run_action(
    app: App, name: str, options: list[str], output: str = "text", validate: bool = True
) -> None:
    """Show an action's help, or run it on the site; ``output`` json shows its events."""
    import subprocess

    from cc_ansible.kolla import run

    asked = bool({"-h", "--help"} & set(options))
    if asked or name in OFFLINE:
        code = subprocess.call([run.KOLLA_ANSIBLE, name, *options])
        if asked and name not in OFFLINE:
            click.echo(OWN_OPTIONS + (PRUNE if name == "post-deploy" else ""))
        raise click.exceptions.Exit(code)
    run.action(app.load_site(), name, options, validate=validate, output=output)
