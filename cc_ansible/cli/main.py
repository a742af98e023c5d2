"""The command line: a table of commands, each imported only when it is called."""

from __future__ import annotations

import errno
import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from cc_ansible import __version__
from cc_ansible.cli.app import App, show_error
from cc_ansible.errors import CcError, Exit
from cc_ansible.kolla.actions import ACTIONS, ALIASES

if TYPE_CHECKING:
    from collections.abc import Sequence

# name -> module below cc_ansible.cli, short help
SITE_COMMANDS = {
    "init": ("init", "Make a new site config"),
    "import": ("import_", "Make a new site config out of an older CHI-in-a-Box"),
    "validate": ("validate", "Check the whole site config"),
    "explain": ("explain", "Show where a value comes from and who reads it"),
    "build": ("build", "Build the container images the site needs"),
    "appliance": ("appliance", "Build, test and publish disk images"),
    "hardware": ("hardware", "Lend hardware: plan, apply, calendars, maintenance"),
    "verify": ("verify", "Check a running site, from a look at it to a whole experiment"),
    "status": ("status", "Show on one screen how the site is"),
    "report": ("report", "Write a web page about the whole site"),
    "runs": ("runs", "Show what ran on the site, when, and how it ended"),
    "unlock": ("runs", "Remove the lock of a run that is gone"),
    "passwords": ("passwords", "Show, edit, make, change, check and move passwords"),
    "view_passwords": ("passwords", "Show the site's passwords"),
    "edit_passwords": ("passwords", "Edit the site's passwords"),
    "encrypt_file": ("passwords", "Encrypt files with the site's vault password"),
    "decrypt_file": ("passwords", "Decrypt files with the site's vault password"),
}
OTHER_COMMANDS = {
    "lab": ("lab", "A whole site in containers on this machine"),
    "completion": ("completion", "Print a shell completion script"),
    "schema": ("schema", "Print JSON Schemas of site files, for editors"),
}
COMMANDS = {**SITE_COMMANDS, **OTHER_COMMANDS}


class Commands(click.Group):
    """Our commands and every action of Kolla-Ansible, without importing any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *ACTIONS]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        name = ALIASES.get(name, name)
        if name in ACTIONS:
            from cc_ansible.cli.kolla import action_command

            return action_command(name)
        own = name if name in COMMANDS else name.replace("-", "_")
        if own not in COMMANDS:
            return None
        module = importlib.import_module(f"cc_ansible.cli.{COMMANDS[own][0]}")
        # A function cannot be called import.
        command: click.Command = getattr(module, own, None) or getattr(module, f"{own}_")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if close := _nearest(args[0], [*COMMANDS, *ACTIONS]):
                text = f"{error.message} Did you mean {close}?"
                raise click.UsageError(text, ctx) from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        def section(title: str, rows: list[tuple[str, str]]) -> None:
            with formatter.section(title):
                formatter.write_dl(rows)

        section("Site", [(name, text) for name, (_, text) in SITE_COMMANDS.items()])
        section("Lab and shell", [(name, text) for name, (_, text) in OTHER_COMMANDS.items()])
        section("Kolla-Ansible's actions, with its own options", list(ACTIONS.items()))


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with 'cc-ansible lab up' (a site on this machine) or 'cc-ansible init'.",
)
@click.option(
    "-s", "--site", "site", metavar="DIR", help="Site config to work on.  [env: CC_ANSIBLE_SITE]"
)
@click.option(
    "-p", "--playbook", metavar="FILE", help="Run this playbook in the site's context, then stop."
)
@click.version_option(__version__, prog_name="cc-ansible")
@click.pass_context
def cli(ctx: click.Context, site: str | None, playbook: str | None) -> None:
    """Install and run a Chameleon testbed site: OpenStack for bare-metal and edge experiments."""
    ctx.obj = App(site)
    if playbook and ctx.invoked_subcommand is None:
        from cc_ansible.cli.kolla import run_action

        run_action(ctx.obj, "deploy", ["--playbook", playbook])
    elif playbook:
        raise click.UsageError("--playbook runs on its own; give the action's options after it")
    elif ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (see cc_ansible.errors.Exit)."""
    words = list(sys.argv[1:] if argv is None else argv)
    # Reading a site makes many objects that live to the end; looking for garbage in them is slow.
    gc.set_threshold(50_000, 20, 20)
    # Kolla's group names have dashes; Ansible, in this process and below, need not warn of them.
    os.environ.setdefault("ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS", "ignore")
    # Nothing here extends pydantic; looking for what might takes longer than most checks.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    try:
        result = cli.main(_site_first(words), prog_name="cc-ansible", standalone_mode=False)
        return int(result) if isinstance(result, int) else Exit.OK
    except CcError as error:
        show_error(error)
        return error.exit_code
    except click.exceptions.Exit as request:
        return request.exit_code
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("\ninterrupted\n")
        return Exit.INTERRUPTED
    except SystemExit as request:
        return _exit_code(request)
    except Exception as error:
        if os.environ.get("CC_ANSIBLE_DEBUG"):
            raise
        sys.stderr.write(
            f"error: unexpected {type(error).__name__}: {error}\n"
            "  this is a defect in cc-ansible; CC_ANSIBLE_DEBUG=1 shows where\n"
        )
        return Exit.UNEXPECTED


def _exit_code(request: SystemExit) -> int:
    """Click ends with 1 when the reader of our output went away; that is no error of ours."""
    cause = request.__context__
    if isinstance(cause, OSError) and cause.errno == errno.EPIPE:
        return Exit.OK
    return request.code if isinstance(request.code, int) else Exit.UNEXPECTED


def _site_first(words: list[str]) -> list[str]:
    """Admins put -s DIR anywhere; move it before the command."""
    front: list[str] = []
    rest: list[str] = []
    queue = iter(words)
    for word in queue:
        if word == "--" or rest[:2] == ["lab", "ssh"]:
            # What follows belongs to somebody else's command.
            rest += [word, *queue]
        elif word in ("-s", "--site"):
            front += [word, *([value] if (value := next(queue, None)) is not None else [])]
        elif word.startswith("--site="):
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def _nearest(word: str, known: Sequence[Any]) -> str | None:
    import difflib

    return next(iter(difflib.get_close_matches(word, known, n=1)), None)
