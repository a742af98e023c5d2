"""cc-ansible appliance test and pipeline"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cc_ansible.cli import appliances as shared
from cc_ansible.cli import results
from cc_ansible.cli.app import App
from cc_ansible.errors import Exit

if TYPE_CHECKING:
    from cc_ansible.appliances.checks.runner import Tested
    from cc_ansible.appliances.store import Store
    from cc_ansible.appliances.testing import Candidate, How


@click.command()
@shared.NAMES
@shared.ARCH
@click.option("--container", is_flag=True, help="Boot in systemd-nspawn: faster, sees less.")
@click.option("--uefi", is_flag=True, help="Boot with UEFI where the machine also has a BIOS.")
@click.option("--memory", type=click.IntRange(256), metavar="MIB", help="Memory of the machine.")
@click.option("--patience", type=click.FloatRange(0, min_open=True), default=1.0, show_default=True,
              metavar="FACTOR", help="Wait this many times as long for everything.")  # fmt: skip
@results.OUTPUT
@results.JUNIT
@click.pass_obj
def test(
    app: App,
    /,
    names: tuple[str, ...],
    arches: tuple[str, ...],
    output: str,
    junit: Path | None,
    **how: Any,
) -> None:
    """Boot what was built, all when none is named, and ask what definitions ask of it.

    Machines are emulated where this one has no KVM for them. Images are never written to.

    Exit code 7 when a check fails; docs/appliances.md says of each what it means.
    """
    from cc_ansible.appliances import testing
    from cc_ansible.appliances.store import Store

    if junit:
        results.require_writable(junit)
    store = Store()
    chosen = testing.candidates(shared.catalogue_of(app), store, names, arches)
    found = _test(chosen, testing.How(**how), store, output)
    _tell(app, found, output, junit)


@click.command()
@shared.NAMES
@shared.ARCH
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, show_default=True,
              help="How many to build side by side.")  # fmt: skip
@click.option("--publish", "publishing", is_flag=True, help="Give the site what passed.")
@results.JUNIT
@click.pass_context
def pipeline(
    ctx: click.Context,
    names: tuple[str, ...],
    arches: tuple[str, ...],
    jobs: int,
    publishing: bool,
    junit: Path | None,
) -> None:
    """Build what changed, and test what was not tested yet: all that a CI job has to call.

    Definitions are checked first. Ends at the first stage in which something fails.
    """
    from cc_ansible.appliances import building, testing
    from cc_ansible.appliances.store import Store
    from cc_ansible.cli.publish import publish

    app: App = ctx.obj
    if junit:
        results.require_writable(junit)
    if publishing:
        shared.site_of(app)
    catalogue, store = shared.catalogue_of(app), Store()
    asked = building.Asked(names, arches, jobs=jobs)
    shared.tell_built(app, building.build(catalogue, building.plans(catalogue, asked), asked))
    known = testing.candidates(catalogue, store, names, arches)
    chosen = [each for each in known if each.built.tested != "passed"]
    _tell(app, _test(chosen, testing.How(), store, "text"), "text", junit)
    if publishing:
        ctx.invoke(publish, names=names, arches=arches)


def _test(chosen: Sequence[Candidate], how: How, store: Store, output: str) -> list[Tested]:
    from cc_ansible.appliances import testing
    from cc_ansible.runs.steps import Steps

    found: list[Tested] = []
    with Steps(quiet=output != "text") as steps:
        for each in chosen:
            with steps.step(each.wanted.title) as step:
                found.append(testing.test(each, how, store, step.update))
    return found


def _tell(app: App, found: Sequence[Tested], output: str, junit: Path | None) -> None:
    from cc_ansible.appliances.checks import junit as xml
    from cc_ansible.appliances.checks import runner

    text = xml.text({each.title: each.results for each in found})
    if output == "json":
        app.emit_json([runner.plain(each) for each in found])
    elif output == "junit":
        click.echo(text, nl=False)
    else:
        for each in found:
            results.show(app, each.results)
            counts = results.counts(each.results)
            app.say(f"{each.title}: {counts} ({each.how or 'not booted'}, {each.seconds:.0f} s)")
    if junit:
        results.write(junit, text)
    if any(each.failed for each in found):
        raise click.exceptions.Exit(Exit.VERIFY_FAILED)
