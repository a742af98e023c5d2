"""cc-ansible init"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cc_ansible.cli.app import App
from cc_ansible.paths import PROJECT
from cc_ansible.site.load import SCENARIOS

if TYPE_CHECKING:
    from cc_ansible.site.discover import Proposal


@click.command()
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@click.option("--scenario", type=click.Choice(SCENARIOS), default="independent", show_default=True)
@click.option("--host", metavar="NAME", help="Inventory name of the control host.")
@click.option("--address", metavar="IP", help="Its address.")
@click.option("--vip", metavar="IP", help="Address on which the services will answer.")
@click.option("--network-interface", metavar="NAME", help="Its interface with an address.")
@click.option("--external-interface", metavar="NAME", help="Its interface for Neutron.")
@click.option("--yes", is_flag=True, help="Take the proposed values without asking.")
@click.pass_obj
def init(
    app: App,
    directory: Path | None,
    scenario: str,
    host: str | None,
    address: str | None,
    vip: str | None,
    network_interface: str | None,
    external_interface: str | None,
    yes: bool,
) -> None:
    """Make a new site config in DIRECTORY, as a git repository.

    Looks at this host's interfaces and proposes values; never overwrites anything.
    """
    from cc_ansible.cli.schema import texts
    from cc_ansible.site import discover
    from cc_ansible.site import init as site_init

    target = directory or Path(app.site_option or PROJECT / "site-config")
    given = {
        "host": host,
        "address": address,
        "vip": vip,
        "network_interface": network_interface,
        "neutron_external_interface": external_interface,
    }
    proposal = discover.propose()
    proposal = replace(proposal, **{key: value for key, value in given.items() if value})
    if sys.stdin.isatty() and not yes:
        proposal = _ask(proposal, given)
    schemas = {f"{site_init.SCHEMAS}/{name}.json": text for name, text in texts().items()}
    site_init.create(target.absolute(), scenario, proposal=proposal, files=schemas)
    app.say(f"""\
Made {target}, a git repository for scenario {scenario}:
  control host         {proposal.host} ({proposal.address})
  network interface    {proposal.network_interface}
  external interface   {proposal.neutron_external_interface}
  services answer on   {proposal.vip}   (check that nobody uses it)

Next:
  1. read {target}/defaults.yml and inventory/hosts, and correct what is wrong
  2. keep a copy of {target}/vault_password in a safe place; it is not in git
  3. cc-ansible -s {target} validate""")


def _ask(proposal: Proposal, given: Mapping[str, str | None]) -> Proposal:
    labels = {
        "host": "Inventory name of the control host",
        "address": "Its address",
        "network_interface": "Its interface with that address",
        "neutron_external_interface": "Its interface for Neutron (no address)",
        "vip": "Free address on which the services will answer",
    }
    answers = {
        key: click.prompt(label, default=getattr(proposal, key))
        for key, label in labels.items()
        if not given[key]
    }
    return replace(proposal, **answers)
