"""cc-ansible verify"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cc_ansible.cli import results
from cc_ansible.cli.app import App
from cc_ansible.errors import Exit, UsageError

if TYPE_CHECKING:
    from cc_ansible.site.load import Site
    from cc_ansible.site.subject import Subject
    from cc_ansible.verify.experiment import Options
    from cc_ansible.verify.run import Experiment, Verification

LEVELS = ("quick", "standard", "full")


@click.command("verify")
@click.option("--level", type=click.Choice(LEVELS), default="quick", show_default=True)
@results.OUTPUT
@results.JUNIT
@click.option(
    "--only", multiple=True, metavar="GLOB", help="Only checks with such names, such as 'logs*'."
)
@click.option("--image", metavar="NAME", help="full: the image to deploy.")
@click.option("--flavor", metavar="NAME", help="full: the flavor.  [default: baremetal]")
@click.option("--fake", is_flag=True, help="full: in the lab, a node without hardware.")
@click.option("--node-type", metavar="TYPE", help="full: the kind of node that may be used.")
@click.option("--node", "nodes", multiple=True, metavar="NAME", help="full: a node to use.")
@click.option("--network", metavar="NAME", help="full: floating IPs' network; '' for none.")
@click.option("--login", metavar="USER", help="full: log in by ssh as this user of the image.")
@click.option("--handle/--no-handle", default=None,
              help="full: with --login, also power off and rebuild.")  # fmt: skip
@click.option("--isolation/--no-isolation", default=None,
              help="full: with --login, also a second node: another user's server must not reach "
                   "the first, one of the same user must.")  # fmt: skip
@click.option("--minutes", type=click.FloatRange(1), help="full: how long it may take.")
@click.option("--repeat", type=click.IntRange(1), default=1, help="full: how many experiments.")
@click.option("--keep", is_flag=True, help="full: remove nothing when it fails.")
@click.pass_obj
def verify(
    app: App, /, level: str, output: str, junit: Path | None, only: tuple[str, ...], **chosen: Any
) -> None:
    """See whether the running site is well; nothing on its hosts is changed.

    \b
    quick     containers, queues, database, endpoints, agents, certificates, logs, disks, clocks
    standard  also an image, a network, a stack, a lease, a login, ... made and removed
    full      also a user's experiment: lease, instance, floating IP, and all of it given back

    Exit code 7 when a check fails. docs/verify.md says of each what it means and what to do.
    """
    from cc_ansible.kolla import known
    from cc_ansible.runs.steps import Steps
    from cc_ansible.site.subject import Subject
    from cc_ansible.site.survey import Survey
    from cc_ansible.verify import run
    from cc_ansible.verify.result import Level

    site = app.load_site()
    subject = Subject(Survey(site.path), known)
    experiment = _experiment(site, subject, chosen, only) if level == "full" else None
    if junit:
        results.require_writable(junit)
    with Steps(quiet=output != "text") as steps:
        found = run.verify(site, subject, Level(level), steps, only, experiment)
    if only and not found.results:
        raise UsageError(
            f"no check is called {' or '.join(only)}",
            fix=f"see all of them: cc-ansible verify --level {level}",
        )
    _write(app, site, found, output, junit)
    if found.failed:
        raise click.exceptions.Exit(Exit.VERIFY_FAILED)


def _write(app: App, site: Site, found: Verification, output: str, junit: Path | None) -> None:
    from cc_ansible.verify import junit as xml

    if output == "json":
        app.emit_json(as_json(site.path, found))
    elif output == "junit":
        click.echo(xml.text(site.name, found.results), nl=False)
    else:
        show(app, found)
    if junit:
        results.write(junit, xml.text(site.name, found.results))


def as_json(site: Path, found: Verification) -> dict[str, Any]:
    """A verification as plain data."""
    from cc_ansible.verify import record

    return {
        "site": str(site),
        "level": found.level.value,
        "passed": not found.failed,
        "seconds": round(found.seconds, 3),
        "results": [record.plain(result) for result in found.results],
    }


def show(app: App, found: Verification) -> None:
    """Print the table, every failure with its cause, and how many of each."""
    results.show(app, found.results)
    app.say(f"{found.level}: {results.counts(found.results)} ({found.seconds:.0f} s)")


def _experiment(
    site: Site, subject: Subject, chosen: dict[str, Any], only: tuple[str, ...]
) -> Experiment:
    """The experiment as the command line asks for it; the lab has a machine made for it.

    Raises:
        UsageError: it does not say on what machine, or asks for steps that there are none of.
    """
    from cc_ansible.lab import rehearsal
    from cc_ansible.verify.experiment import Options

    if chosen["fake"] and site.scenario != "lab":
        raise UsageError("--fake is for the lab", fix="name a node with --node-type or --node")
    options = Options(image="")
    if site.scenario == "lab":
        options = rehearsal.options(site.path, fake=chosen["fake"])
    words = {
        "image": chosen["image"],
        "flavor": chosen["flavor"],
        "node_type": chosen["node_type"],
        "items": chosen["nodes"],
        "external_network": chosen["network"],
        "login": chosen["login"],
        "handle": chosen["handle"],
        "isolation": chosen["isolation"],
        "limit": chosen["minutes"] and chosen["minutes"] * 60,
        "repetitions": chosen["repeat"],
        "keep": chosen["keep"],
    }
    given = {name: value for name, value in words.items() if value not in (None, ())}
    if {"node_type", "items"} & set(given):
        given["fake"] = None
    wanted = replace(options, **given)
    if chosen["isolation"] and not wanted.isolates:
        raise UsageError(
            "--isolation needs a login to servers on two nodes",
            fix="name the user with --login, and --node-type or another --node",
        )
    found = _of(wanted)
    for glob in only:
        if glob.lower().startswith("experiment") and not found.wanted([glob]):
            names = "\n".join(found.names)
            raise UsageError(f"no result of the experiment is called {glob}", detail=names)
    if found.wanted(only) and subject.values.enabled("enable_blazar") is not False:
        _require_machine(wanted)
    return found


def _of(options: Options) -> Experiment:
    from cc_ansible.verify import experiment, run

    return run.Experiment(
        lambda cloud, tell: experiment.run(cloud, options, tell),
        experiment.names_of(options),
        experiment.leftovers,
    )


def _require_machine(options: Options) -> None:
    """See that an experiment knows what to deploy, and on what.

    Raises:
        UsageError: it does not.
    """
    if options.image and (options.fake or options.node_type or options.items):
        return
    raise UsageError(
        "level full deploys an image on a machine of the site",
        fix="name the image with --image, and what may be used with --node-type or --node",
    )
