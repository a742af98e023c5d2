"""`appliance new`: a definition, an element and a pipeline to begin with."""

from __future__ import annotations

import shutil
from pathlib import Path

from cc_ansible.errors import UsageError
from cc_ansible.kolla import known
from cc_ansible.paths import PROJECT

TEMPLATE = PROJECT / "appliance.example"
PLACEHOLDER = "NAME"
IMAGES = Path("images")


def create(name: str, target: Path, *, whole: bool) -> list[Path]:
    """Write the files of a new appliance into a directory, and return them.

    ``whole`` also what makes the directory a project of its own, when it is no site config.

    :raises UsageError: it cannot be called so, or one of the files exists; nothing was written.
    """
    _require_name(name)
    files = [path.relative_to(TEMPLATE) for path in sorted(TEMPLATE.rglob("*")) if path.is_file()]
    if not whole:
        files = [file for file in files if file.parts[0] == str(IMAGES)]
    made = {file: target / str(file).replace(PLACEHOLDER, name) for file in files}
    for path in made.values():
        if path.exists():
            raise UsageError(
                f"{path} exists already.", fix="Choose another name; nothing was written."
            )
    for file, path in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((TEMPLATE / file).read_text().replace(PLACEHOLDER, name))
        shutil.copymode(TEMPLATE / file, path)
    return list(made.values())


def _require_name(name: str) -> None:
    from pydantic import TypeAdapter, ValidationError

    from cc_ansible.site.model.forms import Name

    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError as problem:
        raise UsageError(
            f"No appliance can be called {name}: {problem.errors()[0]['msg']}.",
            fix="Use lower-case letters, digits and hyphens.",
        ) from None
    if name in known.elements():
        raise UsageError(
            f"There is an element {name} already.", fix="Choose another name, such as my-stack."
        )
