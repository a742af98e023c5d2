"""From an old site to the files of the new one, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cc_ansible.site import layers, load, yamlfile
from cc_ansible.site.knowledge import Knowledge
from cc_ansible.site.legacy import (
    environ,
    extras,
    groups,
    hidden,
    hosts,
    overrides,
    own,
    passwords,
    scenario,
    variables,
)
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.legacy.old import Old
from cc_ansible.site.legacy.report import Report
from cc_ansible.site.names import is_secret

DEFAULTS = "defaults.yml"
OWN = "site_variables"


@dataclass
class Draft:
    """The new site: ``files`` by their path below it, ``private`` those only the owner may read,
    ``ignored`` those that git must not see, and ``passwords`` in plain text."""

    report: Report
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    private: set[str] = field(default_factory=set)
    ignored: set[str] = field(default_factory=set)
    executable: set[str] = field(default_factory=set)
    passwords: dict[str, Any] = field(default_factory=dict, repr=False)

    def text(self, name: str, content: str) -> None:
        """Add a text file."""
        self.files[name] = content.encode()


def make(old: Old, new: Path, known: Knowledge, project: Path, chosen: str | None) -> Draft:
    """Decide about everything in an old site.

    :param chosen: the scenario, when the caller knows better.
    :raises SiteInvalid: when a file turns out not to be what it seems.
    """
    name, why = scenario.detect(old.settings)
    report = Report(old.path, new, chosen or name)
    if chosen is None:
        report.translated(DEFAULTS, load.SCENARIO_VARIABLE, name, why)
    draft = Draft(report)
    context = Context(
        known=known,
        report=report,
        keys=old.keys,
        scenario=report.scenario,
        base=_project_layers(project, report.scenario),
        federated=scenario.is_federated(old.settings),
        settings=old.settings,
        old_passwords=frozenset(old.passwords),
        idle=groups.idle(known.groups(), old.inventory),
    )
    context.mentioned = known.mentioned(own.candidates(old, context))
    context.own |= own.find(old, context)
    _globals(context, old)
    _defaults(context, draft, old)
    hosts.take(context, draft, old)
    taken = overrides.Overrides(context, project)
    taken.take(old.path / overrides.DIRECTORY)
    for path, content in taken.files.items():
        draft.files[f"{overrides.DIRECTORY}/{path}"] = content
    _environment(context, draft, old)
    extras.take(context, draft, old)
    draft.passwords = passwords.make(context, old)
    return draft


def _project_layers(project: Path, name: str) -> dict[str, Any]:
    files = [file for file in load.project_files(project, name) if file.exists()]
    merged = layers.merge_layers([yamlfile.load_mapping(file) for file in files])
    return {key: value.value for key, value in merged.items()}


def _defaults(context: Context, draft: Draft, old: Old) -> None:
    """defaults.yml and globals.d, with what was never said and what the site declares."""
    texts: dict[str, str] = {}
    for name in old.texts:
        if name in old.encrypted and name.startswith("globals.d/"):
            # A layer must be readable; its variables are secrets, then.
            context.passwords |= old.documents[name].value
            context.report.translated(name, name, "passwords.yml", "It was encrypted as a whole.")
        elif name == DEFAULTS or name.startswith("globals.d/"):
            file = old.path / name
            text = variables.rewrite(context, old.texts[name], file, name, shared=True)
            target = name if file.suffix == ".yml" else f"{name.removesuffix('.yaml')}.yml"
            texts[target] = hidden.encrypted_again(context, text, file, name)
    certificate = (old.path / "certificates" / "haproxy.pem").is_file()
    opening = scenario.opening(context, old.settings)
    closing = scenario.closing(context, old.settings, certificate=certificate)
    if context.own:
        names = sorted(context.own)
        closing += "\n# Variables that this site made up itself.\n" + yamlfile.dump({OWN: names})
    texts[DEFAULTS] = _framed(opening, texts[DEFAULTS], closing)
    for name, text in texts.items():
        draft.text(name, text)


def _framed(opening: str, text: str, closing: str) -> str:
    """The text between its first and its last lines; ``{}`` of an empty file goes."""
    body = text.strip("\n")
    head, mark, rest = body.partition("---\n") if body.startswith("---\n") else ("", "---\n", body)
    rest = "" if rest.strip() in ("{}", "---", "null") else rest
    parts = [part.strip("\n") for part in (opening, rest, closing)]
    return f"{head}{mark}" + "\n\n".join(part for part in parts if part) + "\n"


def _globals(context: Context, old: Old) -> None:
    """globals.yml had no effect: each key is offered, none is applied."""
    document = old.documents.get("globals.yml")
    for name, value in document.value.items() if document else ():
        line = document.origin(name).line if document else None
        place = f"globals.yml:{line}"
        if name in old.settings and old.settings[name] == value:
            context.report.dropped(place, name, f"{DEFAULTS} says the same.")
        elif gone := context.gone(name):
            why = f"It had no effect. {gone.why}"
            context.report.dropped(place, name, why)
        else:
            beside = f"; {DEFAULTS} says otherwise" if name in old.settings else ""
            unread = "" if context.knows(name) else " Nothing in this release reads it."
            why = f"globals.yml had no effect{beside}. Add the line to {DEFAULTS} if it is meant."
            context.report.decide(place, name, why + unread, _shown(name, value))


def _shown(name: str, value: Any) -> str:
    if is_secret(name) or isinstance(value, dict | list | yamlfile.Tagged):
        return ""
    return yamlfile.dump({name: value}).strip()


def _environment(context: Context, draft: Draft, old: Old) -> None:
    """``.env`` as data: what only a shell understands, and secrets, are left to the admin."""
    report = context.report
    values: dict[str, str] = {}
    for number, name in old.environment.refused:
        what = name or "a command"
        why = "Only a shell understands this line, and none runs it. Write the value itself."
        report.decide(f".env:{number}", what, why)
    for name, value in old.environment.values.items():
        if name == load.VAULT_VARIABLE:
            if context.keys.own:
                why = "The new site has a vault password of its own."
                report.dropped(".env", name, why)
                continue
            value = context.keys.place
        elif is_secret(name) or overrides.has_credentials(value):
            why = "It looks like a secret and was not copied. Add it to .env if runs need it."
            report.decide(".env", name, why)
            continue
        values[name] = value
        if name in old.environment.expanded:
            report.translated(".env", name, f"{name} with the value that it referred to")
        else:
            report.kept(".env", name)
    if values:
        draft.text(".env", environ.written(values))
        draft.private.add(".env")
