"""cc-ansible schema"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from cc_ansible.cli.app import App

NAMES = ("defaults", "hardware", "images")


@click.command("schema")
@click.argument("name", required=False, type=click.Choice(NAMES), metavar="[NAME]")
@click.option(
    "--output-dir",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write every schema into this directory.",
)
@click.pass_obj
def schema(app: App, name: str | None, output_dir: Path | None) -> None:
    """Print the JSON Schema of a kind of file, for completion and checks in editors.

    NAME is defaults, hardware or images. Without NAME: what there is.
    """
    from cc_ansible.kolla import known
    from cc_ansible.site.model.schema import SCHEMAS

    if output_dir:
        output_dir.mkdir(parents=True, exist_ok=True)
        for each, text in texts().items():
            if name in (None, each):
                (output_dir / f"{each}.json").write_text(text)
        _tell(app, output_dir)
    elif name:
        click.echo(_text(SCHEMAS[name][1](known)), nl=False)
    else:
        _tell(app, None)


def texts() -> dict[str, str]:
    """Every schema as JSON, by its name."""
    from cc_ansible.kolla import known
    from cc_ansible.site.model.schema import SCHEMAS

    return {name: _text(make(known)) for name, (_, make) in SCHEMAS.items()}


def _tell(app: App, directory: Path | None) -> None:
    from cc_ansible.site.model.schema import SCHEMAS

    for name, (files, _) in SCHEMAS.items():
        where = directory / f"{name}.json" if directory else f"cc-ansible schema {name}"
        app.say(f"{files:<50} {where}")
    home = directory.absolute() if directory else "DIR"
    app.say(f"""
Editors with yaml-language-server look for the schema in the first line of a file:
  # yaml-language-server: $schema={home}/hardware.json
Tell them of Ansible's tags in their settings:
  yaml.customTags: ["!vault scalar", "!unsafe scalar", "!replace sequence", "!replace mapping"]""")


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
