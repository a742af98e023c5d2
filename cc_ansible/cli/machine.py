"""cc-ansible lab machine"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cc_ansible.cli import columns
from cc_ansible.cli.app import App
from cc_ansible.errors import CcError, UsageError

if TYPE_CHECKING:
    from cc_ansible.lab.spec import Lab, Machine


def _complete(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    from cc_ansible.lab import spec

    known = spec.load()
    return [each.name for each in known.metal if each.name.startswith(begun)] if known else []


NAME = click.argument("name", metavar="NAME", shell_complete=_complete)


@click.group()
def machine() -> None:
    """The lab's bare metal: look at it, and be its data centre's hands."""


@machine.command("list")
@click.option("--output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def list_(app: App, output: str) -> None:
    """Show every machine: whether it is on, and the VLAN that its switch port is on."""
    from cc_ansible.engine import docker
    from cc_ansible.lab import hands

    rows = hands.seen(docker.client(), _lab())
    if output == "json":
        app.emit_json([row.as_json() for row in rows])
        return
    cells = [(each.name, each.power, str(each.vlan or "-"), each.bmc, each.mac) for each in rows]
    columns.table(app, [("NAME", "POWER", "VLAN", "CONTROLLER", "MAC"), *cells])


@machine.command()
@NAME
@click.option("--log", is_flag=True, help="Print what it said so far instead.")
@click.pass_obj
def console(app: App, name: str, log: bool) -> None:
    """Attach to the serial console; Ctrl-] leaves it."""
    from cc_ansible.engine import docker
    from cc_ansible.lab import hands

    found = _named(name)
    if log:
        app.say(hands.said(docker.client(), found))
        return
    sys.exit(hands.attach(found))


@machine.command()
@NAME
@click.argument("wanted", type=click.Choice(["on", "off", "reset"]), metavar="on|off|reset")
@click.pass_obj
def power(app: App, name: str, wanted: str) -> None:
    """Switch it by hand: off is as if the cable was pulled."""
    from cc_ansible.engine import docker
    from cc_ansible.lab import hands

    app.say(f"{name} is {hands.switch(docker.client(), _named(name), wanted)}.")


@machine.command()
@NAME
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.pass_obj
def screen(app: App, name: str, file: Path | None) -> None:
    """Write what its screen shows to FILE, a PNG.  [default: NAME.png]"""
    from cc_ansible.engine import docker
    from cc_ansible.lab import hands

    target = file or Path(f"{name}.png")
    target.write_bytes(hands.screen(docker.client(), _named(name)))
    app.say(f"{target} shows the screen of {name}.")


def _lab() -> Lab:
    from cc_ansible.lab import spec

    if (known := spec.load()) is None:
        raise CcError("there is no lab on this machine", fix="run 'cc-ansible lab up'")
    return known


def _named(name: str) -> Machine:
    known = _lab()
    for each in known.metal:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in known.metal)
    raise UsageError(
        f"the lab has no machine {name}",
        fix=f"its machines are: {names}" if names else "run 'cc-ansible lab up --machines 1'",
    )
