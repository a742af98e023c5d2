"""cc-ansible explain"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cc_ansible.cli.app import App
from cc_ansible.errors import Origin

if TYPE_CHECKING:
    from cc_ansible.site.explain import Explanation, Setting
    from cc_ansible.site.subject import Subject

ROLES_SHOWN = 8
WIDTH = 60


@click.command("explain")
@click.argument("key", required=False)
@click.option("--host", metavar="HOST", help="As this host sees it.")
@click.option("--changed", is_flag=True, help="List what the site changes against the project.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def explain(app: App, key: str | None, host: str | None, changed: bool, output: str) -> None:
    """Show a variable's value, where it comes from, what it overrides and who reads it.

    Secrets are masked.
    """
    if bool(key) == changed or (changed and host):
        raise click.UsageError("give the name of one variable, or --changed")
    from cc_ansible.kolla import known
    from cc_ansible.site import explain as explaining
    from cc_ansible.site.subject import Subject
    from cc_ansible.site.survey import Survey

    subject = Subject(Survey(app.site_path()), known)
    if key:
        found = explaining.explain(subject, key, host)
        if output == "json":
            app.emit_json(_as_json(found))
        else:
            _show(app, subject, found)
        return
    differences = explaining.changed(subject)
    if output == "json":
        app.emit_json([_setting(each, "name") for each in differences])
    else:
        _list(app, subject, differences)


def _as_json(found: Explanation) -> dict[str, Any]:
    return {
        "name": found.name,
        "value": found.value,
        "evaluated": found.evaluated,
        "settings": [_setting(each) for each in found.settings],
        "elsewhere": [_setting(each) for each in found.elsewhere],
        "roles": found.roles,
    }


def _setting(setting: Setting, label: str = "layer") -> dict[str, Any]:
    origin = setting.origin
    return {
        label: setting.layer,
        "value": setting.value,
        "file": str(origin.file),
        "line": origin.line,
    }


def _show(app: App, subject: Subject, found: Explanation) -> None:
    if found.settings:
        app.say(f"{found.name}: {_text(found.value)}")
        if not found.evaluated:
            app.say("  evaluated on the hosts during a run")
        first, *rest = found.settings
        app.say(f"  set by     {first.layer}, {_at(subject, first.origin)}")
        for each in rest:
            app.say(f"  overrides  {each.layer}, {_at(subject, each.origin)}: {_line(each.value)}")
    else:
        app.say(f"{found.name}: not set for all hosts")
        if found.name in subject.known.passwords():
            app.say("  a secret: see `cc-ansible passwords`")
    for each in found.elsewhere:
        app.say(f"  but        {each.layer}, {_at(subject, each.origin)}: {_line(each.value)}")
    if found.roles:
        more = len(found.roles) - ROLES_SHOWN
        shown = ", ".join(found.roles[:ROLES_SHOWN]) + (f" and {more} more" if more > 0 else "")
        app.say(f"  read by    {shown}")


def _list(app: App, subject: Subject, settings: list[Setting]) -> None:
    if not settings:
        app.say("The site changes nothing.")
        return
    width = max(len(each.layer) for each in settings)
    for each in settings:
        place = _at(subject, each.origin)
        app.say(f"{each.layer:<{width}}  {_line(each.value):<{WIDTH}}  {place}")


def _text(value: Any) -> str:
    """A value in YAML: on one line, or as a block below its name."""
    if not isinstance(value, dict | list) or not value:
        return _line(value)
    from cc_ansible.site import yamlfile

    block = yamlfile.dump(value).rstrip("\n")
    return "\n" + "\n".join(f"    {line}" for line in block.splitlines())


def _line(value: Any) -> str:
    import json

    text = value if isinstance(value, str) and value else json.dumps(value, default=str)
    first, _, more = text.partition("\n")
    short = first if len(first) <= WIDTH else first[: WIDTH - 1] + "…"
    return f"{short} …" if more else short


def _at(subject: Subject, origin: Origin) -> str:
    """A place, short where it lies in the site, the project or the virtual environment."""
    from cc_ansible.kolla import release

    bases = (subject.survey.path, release.KOLLA_ANSIBLE_DATA / "ansible", subject.survey.project)
    for base in bases:
        if origin.file.is_relative_to(base):
            return str(Origin(Path(origin.file.relative_to(base)), origin.line))
    return str(Origin(origin.file, origin.line))
