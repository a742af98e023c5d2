"""cc-ansible lab"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cc_ansible.cli import hardware
from cc_ansible.cli.app import App
from cc_ansible.cli.machine import machine
from cc_ansible.errors import CcError, UsageError, VerifyFailed

if TYPE_CHECKING:
    from cc_ansible.lab.spec import Lab
    from cc_ansible.lab.up import Up

# How long services that were just started may take to answer.
SETTLE_SECONDS = 180
STEPS = (
    "prerequisites",
    "base-image",
    "lab-images",
    "network",
    "registry",
    "nodes",
    "init",
    "machines",
    "switch",
    "build",
    "push",
    "appliances",
    "deploy",
    "hardware",
    "verify",
)


@click.group()
def lab() -> None:
    """A whole site in containers on this machine: try anything, break nothing."""


lab.add_command(machine)


@lab.command()
@click.option("--controllers", type=int, help="Control nodes: 1 (default), 3 or 5.")
@click.option("--subnet", metavar="CIDR", help="Network of the lab.  [default: 10.20.30.0/24]")
@click.option("--machines", type=int, metavar="N",
              help="Bare-metal machines.  [default: up to 2, as memory allows]")  # fmt: skip
@click.option("--step", "only", type=click.Choice(STEPS), help="Do only this step.")
@click.pass_obj
def up(
    app: App, controllers: int | None, subnet: str | None, machines: int | None, only: str | None
) -> None:
    """Bring the lab up: from nothing, from where it stopped, or just make sure.

    Installs Docker when there is none, builds what is missing, deploys, verifies, and says how
    to use the result. Can be run again at any time; only what is missing is done.
    """
    from cc_ansible.lab.up import Up

    work = Up(_shape(controllers, subnet, machines), {})
    with work.alone(app.say):
        _up(app, work, only)


def _up(app: App, work: Up, only: str | None) -> None:
    from cc_ansible.runs.progress import Steps

    started = time.monotonic()
    spent: list[tuple[str, float]] = []
    with Steps() as steps:
        for step in work.steps():
            if only not in (None, step.name):
                continue
            begin = time.monotonic()
            with steps.step(step.title) as line:
                done = step.run(line.update)
                if done is None:
                    line.skip("nothing to do")
                else:
                    line.update(done)
            spent.append((step.title, time.monotonic() - begin))
    for name, title, run in _phases(app, work):
        if only in (None, name):
            begin = time.monotonic()
            run()
            spent.append((title, time.monotonic() - begin))
    if only in (None, "verify"):
        _verify(app, work.lab)
    if only is None:
        _welcome(app, work.lab, time.monotonic() - started, spent)


def _phases(app: App, work: Up) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """What shows its progress itself: its name, its title, and what does it."""

    def deploy() -> None:
        if not work.deploy():
            app.say("– Deploy: the site is as its config says")

    def enrol() -> None:
        hardware.conclude(app, work.enrol(app.say), "text")

    if work.lab.machines:
        yield "appliances", "Appliances", work.appliances
    yield "deploy", "Deploy", deploy
    if work.lab.machines:
        yield "hardware", "Hardware", enrol


def _shape(controllers: int | None, subnet: str | None, machines: int | None) -> Lab:
    """The lab asked for; an existing one keeps its shape, but for the number of machines."""
    from cc_ansible.lab import spec

    there = spec.load()
    known = there or spec.Lab()
    controllers = controllers or known.controllers
    if machines is None:
        machines = there.machines if there else spec.room_for_machines(controllers)
    wanted = spec.Lab(controllers, subnet or known.subnet, machines=machines)
    if there and replace(wanted, machines=known.machines) != known and known.site.exists():
        raise UsageError(
            f"there is a lab already, with {known.controllers} controllers on {known.subnet}",
            fix="run 'cc-ansible lab destroy' first, or leave the options out",
        )
    if there and machines < known.machines and known.site.exists():
        raise UsageError(
            f"the lab has {known.machines} machines; more can be added, but none removed",
            fix="leave --machines out, or run 'cc-ansible lab destroy' first",
        )
    return wanted


def _existing() -> Lab:
    from cc_ansible.lab import spec

    if (known := spec.load()) is None:
        raise CcError("there is no lab on this machine", fix="run 'cc-ansible lab up'")
    return known


def _verify(app: App, lab: Lab) -> None:
    from cc_ansible.cli.verify import show
    from cc_ansible.kolla import known
    from cc_ansible.runs.steps import Steps
    from cc_ansible.site.load import load
    from cc_ansible.site.subject import Subject
    from cc_ansible.site.survey import Survey
    from cc_ansible.verify import run
    from cc_ansible.verify.judge import logs
    from cc_ansible.verify.result import Level, Status

    site, subject = load(lab.site), Subject(Survey(lab.site), known)

    def ask() -> run.Verification:
        with Steps(quiet=True) as steps:
            return run.verify(site, subject, Level.QUICK, steps)

    found = run.until_passed(ask, SETTLE_SECONDS)
    # Services that wait for each other write errors while a site starts; they say nothing of now.
    failed = [result for result in found.failed if not result.name.startswith(logs.NAME)]
    if failed:
        show(app, found)
        raise VerifyFailed(
            f"{len(failed)} of {len(found.results)} checks failed",
            fix="mend what is said above, then run 'cc-ansible lab up' again",
        )
    app.say(f"Verified: {found.count(Status.PASSED)} checks passed.")


def _welcome(app: App, lab: Lab, seconds: float, spent: list[tuple[str, float]]) -> None:
    from cc_ansible.paths import site_state_dir

    credentials = site_state_dir(lab.site) / "credentials"
    longest = sorted(spent, key=lambda pair: -pair[1])[:4]
    where = ", ".join(f"{name} {_duration(took)}" for name, took in longest if took >= 1)
    app.say(f"""
The lab is up ({_duration(seconds)}{f": {where}" if where else ""}).

  Dashboard    http://{lab.vip}/   user admin, password: cc-ansible -s {lab.site} view_passwords
  Credentials  . {credentials}/admin-openrc.sh
               or OS_CLIENT_CONFIG_FILE={credentials}/clouds.yaml
  Site config  {lab.site}

Next:
  cc-ansible lab status            what runs where
  cc-ansible lab ssh node1         log in to a node
  cc-ansible lab machine list      its bare metal
  cc-ansible -s {lab.site} verify --level full
  cc-ansible -s {lab.site} reconfigure --tags nova
  cc-ansible lab down              stop it, keep its data""")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


@lab.command()
@click.option("--output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def status(app: App, output: str) -> None:
    """Show nodes, machines, containers and addresses."""
    from cc_ansible.engine import docker
    from cc_ansible.lab import status as lab_status

    known = _existing()
    state = lab_status.of(docker.client(), known)
    if output == "json":
        app.emit_json(state)
        return
    app.say(f"{state['lab']}  {state['subnet']}  VIP {state['vip']}  registry {state['registry']}")
    for node in state["nodes"]:
        app.say(_node_line(node))
    for each in state["machines"]:
        app.say(f"  {each['name']}  {each['bmc']}  {each['power']}")


def _node_line(node: dict[str, Any]) -> str:
    line = f"  {node['name']}  {node['address']}  {node['state']}"
    if node["state"] == "running":
        line += f"  {node['running']} containers run  {node['memory_mib']} MiB"
    for word in ("stopped", "unhealthy"):
        if node[word]:
            line += f"  {word}: {', '.join(node[word])}"
    return line


@lab.command(context_settings={"ignore_unknown_options": True})
@click.argument("node")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def ssh(node: str, command: tuple[str, ...]) -> None:
    """Log in to a node, or run a command there."""
    from cc_ansible.lab import nodes

    known = _existing()
    found = next((entry for entry in known.nodes if entry.name == node), None)
    if found is None:
        names = ", ".join(entry.name for entry in known.nodes)
        raise UsageError(f"the lab has no node {node}", fix=f"its nodes are: {names}")
    sys.exit(nodes.login(known, found, command))


@lab.command()
@click.pass_obj
def down(app: App) -> None:
    """Stop the lab and keep its data; `lab up` continues where it was."""
    from cc_ansible.engine import docker
    from cc_ansible.lab import down as lab_down

    known = _existing()
    stopped = lab_down.stop(docker.client(), known, app.say)
    app.say(f"{len(stopped)} containers stopped." if stopped else "Nothing was running.")


@lab.command()
@click.option("--images", is_flag=True, help="Also remove images and sources made for it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def destroy(app: App, images: bool, yes: bool) -> None:
    """Remove the lab and everything in it."""
    from cc_ansible.engine import docker
    from cc_ansible.lab import down as lab_down
    from cc_ansible.lab import spec

    known = spec.load() or spec.Lab()
    if not yes:
        click.confirm("Remove the lab, its databases and its site config?", abort=True)
    lab_down.destroy(docker.client(), known, app.say, with_images=images)
    app.say("The lab is gone.")
