"""cc-ansible passwords ..., and the commands that older releases had for the same"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cc_ansible.cli.app import App
from cc_ansible.errors import Exit, SiteInvalid, UsageError

if TYPE_CHECKING:
    from cc_ansible.kolla.rotation import Rotation
    from cc_ansible.site.secrets.settings import Backend

FILES = click.Path(exists=True, dir_okay=False, path_type=Path)
BACKENDS = ("ansible-vault", "hashicorp-vault", "openbao")
OUTPUT = click.option("--output", type=click.Choice(["text", "json"]), default="text")


@click.group()
def passwords() -> None:
    """Show, edit, make, change, check and move the site's passwords."""


@passwords.command()
@click.argument("keys", metavar="[KEY]...", nargs=-1)
@click.pass_obj
def view(app: App, keys: tuple[str, ...]) -> None:
    """Show the site's passwords, decrypted; or only the value of each KEY."""
    from cc_ansible.site import yamlfile
    from cc_ansible.site.names import nearest
    from cc_ansible.site.secrets import store

    seen = store.read(store.open_store(app.load_site()))
    if not keys:
        click.echo(seen.text, nl=False)
        return
    for key in keys:
        if key not in seen.values:
            close = nearest(key, seen.values)
            raise UsageError(
                f"There is no password {key}.", fix=f"Did you mean {close}?" if close else ""
            )
    for key in keys:
        value = seen.values[key]
        text = yamlfile.dump(value) if isinstance(value, dict | list) else f"{value}\n"
        click.echo(text, nl=False)


@passwords.command()
@click.pass_obj
def edit(app: App) -> None:
    """Edit the site's passwords in $EDITOR; blank values are generated.

    The plain text is kept in memory only.
    """
    from cc_ansible.site.secrets import edit as editing
    from cc_ansible.site.secrets import store

    done = editing.edit(store.open_store(app.load_site()), _again)
    if done.generated:
        app.say(f"Generated: {', '.join(done.generated)}.")
    if done.merged:
        app.say(f"Kept what somebody else changed meanwhile: {', '.join(done.merged)}.")
    app.say("Saved, encrypted." if done.changed else "Nothing changed.")


@passwords.command()
@click.option("--check", is_flag=True, help="Only say what is missing; exit code 6 if anything is.")
@OUTPUT
@click.pass_obj
def generate(app: App, check: bool, output: str) -> None:
    """Generate every password that is missing or blank; the others stay."""
    from cc_ansible.site import passwords as generator
    from cc_ansible.site.secrets import store

    site = app.load_site()
    opened = store.open_store(site)
    if check:
        lacking = generator.missing(opened.read().values, generator.known(site.project))
        names = list(lacking)
    else:
        names = generator.complete(opened, site.project)
    if output == "json":
        app.emit_json({"missing" if check else "generated": names})
    elif names:
        app.say(f"{'Missing' if check else 'Generated'}: {', '.join(names)}.")
    else:
        app.say("No password is missing.")
    if check and names:
        raise click.exceptions.Exit(Exit.CHANGES_PENDING)


@passwords.command()
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@click.option("--deploy", is_flag=True, help="Deploy the services that use them right away.")
@click.option("--dry-run", is_flag=True, help="Only say what would have to be deployed.")
@OUTPUT
@click.pass_obj
def rotate(app: App, keys: tuple[str, ...], deploy: bool, dry_run: bool, output: str) -> None:
    """Give each KEY a new value and say which services must be deployed for it."""
    from cc_ansible.kolla import rotation, run
    from cc_ansible.site.secrets import content, store

    site = app.load_site()
    opened = store.open_store(site)
    seen = store.read(opened)
    plan = rotation.plan(site, keys, seen.values)
    if not dry_run:
        rotation.carry_out(opened, seen, plan)
    options = ["--tags", ",".join(plan.tags)]
    if output == "text":
        command = f"cc-ansible -s {site.path} deploy {' '.join(options)}"
        _tell(app, plan, command, done=not dry_run, now=deploy)
    elif not deploy:
        app.emit_json(vars(plan))
    if deploy and plan.tags and not dry_run:
        old = content.words({name: seen.values.get(name) for name in plan.names})
        run.action(site, "deploy", options, hidden=list(old), output=output)


@passwords.command()
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@OUTPUT
@click.pass_obj
def check(app: App, strict: bool, output: str) -> None:
    """Look for passwords that are missing, unknown, weak, shared or not well kept.

    Exit code 3 when something is wrong. Values are never shown.
    """
    from cc_ansible.cli import findings
    from cc_ansible.kolla import passwordcheck

    site = app.load_site()
    found = findings.of_site(passwordcheck.check(site))
    findings.conclude(app, site.path, found, output=output, strict=strict)


@passwords.command()
@click.option("--to", "target", type=click.Choice(BACKENDS), required=True)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--remove-old", is_flag=True, help="Empty the old store once the new one is in use.")
@click.pass_obj
def migrate(app: App, target: Backend, dry_run: bool, remove_old: bool) -> None:
    """Move all passwords to another store and make the site use it.

    Where the server is and how to log in is said by `secrets` in defaults.yml. The old store is
    kept until it is told to go.
    """
    from cc_ansible.site.secrets import migrate as moving

    moved = moving.migrate(app.load_site(), target, dry_run=dry_run, remove_old=remove_old)
    would = "would be " if dry_run else ""
    if moved.copied:
        app.say(f"{moved.count} passwords {would}copied from {moved.source} to {moved.target}.")
    else:
        app.say(f"{moved.count} passwords are in {moved.target}.")
    if moved.switched:
        app.say(f"{moved.switched} {would or 'was '}changed: secrets.backend is {target}.")
    if moved.removed:
        app.say(f"{moved.source} {would or 'was '}removed.")
    elif moved.copied and not dry_run:
        app.say(f"{moved.source} still holds them too. When all is well, remove them there:")
        app.say(f"  cc-ansible passwords migrate --to {target} --remove-old")


@click.command("encrypt_file")
@click.argument("files", nargs=-1, required=True, type=FILES)
@click.pass_obj
def encrypt_file(app: App, files: tuple[Path, ...]) -> None:
    """Encrypt files with the site's vault password."""
    from cc_ansible.site import vault

    site = app.load_site()
    for file in files:
        done = vault.encrypt_file(site, file)
        app.say(f"{file}: {'encrypted' if done else 'was encrypted already'}")


@click.command("decrypt_file")
@click.argument("files", nargs=-1, required=True, type=FILES)
@click.pass_obj
def decrypt_file(app: App, files: tuple[Path, ...]) -> None:
    """Decrypt files with the site's vault password, in place."""
    from cc_ansible.site import vault

    site = app.load_site()
    for file in files:
        done = vault.decrypt_file(site, file)
        app.say(f"{file}: {'decrypted' if done else 'was not encrypted'}")


# Older names of the same commands.
view_passwords = view
edit_passwords = edit


def _tell(app: App, plan: Rotation, command: str, *, done: bool, now: bool) -> None:
    app.say(f"{'New' if done else 'Would get new'} values: {', '.join(plan.names)}.")
    for name, note in plan.notes.items():
        app.say(f"{name}: {note}")
    if not plan.tags:
        app.say("No service that is switched on uses them; there is nothing to deploy.")
        return
    app.say(f"Used by: {', '.join(plan.roles)}.")
    if not now:
        app.say(f"They take effect with:\n  {command}")


def _again(error: SiteInvalid) -> bool:
    """Offer another try at a text that is not valid; without a terminal there is none."""
    if not sys.stdin.isatty():
        return False
    line = f" (line {error.origin.line})" if error.origin else ""
    return click.confirm(f"{error.summary}{line}\nEdit again? If not, nothing is written.", True)
