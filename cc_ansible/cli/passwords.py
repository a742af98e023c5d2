"""cc-ansible view_passwords, edit_passwords, encrypt_file, decrypt_file"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cc_ansible.cli.app import App
from cc_ansible.errors import SiteInvalid

FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("view_passwords")
@click.pass_obj
def view_passwords(app: App) -> None:
    """Show the site's passwords, decrypted."""
    from cc_ansible.site import vault

    site = app.load_site()
    click.echo(vault.view(site, site.passwords_file), nl=False)


@click.command("edit_passwords")
@click.pass_obj
def edit_passwords(app: App) -> None:
    """Edit the site's passwords in $EDITOR; blank values are generated.

    The plain text is kept in memory only.
    """
    from cc_ansible.site import passwords

    changed = passwords.edit(app.load_site(), _again)
    app.say("Saved, encrypted." if changed else "Nothing changed.")


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


def _again(error: SiteInvalid) -> bool:
    """Offer another try at a text that is not valid; without a terminal there is none."""
    if not sys.stdin.isatty():
        return False
    line = f" (line {error.origin.line})" if error.origin else ""
    return click.confirm(f"{error.summary}{line}\nEdit again? If not, nothing is written.", True)
