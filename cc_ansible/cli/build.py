"""cc-ansible build"""

from __future__ import annotations

import click

from cc_ansible.cli.app import App


@click.command()
@click.argument("images", nargs=-1, metavar="[IMAGE]...")
@click.option("--list", "listing", is_flag=True, help="Only show which images the site needs.")
@click.option("--push", is_flag=True, help="Push them to the site's docker_registry afterwards.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def build(app: App, images: tuple[str, ...], listing: bool, push: bool, output: str) -> None:
    """Build the container images that the site's enabled services need.

    An image is built again only when something that goes into it changed. Name images to
    build just those.
    """
    from cc_ansible.kolla import site_images

    site = app.load_site()
    if listing:
        names = site_images.needed(site)
        app.emit_json(names) if output == "json" else app.say("\n".join(names))
        return
    from cc_ansible.engine import docker
    from cc_ansible.kolla import validity
    from cc_ansible.runs.progress import Steps

    validity.require(site.path)
    with Steps(output=output) as steps:
        engine = docker.client()
        with steps.step("Kolla images") as line:
            job, built = site_images.build(site, engine, line.update, only=images)
            if built:
                line.update(f"{len(built)} built of {len(job.names)}")
            else:
                line.skip(f"all {len(job.names)} are up to date")
        if push:
            with steps.step("Push to the registry") as line:
                sent = site_images.push(site, job, line.update)
                line.update(f"{len(sent)} pushed") if sent else line.skip("it has them all")
