"""cc-ansible completion"""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a completion script: source <(cc-ansible completion bash)"""
    from click.shell_completion import get_completion_class

    from cc_ansible.cli.main import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(cli, {}, "cc-ansible", "_CC_ANSIBLE_COMPLETE").source())
